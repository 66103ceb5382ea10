"""A run that a crash left behind, kept as it is: its text, or what its parts found, as a partial answer."""

import asyncio

from core.deep.board import Board
from core.deep.doors import Doors
from core.deep.outcome import ended
from core.deep.stage import Stage
from core.deep.status import RunState, StageKind
from core.events import StageState
from core.metrics.times import Stopwatch
from core.store.conversations import Ending
from core.store.deep_journal import INTERRUPTED, StoredDeepRun


async def keep_left(stored: StoredDeepRun, doors: Doors) -> None:
    """Make an answer of what came, and the run over. Raises `HouseError`."""
    board = Board(doors.clock, "", Stopwatch(doors.clock))
    for record in stored.stages:
        stage = Stage(record.id, StageKind(record.kind), record.title)
        stage.take_over(record)
        stage.state = StageState(record.state)
        board.stages.append(stage)
    if not board.of(StageKind.WRITE):
        board.stages.append(Stage("write", StageKind.WRITE, "write"))
    outcome = ended(board, INTERRUPTED)
    text, thinking = outcome.text, board.write.thinking
    total_ms = stored.elapsed_s * 1000 or None
    ending = Ending(outcome.answer, text, thinking, outcome.reason, total_ms=total_ms)
    current = doors.conversations.turn(stored.turn).current
    is_better = current is None or current.id == stored.answer
    await asyncio.wrap_future(doors.conversations.end(stored.answer, ending, is_better, if_last=True))
    await asyncio.wrap_future(doors.journal.set_state(stored.id, RunState.PARTIAL.value))
