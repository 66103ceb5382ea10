"""Shows one turn's events: text into the transcript, the rest in words under it and in the status line."""

from collections.abc import Callable
from typing import Protocol

from textual.timer import Timer

from core.events import (
    MaybeFound,
    Noted,
    Routed,
    TextDelta,
    ThinkingDelta,
    TurnCancelled,
    TurnEvent,
    TurnFailed,
    TurnFinished,
    TurnStarted,
    UsageReported,
    Waiting,
    WaitReason,
)
from core.messages import AnswerState
from core.metrics.waits import ABANDONED_MS, DELAY_MS
from tui.bridge import Bridge
from tui.docket import Docket
from tui.transcript.view import Transcript
from tui.wait_words import instead_text
from tui.widgets.status import StatusLine
from tui.wording import ANSWERING, footer, pause_text, wait_text

TELL_EVERY_S = 0.5
WAITS_FOR = frozenset({"unreachable", "name_not_found", "proxy", "model_missing"})
"""Failures that a later look at the server may see gone; the question waits for that."""
WAITS_FOR_UNSENT = frozenset({"refused", "timeout", "protocol", "server_error", "cut"})
"""The same, when it was the look before the first question that failed so: nothing was sent yet."""
OF_THE_QUESTION = frozenset({"context_full", "store", "attachment"})
"""Failures that no server mends; while it is missing, any other one waits for it."""
LOOK_AFTER = frozenset({"cut", "timeout", "server_error", "unreachable"})
"""Failures after which the server may not be what it was."""


class Stage(Protocol):
    """What a teller needs of its screen."""

    bridge: Bridge
    docket: Docket
    transcript: Transcript
    status: StatusLine
    is_missing: bool

    @property
    def has_maybe(self) -> bool:
        """Whether a stored answer is on offer."""
        ...

    def way_to(self, act: str) -> str:
        """An act's key, as a person sees it; its command where it has none."""
        ...

    def say(self, slot: str, text: str = "") -> None:
        """A word in the notice row."""
        ...

    def missing(self, turn: int | None) -> bool:
        """The running question could not be sent; whether it waits for what is missing."""
        ...

    def offer(self, key: int, maybe: MaybeFound) -> None:
        """A stored answer may fit the question of a turn."""
        ...

    def show_context(self, tokens: int, window: int) -> None:
        """How full the window is."""
        ...

    def idle(self, routed: Routed | None) -> None:
        """No answer is being made; the last was routed so."""
        ...

    def watch_server(self) -> object:
        """Look at the server again."""
        ...

    def tick(self, every_s: float) -> Timer:
        """A timer that calls the teller's `tell_wait`."""
        ...


class Teller:
    """Tells the running turn; one turn runs at a time."""

    def __init__(self, stage: Stage, clock: Callable[[], float]) -> None:
        self._stage = stage
        self._clock = clock
        self._key = 0
        self._begun = 0.0
        self._heard = 0.0
        self._routed: Routed | None = None
        self._waiting: Waiting | None = None
        self._timer: Timer | None = None
        self._has_text = False
        self._former = ""
        self._labels: dict[int, str] = {}

    def begin(self, key: int) -> None:
        """A question goes out."""
        self._stop_timer()
        self._key, self._begun = key, self._clock()
        self._former = self._stage.transcript.answer_text(key)
        self._routed = self._waiting = None
        self._has_text = False
        self._stage.transcript.begin_answer(key)
        self._stage.transcript.label(key, "")
        self._timer = self._stage.tick(TELL_EVERY_S)

    def tells(self, key: int) -> bool:
        """Whether what is told now is this turn's."""
        return key == self._key

    def leave(self) -> None:
        """The conversation is left: what still comes for its running turn is told no more."""
        self._stop_timer()
        self._key = 0
        self._labels.clear()

    def tell_wait(self) -> None:
        """While nothing comes, say how long and why; past ten seconds also what can be done."""
        waited_ms = (self._clock() - (self._heard if self._has_text else self._begun)) * 1000
        reason, usual = (self._waiting.reason, self._waiting.usual_ms) if self._waiting else (None, None)
        if self._has_text:
            if waited_ms < DELAY_MS:
                return
            usual = None  # that was said of the first word
            self._stage.status.state = pause_text(waited_ms)
        else:
            self._stage.status.state = wait_text(reason, waited_ms, usual)
        if waited_ms >= ABANDONED_MS:
            # In a row of its own: at 80 columns the reason and what can be done do not fit in one.
            instead, has_maybe = self._stage.bridge.instead(waited_ms, usual), self._stage.has_maybe
            self._stage.say("instead", instead_text(instead, self._stage.way_to("deep"), has_maybe=has_maybe))

    def take(self, key: int, event: TurnEvent) -> bool:
        """Show one event; True when the turn is over and the next may begin."""
        transcript = self._stage.transcript
        if key != self._key:
            # A late word of a conversation that was left; what runs now is another turn.
            return False
        match event:
            case TextDelta(text):
                self._show_text(key, text)
            case ThinkingDelta():
                self._think()
            case Waiting():
                self._waiting = event
                self.tell_wait()
            case Routed():
                self._routed = event
                self._stage.status.model = event.model
                self._stage.status.place = event.place
            case MaybeFound():
                self._stage.offer(key, event)
            case TurnStarted(conversation, turn, _):
                self._stage.docket.started(key, conversation, turn)
            case Noted(text):
                transcript.note(key, text, "note")
            case UsageReported():
                self._stage.show_context(event.input_tokens + event.output_tokens, event.window)
            case TurnFinished():
                self._labels[key] = footer(self._routed, event)
                transcript.label(key, self._labels[key])
                transcript.end_answer(key, AnswerState.COMPLETE)
                if event.reason == "length":
                    transcript.note(key, "cut: the window is full (/window takes a larger one)", "note")
                self._end()
            case TurnFailed():
                return self._fail(key, event)
            case TurnCancelled():
                if self._has_text or not self._show_former(key):
                    transcript.end_answer(key, AnswerState.CANCELLED)
                self._end()
        return isinstance(event, TurnFinished | TurnCancelled)

    def _think(self) -> None:
        """Thoughts come, and still no text."""
        if self._waiting is None or self._waiting.reason is not WaitReason.THINKING:
            self._waiting = Waiting(WaitReason.THINKING, (self._clock() - self._begun) * 1000)
            self.tell_wait()

    def _show_text(self, key: int, text: str) -> None:
        if not self._has_text or self._stage.status.state != ANSWERING:
            self._has_text = True
            self._stage.status.state = ANSWERING
            self._stage.say("instead")
        self._heard = self._clock()
        self._stage.transcript.append(key, text)

    def _fail(self, key: int, event: TurnFailed) -> bool:
        """A failure that may pass lets the question wait; any other is shown with its remedy, and ends it."""
        transcript = self._stage.transcript
        is_known = self._stage.is_missing  # then the notice row says why
        if self._may_wait(event) and self._stage.missing(event.turn):
            self._stop_timer()
            self._show_former(key)
            transcript.label(key, "queued" if is_known else f"queued: {event.message}")
            return False
        if event.is_partial or not self._show_former(key):
            transcript.end_answer(key, AnswerState.PARTIAL if event.is_partial else AnswerState.FAILED)
        transcript.note(key, f"{event.message}\n{event.remedy}", "error")
        self._end()
        if event.kind in LOOK_AFTER:
            self._stage.watch_server()
        return True

    def _may_wait(self, event: TurnFailed) -> bool:
        if event.is_partial:
            return False
        if self._stage.is_missing:
            return event.kind not in OF_THE_QUESTION
        return event.kind in WAITS_FOR or (self._routed is None and event.kind in WAITS_FOR_UNSENT)

    def _show_former(self, key: int) -> bool:
        """Another answer did not come: the one before is still the turn's. False when there was none."""
        if not self._former:
            return False
        transcript = self._stage.transcript
        transcript.begin_answer(key)
        transcript.append(key, self._former)
        transcript.label(key, self._labels.get(key, ""))
        transcript.end_answer(key, AnswerState.COMPLETE)
        return True

    def _end(self) -> None:
        self._stop_timer()
        self._stage.docket.end()
        self._stage.idle(self._routed)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
            self._stage.say("instead")
