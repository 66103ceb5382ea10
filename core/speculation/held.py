"""What the model's slot is believed to hold, so that only new text is read ahead, and in small slices.

The server keeps the tokens of its last prompt and answer, and reads of the next prompt only what differs. It
does not say how much that was (`prompt_eval_count` counts cached tokens too), so we keep our own account.
"""

from core.messages import Message
from core.providers.base import Request


class Held:
    """An account of the last request's prompt."""

    def take(self, request: Request, answer: str = "") -> None:
        """The server has read this, and said that behind it."""
        raise NotImplementedError

    def forget(self) -> None:
        """Who knows: another program used the server, or the model was unloaded."""
        raise NotImplementedError

    def uncached_tokens(self, request: Request) -> int:
        """About how many tokens of its prompt the server would have to read."""
        raise NotImplementedError

    def next_slice(self, request: Request, most: int) -> tuple[Message, ...]:
        """The messages of a prefix of its prompt that adds at most so many tokens to what is held.

        The last message may be cut, at the end of a word. Equal to the request's own messages when the rest
        fits.
        """
        raise NotImplementedError
