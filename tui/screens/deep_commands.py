"""The screen's commands for depth: one action a row of `tui.keys`."""

from typing import TYPE_CHECKING

from tui.screens.deep import STARTING, DeepScreen, preset_of
from tui.screens.sending import Typed

if TYPE_CHECKING:
    from tui.widgets.arming import ArmingRow
    from tui.widgets.deep_panel import DeepPanel


class DeepCommandsScreen(DeepScreen):
    """What the person can do with depth, each a thin call to who does it."""

    def on_deep_panel_acted(self, message: "DeepPanel.Acted") -> None:
        """A key of the panel's."""
        message.stop()
        match message.action:
            case "run_read":
                self.depth.acts.read(message.key)
            case "run_strike":
                self.depth.acts.strike(message.key)
            case "run_up" | "run_down":
                self.depth.acts.consider()
            case action:
                getattr(self, f"action_{action}")()

    def on_arming_row_agreed(self) -> None:
        """Enter on the row: it goes."""
        self.depth.deepener.go(is_key=True)

    def on_arming_row_struck(self, message: "ArmingRow.Struck") -> None:
        """A digit, or a click on an item."""
        self.depth.deepener.strike(message.number)

    # Actions

    def action_deep(self) -> None:
        """What is typed, else the last question, thought through."""
        self._go_deeper_typed("")

    def command_deep(self, argument: str) -> None:
        """``/deep why …`` asks in depth; alone the last question, ``/deep local`` on this machine."""
        self._go_deeper(argument, "", is_typed_command=True)

    def action_deeper(self) -> None:
        """The same in parts."""
        self._go_deeper_typed("deeper")

    def command_deeper(self, argument: str) -> None:
        """``/deeper why …`` asks in parts; alone the last question."""
        self._go_deeper(argument, "deeper", is_typed_command=True)

    def _go_deeper_typed(self, preset: str) -> None:
        # Behind the keys that are on their way to the prompt: this one overtakes them where they come in a
        # burst, and would take the last question in the place of the one that is being typed.
        self.prompt.call_later(lambda: self._go_deeper(self.prompt.text.strip(), preset))

    def _go_deeper(self, text: str, preset: str, *, is_typed_command: bool = False) -> None:
        if not self.bridge.is_open:
            self.tell(STARTING)
            return
        preset = preset or self.bridge.usual_preset
        if not (is_typed_command and text == "local"):
            self.depth.left.take_offer()
        if is_typed_command and text == "local":
            self.depth.left.withdraw_offer()
            self._deepen(self.depth.deepener.here(preset_of(preset)))
        elif text:
            pasted = () if is_typed_command else self.prompt.pasted
            typed = Typed(text if is_typed_command else self.prompt.text, pasted, preset=preset)
            if not is_typed_command:
                self.prompt.put("")
                self.text_taken()
            self.sender.send(typed)
        else:
            self._deepen(self.depth.deepener.last(preset_of(preset)))

    def action_go(self) -> None:
        """Send what is shown, else go on with the plan."""
        if not self.depth.deepener.go() and not self.depth.acts.go_on():
            self.tell("nothing waits for your word here")

    def action_cancel(self) -> None:
        """Send nothing of what is shown."""
        if not self.depth.deepener.cancel():
            self.tell("nothing is waiting to be sent")

    def command_strike(self, argument: str) -> None:
        """``/strike 2``: an item of what is shown, else a part of the plan."""
        number = int(argument) if argument.isdecimal() else 0
        if not self.depth.deepener.strike(number) and not self.depth.acts.strike_number(number):
            self.tell("nothing here can be struck: neither is something to be sent, nor does a plan wait")

    def action_end(self) -> None:
        """End the run, and keep what came."""
        self.depth.acts.end()

    def action_drop(self) -> None:
        """End the run, and keep nothing; else forget the one that was interrupted."""
        if not self.depth.acts.drop():
            self._deepen(self.depth.left.drop())

    def action_hide(self) -> None:
        """The panel goes away."""
        self.depth.acts.hide()

    def action_panel(self) -> None:
        """All of the panel, or one row."""
        self.depth.acts.fold()

    def command_hint(self, argument: str) -> None:
        """``/hint it fails on Windows only``: for the next stage."""
        self.depth.acts.hint(argument)

    def command_finding(self, argument: str) -> None:
        """``/finding 2``: what a part has found."""
        self.depth.acts.read_number(argument)

    def action_plan(self) -> None:
        """The plan waits."""
        self.depth.acts.hold()

    def command_runs(self, argument: str) -> None:
        """``/runs`` lists them, ``/runs 2`` opens one."""
        self.depth.acts.list(argument)

    def action_choose(self) -> None:
        """The deep answer becomes its turn's."""
        self.run_in(self.depth.acts.choose(), "choose")

    def action_resume(self) -> None:
        """Go on with the interrupted run."""
        self._deepen(self.depth.left.resume())

    def action_accept(self) -> None:
        """Leave the interrupted run as it is."""
        self._deepen(self.depth.left.accept())

    def action_queue(self) -> None:
        """Ask the deep question when there is a way again."""
        self._deepen(self.depth.deepener.queue())

    def action_retry(self) -> None:
        """Look at once whether there is a way."""
        self.depth.acts.retry()

    action_run_end = action_end
    action_run_hide = action_hide
    action_run_fold = action_panel
    action_run_plan = action_plan

    def action_run_go(self) -> None:
        """The plan goes on; what waits to be sent has a word of its own."""
        if not self.depth.acts.go_on():
            self.tell("nothing waits for your word here")

    def action_run_hint(self) -> None:
        """Go and write a hint."""
        self.depth.acts.write_hint()

    def action_run_next(self) -> None:
        """Open the next run."""
        self.depth.acts.next()

    def action_run_read(self) -> None:
        """Read what is newest."""
        self.command_finding("")

    def action_run_strike(self) -> None:
        """Strike what is chosen in the panel."""
        self.depth.acts.strike(self.depth.panel.chosen)

    def action_run_up(self) -> None:
        """The panel itself moves while it has the focus."""
        self.set_focus(self.depth.panel)

    action_run_down = action_run_up
