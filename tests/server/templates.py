"""How a chat becomes the text a model reads, by its family: where a cached beginning holds, where it breaks.

- *plain*: every message once, the same for ever; an answer that is begun is left open.
- *thinking*: the answer is written behind an empty thought that the history leaves out, so that a cached
  beginning ends at the last answer.
- *closing*: an answer that is begun is closed, and another one asked for.
- *hybrid*: one of these on a model that cannot be cut back to an arbitrary point.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Messages = Sequence[tuple[str, str]]
"""Role and text of each, in order."""

_NO_THOUGHT = "<think>\n\n</think>\n\n"
_OPEN_THOUGHT = "<think>\n"


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model goes on from.

    Attributes:
        shown: as its template has it, or, raw, as it came.
        read: as the model reads it.
        begun: how the answer begins already; what is said goes on behind it.
    """

    shown: str
    read: str
    begun: str


@dataclass(frozen=True, slots=True)
class Template:
    """What a family makes of messages.

    Attributes:
        begins: what its tokenizer puts before every prompt, whoever sends it.
        turn: around a message, with ``{role}`` and ``{text}``.
        opens: before an answer.
        thinks: whether an empty thought stands before each answer while it is written.
        closes: whether an answer that is begun is ended all the same.
        is_hybrid: whether the model can only go back to checkpoints.
    """

    begins: str = ""
    turn: str = "<|im_start|>{role}\n{text}<|im_end|>\n"
    opens: str = "<|im_start|>assistant\n"
    thinks: bool = False
    closes: bool = False
    is_hybrid: bool = False

    def render(self, messages: Messages, is_thinking: bool = False) -> str:
        """The prompt of a chat, as far as where the model goes on.

        Args:
            is_thinking: the model was asked to think before this answer.
        """
        begun = begun_answer(messages) if not self.closes else ""
        history = messages[:-1] if begun else messages
        parts = [self.turn.format(role=role, text=text) for role, text in history]
        thought = (_OPEN_THOUGHT if is_thinking and not begun else _NO_THOUGHT) if self.thinks else ""
        return "".join((self.begins, *parts, self.opens, thought, begun))

    def of_chat(self, messages: Messages, is_thinking: bool) -> Prompt:
        """The prompt of a chat."""
        text = self.render(messages, is_thinking)
        return Prompt(text, text, "" if self.closes else begun_answer(messages))

    def of_raw(self, text: str) -> Prompt:
        """A prompt that is sent as it stands; the tokenizer begins it all the same."""
        return Prompt(text, self.begins + text, self.begun_in(text))

    def begun_in(self, text: str) -> str:
        """How the answer begins already in a prompt that is sent as it stands."""
        _, opened, tail = text.rpartition(self.opens)
        return tail.removeprefix(_NO_THOUGHT).removeprefix(_OPEN_THOUGHT) if opened else ""


_CHATML = Template()
_GEMMA = Template(turn="<start_of_turn>{role}\n{text}<end_of_turn>\n", opens="<start_of_turn>assistant\n")
_MISTRAL = Template(turn="[{role}]{text}[/{role}]\n", opens="[assistant]", closes=True)
_FAMILIES: Mapping[str, Template] = {
    "plain": _CHATML,
    "thinking": Template(thinks=True),
    "closing": Template(closes=True),
    "hybrid": Template(is_hybrid=True),
    "gemma": _GEMMA,
    "mistral": _MISTRAL,
    "qwen35": Template(thinks=True, is_hybrid=True),
    "qwen3next": Template(thinks=True, is_hybrid=True),
    "qwen3": Template(thinks=True),
    "lfm2": Template(begins="<|startoftext|>", is_hybrid=True),
}


def template_of(family: str) -> Template:
    """The template of a family, by the longest beginning of its name that is known; plain for any other."""
    known = [name for name in _FAMILIES if family.startswith(name)]
    return _FAMILIES[max(known, key=len)] if known else _CHATML


def begun_answer(messages: Messages) -> str:
    """The text of an assistant's message that comes last; empty when there is none."""
    return messages[-1][1] if messages and messages[-1][0] == "assistant" else ""


def rest_of(pieces: Sequence[str], begun: str) -> tuple[str, ...]:
    """What is still to say of a reply that is begun with its own words; all of it behind any other."""
    left = begun
    for place, piece in enumerate(pieces):
        if not left:
            return tuple(pieces[place:])
        if len(piece) > len(left) and piece.startswith(left):
            return (piece[len(left) :], *pieces[place + 1 :])
        if not left.startswith(piece):
            return tuple(pieces)
        left = left.removeprefix(piece)
    return tuple(pieces) if left else ()
