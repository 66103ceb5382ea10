"""Walking through earlier questions with up and down; what was being typed waits at the near end."""

from collections.abc import Callable, Sequence


class Recall:
    """A walk that begins with the first step up and ends when something is sent."""

    def __init__(self, earlier: Callable[[], Sequence[str]]) -> None:
        self._read_earlier = earlier
        self._earlier: Sequence[str] = ()
        self._at = -1
        self._draft = ""

    def step(self, by: int, typed: str) -> str | None:
        """The text after one step (1 earlier, -1 later); None when there is nowhere to go.

        Args:
            typed: what stands in the prompt; it is the draft when the walk begins.
        """
        if self._at < 0:
            if by < 0:
                return None
            self._draft, self._earlier = typed, self._read_earlier()
        at = max(-1, min(self._at + by, len(self._earlier) - 1))
        if at == self._at:
            return None
        self._at = at
        return self._earlier[at] if at >= 0 else self._draft

    @property
    def is_at_draft(self) -> bool:
        """Whether what stands in the prompt is what was being typed."""
        return self._at < 0

    def end(self) -> None:
        """Something was sent: the next walk begins anew."""
        self._at = -1
