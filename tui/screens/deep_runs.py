"""Tells the deep runs: their text into their turns, how they stand into the panel, their end to who waits."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.timer import Timer

from core.amounts import clock_text
from core.deep.status import RunState, RunStatus
from core.events import (
    Noted,
    Routed,
    TextDelta,
    TextRestarted,
    TurnCancelled,
    TurnEvent,
    TurnFailed,
    TurnFinished,
    TurnStarted,
)
from core.messages import AnswerState
from core.sanitise import clean_line
from tui.deep_ways import notice_text, rest_text, trouble_text
from tui.docket import Docket
from tui.labels import deep_label
from tui.run_wording import ended_elsewhere, sends_text, spent_text, status_text, summary
from tui.screens.deep_stage import RunStage
from tui.transcript.view import AnswerKey
from tui.widgets.deep_panel import DeepPanel

if TYPE_CHECKING:  # a run brings all that deep calls need, which the panel's first frame does not
    from core.deep.run import Run

LOOKS_A_SECOND = 4
_LISTED = 20
"""Runs that are over and still listed."""
ESCAPES_WITHIN_S = 2.0
NO_RUN = "no deep run is under way; ctrl+t begins one"

_ENDED = {
    RunState.COMPLETE: AnswerState.COMPLETE,
    RunState.PARTIAL: AnswerState.PARTIAL,
    RunState.FAILED: AnswerState.FAILED,
    RunState.DROPPED: AnswerState.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the answer of a run is shown.

    Attributes:
        docket: of the conversation; another one is on the screen when it is not the screen's any more.
        key: of the turn.
        is_alone: no fast answer is made there; the turn is the run's own.
    """

    docket: Docket
    key: int
    is_alone: bool = False


@dataclass(slots=True)
class Watched:
    """A run and where its answer is told."""

    run: "Run"
    place: Place
    answer: AnswerKey
    routed: Routed | None = None
    is_over: bool = False


class RunBoard:
    """The runs of this screen, one of them open in the panel."""

    def __init__(self, stage: RunStage, panel: DeepPanel, clock: Callable[[], float]) -> None:
        self._stage = stage
        self._panel = panel
        self._clock = clock
        self._watched: dict[int, Watched] = {}
        self._open = 0
        self._timer: Timer | None = None
        self._ended: Watched | None = None
        self._failed: Watched | None = None

    # What runs

    def add(self, run: "Run", place: Place) -> None:
        """A run has begun: its answer comes beside what its turn has, and the panel opens."""
        over = [key for key, each in self._watched.items() if each.is_over and each is not self._ended]
        for key in over[: max(0, len(over) - _LISTED + 1)]:
            del self._watched[key]
        key = max(self._watched, default=0) + 1
        self._watched[key] = Watched(run, place, self._begin_answer(run.status(), place))
        self._open = key
        self._failed = None
        self._panel.shape = "open"
        self._stage.say("deep")
        self._stage.watch_run(run, key)
        self.look()
        self._stage.place_panel()
        if self._timer is None:
            self._timer = self._stage.every(1 / LOOKS_A_SECOND, self.look)

    def _begin_answer(self, status: RunStatus, place: Place) -> AnswerKey:
        if not self._is_shown(place):
            return place.key
        answer = self._stage.transcript.begin_answer(place.key, beside=not place.is_alone)
        self._stage.transcript.label(answer, f"deep · {status.model} · begins")
        return answer

    def _is_shown(self, place: Place) -> bool:
        return place.docket is self._stage.docket

    def _is_elsewhere(self, watched: Watched) -> bool:
        """Whether its conversation is not the one on the screen."""
        of = watched.place.docket.conversation
        return not self._is_shown(watched.place) and (of is None or of != self._stage.docket.conversation)

    def shown_again(self) -> None:
        """A stored conversation is on the screen: a run that goes on in it tells its answer there."""
        docket = self._stage.docket
        for key, watched in list(self._watched.items()):
            turn = watched.run.status().turn
            is_here = watched.place.docket.conversation == docket.conversation
            if watched.is_over or watched.place.docket is docket or not is_here:
                continue
            del self._watched[key]
            place = Place(docket, docket.key_of(turn))
            again = max((*self._watched, key)) + 1
            answer = self._begin_answer(watched.run.status(), place)
            self._watched[again] = Watched(watched.run, place, answer)
            self._open = again if self._open == key else self._open
            self._stage.watch_run(watched.run, again)

    def forget(self) -> None:
        """Another engine is asked from now on."""
        self._watched.clear()
        self._ended = self._failed = None
        self._stop_looking()
        self._panel.shape = "hidden"
        self._stage.status.deep = self._stage.status.sends = ""

    @property
    def current(self) -> RunStatus | None:
        """How the open run stands."""
        watched = self._watched.get(self._open)
        return watched.run.status() if watched else None

    @property
    def elsewhere(self) -> tuple[int, int] | None:
        """Conversation and turn of the open run, where another conversation is on the screen than that."""
        watched = self._watched.get(self._open)
        if watched is None or not self._is_elsewhere(watched):
            return None
        conversation, turn = watched.place.docket.conversation, watched.run.status().turn
        return (conversation, turn) if conversation is not None and turn else None

    @property
    def open_run(self) -> "Run | None":
        """The run that the panel shows."""
        watched = self._watched.get(self._open)
        return watched.run if watched else None

    def statuses(self) -> dict[int, RunStatus]:
        """How every run stands, by the board's own number for it."""
        return {key: each.run.status() for key, each in self._watched.items()}

    def under_way(self) -> int:
        """How many are not over."""
        return sum(not each.state.is_over for each in self.statuses().values())

    def open(self, key: int) -> None:
        """The panel shows this run."""
        self._open = key
        self.look()

    def open_next(self) -> None:
        """The panel shows the next run."""
        keys = list(self._watched)
        self.open(keys[(keys.index(self._open) + 1) % len(keys)])

    @property
    def failed(self) -> Watched | None:
        """The last run, where it failed, if only in part, and nothing was asked in depth since."""
        return self._failed

    @property
    def unchosen(self) -> Watched | None:
        """The last one that ended behind other turns, and is not its turn's answer."""
        return self._ended

    def chosen(self) -> None:
        """It is now."""
        watched, self._ended = self._ended, None
        if watched is not None and self._is_shown(watched.place):
            self._stage.transcript.choose(watched.answer)
            self._stage.transcript.label(watched.answer, self._label(watched, watched.run.status()))

    def of_turn(self, turn: int) -> int:
        """The run that is thinking this turn through now; 0 when none is."""
        return next(
            (key for key, one in self._watched.items() if not one.is_over and one.run.status().turn == turn),
            0,
        )

    def is_alone_in(self, turn: int) -> bool:
        """Whether a run makes the only answer of this turn."""
        watched = self._watched.get(self.of_turn(turn))
        return watched is not None and watched.place.is_alone

    # What happens in them

    def take(self, key: int, event: TurnEvent) -> None:
        """Show one event of a run."""
        watched = self._watched.get(key)
        if watched is None or watched.is_over:
            return
        transcript, is_shown = self._stage.transcript, self._is_shown(watched.place)
        match event:
            case TextDelta(text) if is_shown:
                transcript.append(watched.answer, text)
            case TextRestarted(reason) if is_shown:
                transcript.begin_answer(watched.answer)
                transcript.label(watched.answer, f"deep · begins again: {clean_line(reason)}")
            case Routed():
                watched.routed = event
                if is_shown:
                    transcript.label(watched.answer, deep_label(event.route, event.model, event.place, None))
            case TurnStarted(conversation, turn, _):
                watched.place.docket.became(watched.place.key, conversation, turn)
            case Noted(text) if is_shown:
                transcript.note(watched.answer, text, "note")
            case TurnFinished() | TurnFailed() | TurnCancelled():
                self._end(watched, event)

    def _end(self, watched: Watched, event: TurnEvent) -> None:
        watched.is_over = True
        status = watched.run.status()
        is_hidden = self._panel.shape == "hidden"
        if self._is_shown(watched.place):
            self._show_ended(watched, status, event)
        told = ended_elsewhere(status) if self._is_elsewhere(watched) else summary(status)
        if is_hidden:
            self._stage.tell(told, is_warning=status.state is RunState.FAILED)
        self._stage.call_person(told)
        if status.error is not None and status.state in (RunState.FAILED, RunState.PARTIAL):
            self._failed = watched
            self._stage.say("deep", notice_text(status))
        if status.state is RunState.DROPPED and self.open_run is watched.run and not is_hidden:
            self._turn_from_dropped()
            return
        self.look()
        is_seen = self._watched.get(self._open) is watched and self._panel.shape == "open"
        if is_seen and not self._panel.has_focus:
            self.set_shape("row")

    def _turn_from_dropped(self) -> None:
        """Nobody wants to look at what was thrown away: another run that goes on is shown, else nothing."""
        going = self.meant(is_quiet=True)
        if going is None:
            self.set_shape("hidden")
        else:
            self.open(next(key for key, each in self._watched.items() if each is going))

    def _show_ended(self, watched: Watched, status: RunStatus, event: TurnEvent) -> None:
        transcript, answer = self._stage.transcript, watched.answer
        if status.state is RunState.DROPPED:
            transcript.begin_answer(answer)
        is_last = watched.place.docket.is_last(watched.place.key)
        has_text = bool(transcript.answer_text(answer).strip())
        label = self._label(watched, status)
        if has_text and status.state is not RunState.FAILED:
            if is_last:
                transcript.choose(answer)
            else:
                self._ended = watched
                label += " · /choose makes it the turn's answer"
        transcript.label(answer, label)
        transcript.end_answer(answer, _ENDED.get(status.state, AnswerState.CANCELLED))
        if isinstance(event, TurnFailed):
            transcript.note(answer, f"{event.message}\n{rest_text(status)}", "error")
        elif status.error is not None:
            transcript.note(answer, trouble_text(status), "note")

    def _label(self, watched: Watched, status: RunStatus) -> str:
        if status.state is RunState.DROPPED:
            return "deep · dropped"
        cost = spent_text(status.spending)
        if watched.routed is None:
            return " · ".join(filter(None, ("deep", status.model, clock_text(status.elapsed_s), cost)))
        routed = watched.routed
        return deep_label(routed.route, routed.model, routed.place, status.elapsed_s, cost)

    # What is seen of them

    def look(self) -> None:
        """Show how the runs stand; called at most four times a second, and no more when all are over."""
        statuses = {key: each.run.status() for key, each in self._watched.items()}
        status = statuses.get(self._open)
        if status is not None:
            others = [each for key, each in statuses.items() if key != self._open]
            going = [each for each in others if not each.state.is_over][:4]
            self._panel.show(status, going, is_elsewhere=self._is_elsewhere(self._watched[self._open]))
            is_told = self._panel.shape == "hidden" and not status.state.is_over
            self._stage.status.deep = status_text(status) if is_told else ""
        self._stage.status.sends = sends_text(statuses.values())
        if all(each.is_over for each in self._watched.values()):
            self._stop_looking()

    def _stop_looking(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def leave(self) -> None:
        """Another conversation begins: what is over belongs to the one before, what runs is still seen."""
        if self._watched and not self.under_way():
            self._stage.say("deep")
            self.set_shape("hidden")

    def set_shape(self, shape: str) -> None:
        """All of the panel, one row, or nothing."""
        self._panel.shape = "open" if shape == "open" else "row" if shape == "row" else "hidden"
        if shape == "hidden" and self._panel.has_focus:
            self._stage.to_prompt()
        self._stage.place_panel()
        self.look()

    # Which one is meant

    def meant(self, *, is_quiet: bool = False) -> Watched | None:
        """The open run while it is not over, else the newest such; None, and a word why, without one."""
        live = {key: each for key, each in self._watched.items() if not each.run.status().state.is_over}
        if not live and not is_quiet:
            self._stage.tell("the deep run is over" if self._watched else NO_RUN)
        return live.get(self._open) or (live[max(live)] if live else None)

    def planned(self, *, is_quiet: bool = False) -> Watched | None:
        """The open run while its plan waits; None, and a word why, when it does not."""
        watched = self._watched.get(self._open)
        if watched is not None and watched.run.status().state is RunState.PLANNED:
            return watched
        if not is_quiet:
            self._stage.tell("no plan is waiting" if self._watched else NO_RUN)
        return None
