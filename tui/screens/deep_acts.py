"""What a person does with deep runs: ends them, adds a word, reads what is found, settles their plan."""

from collections.abc import Callable

from core.deep.status import RunState, RunStatus, StageStatus
from core.errors import HouseError
from core.events import StageState
from core.sanitise import clean_line
from tui.run_wording import MARKS, listed, steps_of
from tui.screens.deep_runs import NO_RUN, RunBoard
from tui.screens.deep_stage import RunStage
from tui.screens.finding import Finding, FindingScreen
from tui.widgets.deep_panel import DeepPanel

ESCAPES_WITHIN_S = 2.0
_TOAST_CELLS = 56
"""What a toast has for a line; on a narrow screen it has half of that, without its edges."""


class RunActs:
    """Acts on the run that is meant, or says in one sentence why there is none."""

    def __init__(
        self, stage: RunStage, board: RunBoard, panel: DeepPanel, clock: Callable[[], float]
    ) -> None:
        self._stage = stage
        self._board = board
        self._panel = panel
        self._clock = clock
        self._escaped_at = -60.0

    def hide(self) -> None:
        """The panel goes away, the run goes on."""
        if self._panel.shape == "hidden":
            self._stage.tell(
                "the deep panel is hidden already; /panel shows it" if self._board.current else NO_RUN
            )
            return
        self._board.set_shape("hidden")

    def fold(self) -> None:
        """One row, or all of it; from hidden all of it."""
        if self._board.current is None:
            self._stage.tell(NO_RUN)
            return
        self._board.set_shape("row" if self._panel.shape == "open" else "open")

    def end(self) -> None:
        """End the run that is meant, and keep what came."""
        self._escaped_at = -60.0
        self._stage.say("ending")
        if watched := self._board.meant():
            watched.run.end()
            self._board.look()

    def drop(self) -> bool:
        """End the run that is meant, and keep nothing; False when there is none."""
        watched = self._board.meant(is_quiet=True)
        if watched is None:
            return False
        watched.run.drop()
        self._board.look()
        return True

    def hint(self, text: str) -> None:
        """A word for the next stage."""
        text = clean_line(text).strip()
        if not text:
            self._stage.tell("write it behind /hint, as in /hint it happens only on Windows")
        elif watched := self._board.meant():
            before = len(watched.run.status().hints)
            watched.run.hint(text)
            if len(watched.run.status().hints) > before:  # else the run itself says why not
                self._stage.tell("the next stage will be told")
            self._board.look()

    def retry(self) -> None:
        """A run that waits for a way to its provider looks for one at once."""
        watched = self._board.meant()
        if watched is None:
            return
        if watched.run.status().state is not RunState.QUEUED:
            self._stage.tell("the deep run waits for nothing; /deep asks once more")
            return
        watched.run.retry()

    def write_hint(self) -> None:
        """Go to the prompt with the command filled in; nothing that is typed is lost."""
        if self._board.meant() is None:
            return
        if self._stage.prompt.text.strip():
            self._stage.tell("the prompt is not empty: send that first, or write /hint … yourself")
        else:
            self._stage.prompt.put("/hint ")
        self._stage.to_prompt()

    def hold(self) -> None:
        """The plan waits for the person."""
        if watched := self._board.planned():
            watched.run.hold()
            self._board.look()

    def consider(self) -> None:
        """Somebody looks at the plan, or writes a command: one that would go on by itself waits."""
        watched = self._board.planned(is_quiet=True)
        if watched is not None and watched.run.status().goes_on_in_s is not None:
            watched.run.hold()
            self._board.look()

    def go_on(self) -> bool:
        """The plan goes on now; False when none waits."""
        watched = self._board.planned(is_quiet=True)
        if watched is None:
            return False
        watched.run.go_on()
        self._board.look()
        return True

    def strike(self, part: str) -> None:
        """A part of the plan is not to be done."""
        if watched := self._board.planned():
            if part not in {each.id for each in _parts(watched.run.status())}:
                self._stage.tell("choose a part of the plan first: ↑ and ↓ go there")
                return
            self.consider()  # who strikes one may strike another
            watched.run.strike(part)
            self._board.look()

    def strike_number(self, number: int) -> bool:
        """The same by its number; False when no plan waits."""
        watched = self._board.planned(is_quiet=True)
        if watched is None:
            return False
        parts = _parts(watched.run.status())
        if 1 <= number <= len(parts):
            self.strike(parts[number - 1].id)
        else:
            self._stage.tell(f"the plan has {len(parts)} parts; there is no {number}", is_warning=True)
        return True

    def escape(self) -> bool:
        """Esc in the panel: twice within two seconds ends the run; False when there is nothing to end."""
        status = self._board.current
        if status is None or status.state.is_over:
            return False
        now = self._clock()
        if now - self._escaped_at <= ESCAPES_WITHIN_S:
            self.end()
        else:
            self._escaped_at = now
            self._stage.say("ending", "esc again ends the deep run and keeps what came")
            self._stage.after(ESCAPES_WITHIN_S, lambda: self._stage.say("ending"))
        return True

    def next(self) -> None:
        """Open the next run."""
        count = len(self._board.statuses())
        if count < 2:
            self._stage.tell("there is no other deep run" if count else NO_RUN)
        else:
            self._board.open_next()

    def list(self, number: str = "") -> None:
        """Say which runs there are, and show the open one; that of a number in its conversation."""
        statuses = self._board.statuses()
        if not statuses:
            self._stage.tell(NO_RUN)
            return
        if number:
            found = next((key for key, each in statuses.items() if str(each.number) == number), None)
            if found is None:
                self._stage.tell(f"there is no deep run {number}", is_warning=True)
                return
            self._board.open(found)
            self._open_conversation()
        elif len(statuses) > 1:
            cells = min(_TOAST_CELLS, self._stage.status.size.width // 2 - 4)
            self._stage.tell("\n".join(listed(each, cells) for each in statuses.values()))
        self._board.set_shape("open")

    def _open_conversation(self) -> None:
        """Show the open run's answer in its place, where another conversation is on the screen."""
        elsewhere, docket = self._board.elsewhere, self._stage.docket
        if elsewhere is not None and (docket.running is not None or docket.waiting()):
            self._stage.tell(
                "its answer is in another conversation; esc stops what is being made in this one"
            )
        elif elsewhere is not None:
            self._stage.open_conversation(*elsewhere)

    def read_number(self, number: str) -> None:
        """Open the finding of a part, or of a stage where there are no parts; without one what is newest."""
        status = self._board.current
        if status is None:
            self._stage.tell(NO_RUN)
            return
        stages = _parts(status) or status.stages
        if not number:
            self.read(_newest(status))
        elif 1 <= int(number) <= len(stages):
            self.read(stages[int(number) - 1].id)
        else:
            self._stage.tell(f"this run has {len(stages)} of them; there is no {number}", is_warning=True)

    def read(self, key: str) -> None:
        """Open what a step or a part has found."""
        run = self._board.open_run
        if run is None:
            self._stage.tell(NO_RUN)
            return
        title, _, text = _found(run.status(), key)
        if not text.strip():
            self._stage.tell(f"{title}: nothing is found yet")
            return

        def look() -> Finding:
            return _found(run.status(), key)[1:]

        self._stage.read(FindingScreen(title, look))

    async def choose(self) -> None:
        """The last deep answer that ended behind other turns becomes its turn's answer."""
        watched = self._board.unchosen
        if watched is None:
            self._stage.tell("there is no deep answer that is not its turn's answer already")
            return
        status = watched.run.status()
        try:
            await self._stage.bridge.choose_answer(status.turn, status.answer)
        except HouseError as error:
            self._stage.tell(error.told, is_warning=True)
            return
        self._board.chosen()
        self._stage.tell("the next questions follow the deep answer")


def _parts(status: RunStatus) -> tuple[StageStatus, ...]:
    return next((step.stages for step in steps_of(status) if step.name == "parts"), ())


def _newest(status: RunStatus) -> str:
    """What one would read first: the parts together, else the last stage that has found anything."""
    if any(each.finding for each in _parts(status)):
        return "parts"
    found = [each.id for each in status.stages if each.finding]
    return found[-1] if found else "write"


def _found(status: RunStatus, key: str) -> tuple[str, str, str]:
    """Title, how it stands, and text of a step's or a part's finding."""
    from core.deep.answer_blocks import rounded  # the panel's first frame need not wait for it

    stages = next((step.stages for step in steps_of(status) if step.name == key), ())
    stages = stages or tuple(each for each in status.stages if each.id == key)
    states = " ".join(f"{MARKS[each.state]} {clean_line(each.note)}".strip() for each in stages)
    if len(stages) == 1:
        return clean_line(stages[0].title) or key, states, stages[0].finding or _sent_of(status, key)
    texts = [f"## {clean_line(each.title)}\n\n{rounded(each.finding)}" for each in stages if each.finding]
    done = sum(each.state is StageState.FINISHED for each in stages)
    return key, f"{done} of {len(stages)} parts", "\n\n".join(texts)


def _sent_of(status: RunStatus, key: str) -> str:
    """What was sent, where that is asked for."""
    return "\n".join(f"- {clean_line(each)}" for each in status.sent) if key == "context" else ""
