"""What is being typed is read by the model meanwhile, and sent when it has been still for a moment.

Typing takes 11-14 s, far longer than any prefill (study: median of real follow-ups), so at Enter only the
last word is left to read.
"""

from core.messages import Question
from core.providers.base import Request
from core.speculation.ports import Adopted

APART_S = 0.25
"""Between two prefills at least."""
STILL_S = 0.25
"""A text that has not changed for so long may be whole."""


class TypingAhead:
    """Follows the text in the prompt."""

    def typed(self, question: Question) -> None:
        """The text has changed; an empty one ends all of it. Unsent text is never stored or logged."""
        raise NotImplementedError

    def adopt(self, request: Request) -> Adopted | None:
        """Enter: the request that was sent ahead, when it is this very one.

        Otherwise what runs is left to finish if it reads a beginning of this request, else closed.
        """
        raise NotImplementedError

    def end(self) -> None:
        """Nothing is typed any more."""
        raise NotImplementedError
