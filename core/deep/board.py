"""Where one run stands, for all who have to do with it: its stages, its hints, its state."""

from collections.abc import Callable
from dataclasses import dataclass, field

from core.deep.pulse import Pulse
from core.deep.stage import Stage
from core.deep.status import RunState, StageKind
from core.errors import HouseError
from core.events import StageReported, StageState
from core.metrics.times import Stopwatch

NOTHING_TO_CHECK = "nothing to check"


@dataclass(slots=True)
class Hint:
    """What the person added.

    Attributes:
        stage: at which it went along first; empty while it waits for one.
    """

    text: str
    stage: str = ""


@dataclass(slots=True)
class Board:
    """A run at this moment.

    Attributes:
        place: where the model really runs, as far as the connection has shown.
        goes_on_at: when a plan goes on by itself; None where it waits for the person.
        stopwatch: takes the answer's times, as its reader has them.
        differs: how the answer compares with the draft.
        kept: what there is of a run that ended without being whole.
        may_resume: what is finished of it need not be paid for again.
    """

    clock: Callable[[], float]
    place: str
    stopwatch: Stopwatch
    stages: list[Stage] = field(default_factory=list)
    state: RunState = RunState.RUNNING
    pulse: Pulse = field(default_factory=Pulse)
    hints: list[Hint] = field(default_factory=list)
    goes_on_at: float | None = None
    error: HouseError | None = None
    differs: str = ""
    kept: str = ""
    may_resume: bool = False

    def of(self, kind: StageKind) -> list[Stage]:
        """The stages of a kind."""
        return [stage for stage in self.stages if stage.kind is kind]

    @property
    def write(self) -> Stage:
        """The stage that writes the answer."""
        return self.of(StageKind.WRITE)[0]

    def add_parts(self, parts: list[Stage]) -> None:
        """What a plan found, before the answer is written."""
        at = self.stages.index(self.write)
        self.stages[at:at] = parts

    def report(self, stage: Stage) -> StageReported:
        """A stage as an event."""
        elapsed = stage.elapsed_s(self.clock()) or 0.0
        p50 = stage.usual.p50_s if stage.usual else None
        return StageReported(
            stage.id,
            stage.title,
            self.stages.index(stage) + 1,
            len(self.stages),
            stage.state,
            elapsed * 1000,
            None if p50 is None else p50 * 1000,
            stage.usd,
            _looked_at(stage) if stage.kind is StageKind.CHECK else stage.note,
        )

    @property
    def findings(self) -> list[tuple[str, str]]:
        """Title and text of each part that has any."""
        return [
            (each.title if each.state is StageState.FINISHED else f"{each.title} (incomplete)", each.text)
            for each in self.of(StageKind.PART)
            if each.text
        ]

    @property
    def missing(self) -> list[str]:
        """Titles of the parts of which nothing came."""
        failed = StageState.FAILED
        return [each.title for each in self.of(StageKind.PART) if each.state is failed and not each.text]


def _looked_at(check: Stage) -> str:
    """Each thing that was looked at; of nothing to check, nothing is said where there is no panel."""
    return "" if check.note == NOTHING_TO_CHECK else " · ".join(check.finding.splitlines())
