"""What the model's slot is believed to hold, so that only new text is read ahead, and in small slices.

The server keeps the tokens of its last prompt and answer, and reads of the next prompt only what differs. It
does not say how much that was (`prompt_eval_count` counts cached tokens too), so we keep our own account.
"""

from core.alike import common_length
from core.messages import Message, Role
from core.providers.base import Request

BYTES_PER_TOKEN = 4
TEMPLATE_TOKENS = 5
"""Around each message."""
END_TOKENS = 14
"""Behind the last message; the server reads them with every prompt."""
ANSWERED_TOKENS = 10
"""Kept free where a slice ends in an answer, as something is sent behind it then."""


class Held:
    """An account of the last request's prompt.

    Attributes:
        loses_answers: the next prompt has the model's answer otherwise than it was said (a thinking model's),
            so that it is read again.
    """

    def __init__(self) -> None:
        self.loses_answers = True
        self._of: tuple[object, ...] = ()
        self._messages: tuple[Message, ...] = ()
        self._is_empty = False

    def take(self, request: Request, answer: str = "") -> None:
        """The server has read this, and said that behind it."""
        if not request.messages:
            return
        said = (Message(Role.ASSISTANT, answer),) if answer and not self.loses_answers else ()
        self._of, self._messages = _kind(request), (*request.messages, *said)
        self._is_empty = False

    def take_partly(self, request: Request) -> None:
        """The server has begun to read this; what it held beyond the common beginning is gone."""
        if not request.messages:
            return
        was_known = self.knows(request)
        whole, common = self._common(request)
        rest = request.messages[whole : whole + 1]
        part = (Message(rest[0].role, rest[0].text[:common]),) if rest and common else ()
        self._of, self._messages = _kind(request), (*request.messages[:whole], *part)
        self._is_empty = was_known and not self._messages

    def forget(self) -> None:
        """Who knows: another program used the server, or the model was unloaded."""
        self._of, self._messages, self._is_empty = (), (), False

    def empty(self) -> None:
        """The model was loaded just now: nothing is held, so that nothing can be lost."""
        self._of, self._messages, self._is_empty = (), (), True

    def knows(self, request: Request) -> bool:
        """Whether it is known what a request's slot holds, and not only that nothing was told of it."""
        return self._is_empty or (bool(self._messages) and self._of == _kind(request))

    def may_lose(self, request: Request, most: int) -> bool:
        """Whether reading so much of it may cost more than it gives: a slot may be warm from before.

        The server keeps the common beginning only, so that a slice of a conversation that it holds whole
        would cut it back to that slice.
        """
        has_history = any(message.role is Role.ASSISTANT for message in request.messages)
        return has_history and not self.knows(request) and self.uncached_tokens(request) > most

    def uncached_tokens(self, request: Request) -> int:
        """About how many tokens of its prompt the server would have to read."""
        return END_TOKENS + self.fresh_tokens(request)

    def fresh_tokens(self, request: Request) -> int:
        """The same without what is read with every prompt: 0 when nothing is left to be read ahead."""
        whole, common = self._common(request)
        return sum(
            _tokens(message.text[common if at == 0 else 0 :], is_begun=at == 0 and self._has_begun(whole))
            for at, message in enumerate(request.messages[whole:])
        )

    def next_slice(self, request: Request, most: int) -> tuple[Message, ...]:
        """The messages of a prefix of its prompt that adds at most so many tokens to what is held.

        The last message may be cut, at the end of a word. Equal to the request's own messages when the rest
        fits.
        """
        whole, common = self._common(request)
        room = max(most - END_TOKENS, 1)
        sliced = list(request.messages[:whole])
        for at, message in enumerate(request.messages[whole:]):
            start = common if at == 0 else 0
            tokens = _tokens(message.text[start:], is_begun=at == 0 and self._has_begun(whole))
            if tokens > room:
                if message.role is Role.ASSISTANT:
                    room -= ANSWERED_TOKENS
                if room > TEMPLATE_TOKENS or len(sliced) == whole:
                    sliced.append(Message(message.role, _cut(message.text, start, max(room, 1))))
                break
            sliced.append(message)
            room -= tokens
        return tuple(sliced)

    def _has_begun(self, at: int) -> bool:
        """Whether a message of this number, or the beginning of one, is held."""
        return len(self._messages) > at

    def _common(self, request: Request) -> tuple[int, int]:
        """How many of its messages are held whole, and how many characters of the next one."""
        if self._of != _kind(request):
            return 0, 0
        whole = 0
        for held, message in zip(self._messages, request.messages, strict=False):
            if held is not message and held != message:
                if held.role is not message.role:
                    return whole, 0
                return whole, common_length(held.text, message.text)
            whole += 1
        return whole, 0


def _kind(request: Request) -> tuple[object, ...]:
    return (request.model, request.profile, request.think)


def _tokens(text: str, *, is_begun: bool) -> int:
    size = len(text.encode("utf-8", "replace"))
    return -(-size // BYTES_PER_TOKEN) + (0 if is_begun else TEMPLATE_TOKENS)


def _cut(text: str, start: int, tokens: int) -> str:
    """A text's beginning, so many tokens beyond `start`, to the end of a word where there is one."""
    room = tokens * BYTES_PER_TOKEN
    piece = text[start : start + room].encode("utf-8", "replace")[:room].decode("utf-8", "ignore")
    end = start + max(len(piece), 1)
    if end < len(text) and not text[end].isspace():
        space = max(text.rfind(" ", start, end), text.rfind("\n", start, end))
        if space > start:
            end = space
    return text[:end].rstrip() if text[start:end].strip() else text[:end]
