"""The bridge to what is learnt of answers by what is done with them; silent while no engine is open."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # all of it comes behind the first paint
    from core.deep.run import Run
    from core.engine.engine import Engine


class Judging:
    """Everything the screen tells of answers; nothing waits for it.

    Args:
        engine: the open one; None while there is none.
    """

    def __init__(self, engine: "Callable[[], Engine | None]") -> None:
        self._engine = engine

    def copied(self, turn: int) -> None:
        """Something of a turn's answer was copied, or written to a file."""
        if (engine := self._engine()) is not None:
            engine.judging.copied(turn)

    def escalated(self, turn: int, run: "Run") -> None:
        """The person had an answer, and asks for depth on the same question."""
        if (engine := self._engine()) is not None:
            engine.judging.escalated(turn, run)

    def blocked(self, answer: int, blocked_ms: float) -> None:
        """A deep run was waited for so long, and nothing else was done."""
        if (engine := self._engine()) is not None:
            engine.judging.blocked(answer, blocked_ms)
