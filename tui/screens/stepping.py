"""The screen that says when the model keeps people waiting; steps down, or measures all that are here."""

from typing import TYPE_CHECKING

from core.sanitise import clean_line
from tui.amounts import seconds_text
from tui.screens.ahead import AheadScreen

if TYPE_CHECKING:  # the first frame needs no engine
    from core.engine.stepping import Smaller


class SteppingScreen(AheadScreen):
    """Tells of a slow model once, and only offers."""

    def turn_moved(self) -> None:
        """An answer may have been late once too often; what is said of it goes with the next question."""
        super().turn_moved()
        self.say("slow")
        # It is told once: not while a question waits that would take it off the screen unread.
        is_quiet = self.docket.running is None and not self.docket.waiting()
        if is_quiet and (smaller := self.bridge.step_due()) is not None:
            self._offer_step(smaller)

    def _offer_step(self, smaller: "Smaller") -> None:
        slow = clean_line(self.status.model) or "the model"
        here = "" if smaller.ttft_ms is None else f" ({seconds_text(smaller.ttft_ms)} here)"
        taken = f"{self.way_to('step_down')} takes {clean_line(smaller.name)}{here}"
        self.say("slow", f"{slow}: over 1 s three times running · {taken}")

    def action_tune(self) -> None:
        """Measure the models that are here, and take the one that gives most."""
        if not self.bridge.is_open:
            self.tell("leadline is still starting; once more in a moment")
            return
        from tui.screens.tune import TuneScreen

        self.app.push_screen(TuneScreen(self.bridge, self.bridge.failure_cost_s), self._tuned)

    def _tuned(self, told: str | None) -> None:
        """What came of it; another model answers now, perhaps."""
        if told:
            self.tell(told)
            self.watch_server()  # what the notice row says of the model may be of another one now
        if (ready := self.bridge.model_in_use()) is not None:
            self.status.model = ready.model

    def action_step_down(self) -> None:
        """Take the quicker model, as if it had been chosen from the list."""
        self.say("slow")
        smaller = self.bridge.smaller()
        if smaller is None:
            self.tell("no quicker model is known here; /tune measures those that are, F2 shows them")
            return
        before = self.bridge.model_in_use()
        self.command_model(smaller.name)
        if before is not None:
            self.tell(f"back: /model {before.model}")
