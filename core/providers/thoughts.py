"""Thinking that stands inside the answer, between ``<think>`` and ``</think>``, told from the answer."""

from core.events import TextDelta, ThinkingDelta

_OPEN, _CLOSE = "<think>", "</think>"
_MOST_HELD = 1_000
"""Of space before an answer begins; what never begins would fill the memory."""


class ThoughtSplitter:
    """Splits text as it comes; only an answer that *begins* with the mark has thoughts inside.

    A mark further on is something the answer talks about.
    """

    def __init__(self) -> None:
        self._held = ""
        self._is_decided = False
        self._is_thinking = False
        self._trims = False

    def feed(self, text: str) -> list[TextDelta | ThinkingDelta]:
        """Take a piece of text; what is certain of it comes back."""
        self._held += text
        if not self._is_decided and not self._decide():
            return []
        if not self._is_thinking:
            return self._rest()
        end = self._held.find(_CLOSE)
        if end < 0:
            keep = _overlap(self._held, _CLOSE)
            thought, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
            return [ThinkingDelta(thought)] if thought else []
        thought, self._held = self._held[:end], self._held[end + len(_CLOSE) :]
        self._is_thinking, self._trims = False, True
        return [*([ThinkingDelta(thought)] if thought else []), *self._rest()]

    def finish(self) -> list[TextDelta | ThinkingDelta]:
        """What was held back when the end came."""
        held, self._held = self._held, ""
        if not held:
            return []
        return [ThinkingDelta(held) if self._is_thinking else TextDelta(held)]

    def _decide(self) -> bool:
        begun = self._held.lstrip()
        if begun.startswith(_OPEN):
            self._held, self._is_thinking = begun[len(_OPEN) :], True
        elif _OPEN.startswith(begun) and len(self._held) <= _MOST_HELD:  # also when there is only space yet
            return False
        self._is_decided = True
        return True

    def _rest(self) -> list[TextDelta | ThinkingDelta]:
        text, self._held = self._held, ""
        if self._trims:
            text = text.lstrip()
            self._trims = not text
        return [TextDelta(text)] if text else []


def _overlap(text: str, mark: str) -> int:
    """How many characters at the end of a text may be the beginning of the mark."""
    return next((size for size in range(len(mark) - 1, 0, -1) if text.endswith(mark[:size])), 0)
