"""What a run has come to: whole, in part, or nothing; and what is kept of it in each case."""

from typing import NamedTuple

from core.deep.answer_blocks import closing_fence, rounded
from core.deep.board import Board
from core.deep.calling import CallEnd
from core.deep.status import RunState
from core.errors import HouseError
from core.messages import AnswerState
from core.providers.deep.calls import Reason
from core.store.deep_journal import INTERRUPTED

ENDED = "ended"
"""The reason of an answer that the person ended, and kept."""
BUG = "bug"
_CUT = "The answer was cut here. What its parts found:"


class BrokenRun(HouseError):
    """We ourselves broke it."""

    kind = BUG


class Wordless(HouseError):
    """The model ended its answer without a word."""

    kind = "empty"


class Outcome(NamedTuple):
    """How a run ended.

    Attributes:
        added: text of the answer that was not streamed: findings that no synthesis took up.
        reason: as the store keeps it.
    """

    state: RunState
    answer: AnswerState
    text: str
    added: str
    reason: str
    error: HouseError | None = None


def whole_or_not(board: Board, end: CallEnd, error: HouseError | None) -> Outcome:
    """Of a run that came to its end by itself, or by an error."""
    written = board.write.text
    error = error or end.error
    if written and end.reason is not None and (error is None or end.reason is Reason.LENGTH):
        reason = "stop" if error is None else Reason.LENGTH.value
        return Outcome(RunState.COMPLETE, AnswerState.COMPLETE, written, "", reason, error)
    if error is None:
        error = Wordless("the model ended its answer without a word", "Ask again, or take another model.")
    added = _added(board)
    if written or added:
        return Outcome(RunState.PARTIAL, AnswerState.PARTIAL, written + added, added, error.kind, error)
    return Outcome(RunState.FAILED, AnswerState.FAILED, "", "", error.kind, error)


def ended(board: Board, reason: str) -> Outcome:
    """Of a run that was ended before its time: everything that came."""
    added = _added(board)
    text = board.write.text + added
    if not text and reason == INTERRUPTED:  # as after a crash; nobody has said that it was enough
        return Outcome(RunState.PARTIAL, AnswerState.FAILED, "", "", reason)
    return Outcome(
        RunState.PARTIAL, AnswerState.PARTIAL if text else AnswerState.CANCELLED, text, added, reason
    )


def kept(board: Board, outcome: Outcome, *, has_answer: bool) -> str:
    """What a person has of a run that is not whole; empty when it is.

    Args:
        has_answer: the turn has another answer.
    """
    if outcome.state is RunState.COMPLETE and outcome.error is None:
        return ""
    parts = len(board.findings) if outcome.added else 0
    found = f"what {parts} part{'s' if parts > 1 else ''} found" if parts else ""
    written = "what was written" if board.write.text else ""
    if written and found:
        return f"{written} and {found} are kept"
    if written or found:
        return f"{written or found} is kept"
    return f"nothing came of it; {'the answer before it stands' if has_answer else 'the question is kept'}"


def explained(error: BaseException) -> HouseError:
    """What went wrong, as a person can be told; what is none of theirs is a bug of ours, and said to be."""
    if isinstance(error, HouseError):
        return error
    said = f"leadline broke the run: {type(error).__name__}"
    return BrokenRun(said, "This is a bug of leadline; please report it. What came is kept.")


def _added(board: Board) -> str:
    """The findings, each under its title, where no whole synthesis stands for them."""
    findings = "\n\n".join(f"## {title}\n\n{rounded(text.strip())}" for title, text in board.findings)
    if not findings:
        return ""
    written = board.write.text
    fence = closing_fence(written)
    between = f"\n{fence}" if fence else ""
    return f"{between}\n\n---\n\n{_CUT}\n\n{findings}" if written else findings
