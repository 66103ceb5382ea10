"""What every key and command of depth does in every state of a run: its act, or one sentence."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from core.deep.status import RunState, RunStatus
from core.errors import HouseError
from tests.screen.driving import Person, drive
from tests.screen.scripted_deep import (
    DEEPER,
    LEFT,
    STATUS,
    ScriptedDeepening,
    ScriptedRun,
    deep_stages,
    deepened,
    deeper_stages,
    depth_of,
)
from tests.server import OllamaServer, Script
from tui.screens.finding import FindingScreen

OVER = "the deep run is over"
NO_RUN = "no deep run is under way"
NO_PLAN = "no plan is waiting"
NONE_LEFT = "no deep run was interrupted"
STATES: dict[str, RunStatus | None] = {
    "none": None,
    "queued": replace(STATUS, state=RunState.QUEUED, stages=deep_stages(-1)),
    "running": DEEPER,
    "planned": replace(DEEPER, state=RunState.PLANNED, stages=deeper_stages(1), goes_on_in_s=3.0),
    "yielding": replace(STATUS, state=RunState.YIELDING),
    "complete": replace(DEEPER, state=RunState.COMPLETE, stages=deeper_stages(5)),
    "partial": replace(DEEPER, state=RunState.PARTIAL, error=HouseError("a cap is reached", "Raise it.")),
    "failed": replace(STATUS, state=RunState.FAILED, error=HouseError("it is offline", "Wait.")),
    "left": None,
}
LIVE = ("queued", "running", "planned", "yielding")
RUNS = (*LIVE, "complete", "partial", "failed")


@dataclass
class Seen:
    """What came of an act."""

    person: Person
    run: ScriptedRun | None
    deep: ScriptedDeepening

    @property
    def shape(self) -> str:
        return str(self.person.chat.depth.panel.shape)


Check = Callable[[Seen], bool]


def acts(*wanted: str) -> Check:
    return lambda seen: seen.run is not None and wanted in seen.run.acts


def says(text: str) -> Check:
    return lambda seen: any(text in toast for toast in seen.person.toasts())


def settles(act: str) -> Check:
    return lambda seen: (act, 7) in seen.deep.settled


def live_or(act: Check, state: str) -> Check:
    return act if state in LIVE else says(OVER if state in RUNS else NO_RUN)


def run_or(act: Check, state: str) -> Check:
    return act if state in RUNS else says(NO_RUN)


def planned_or(act: Check, state: str, otherwise: str) -> Check:
    return act if state == "planned" else says(otherwise if state in RUNS else NO_RUN)


def reads(state: str) -> Check:
    if state in ("queued", "yielding", "failed", "planned"):  # which have found nothing yet
        return says("nothing is found yet")
    return run_or(lambda seen: isinstance(seen.person.app.screen, FindingScreen), state)


def left_or(act: str, state: str) -> Check:
    return settles(act) if state == "left" else says(NONE_LEFT)


COMMANDS: dict[str, Callable[[str], Check]] = {
    "/end": lambda state: live_or(acts("end"), state),
    "/drop": lambda state: acts("drop") if state in LIVE else left_or("drop", state),
    "/hide": lambda state: run_or(lambda seen: seen.shape == "hidden", state),
    "/panel": lambda state: run_or(lambda seen: seen.shape == "row", state),
    "/hint only on Windows": lambda state: live_or(acts("hint", "only on Windows"), state),
    "/finding": reads,
    "/finding 99": lambda state: run_or(says("there is no 99"), state),
    "/plan": lambda state: planned_or(acts("hold"), state, NO_PLAN),
    "/strike 1": lambda state: acts("strike", "part-1") if state == "planned" else says("can be struck"),
    "/go": lambda state: acts("go on") if state == "planned" else says("nothing waits for your word"),
    "/cancel": lambda _: says("nothing is waiting to be sent"),
    "/runs": lambda state: run_or(lambda seen: seen.shape == "open", state),
    "/runs 9": lambda state: run_or(says("there is no deep run 9"), state),
    "/choose": lambda _: says("there is no deep answer"),
    "/retry": lambda state: (
        acts("retry") if state == "queued" else live_or(says("the deep run waits for nothing"), state)
    ),
    "/resume": lambda state: left_or("resume", state),
    "/accept": lambda state: left_or("keep", state),
    "/queue": lambda _: says("no deep question has failed"),
}
KEYS: dict[str, Callable[[str], Check]] = {
    "enter": lambda state: reads(state) if state in ("yielding", "failed", "planned") else _opens_or_says,
    "e": lambda state: live_or(acts("end"), state),
    "escape escape": lambda state: (
        acts("end") if state in LIVE else lambda seen: seen.person.chat.focused is seen.person.chat.prompt
    ),
    "b": lambda _: lambda seen: seen.shape == "hidden",
    "c": lambda _: lambda seen: seen.shape == "row",
    "u": lambda state: live_or(lambda seen: seen.person.typed == "/hint ", state),
    "p": lambda state: planned_or(acts("hold"), state, NO_PLAN),
    "x": lambda state: planned_or(acts("strike", "part-1"), state, NO_PLAN),
    "g": lambda state: acts("go on") if state == "planned" else says("nothing waits for your word"),
    "n": lambda _: says("there is no other deep run"),
}


def _opens_or_says(seen: Seen) -> bool:
    return isinstance(seen.person.app.screen, FindingScreen) or says("nothing is found yet")(seen)


async def afresh(seen: Seen, status: RunStatus | None) -> None:
    """As it was before the act."""
    person = seen.person
    if isinstance(person.app.screen, FindingScreen):
        await person.press("escape")
        await person.until(lambda: person.app.screen is person.chat)
    person.app.clear_notifications()
    person.chat.prompt.put("")
    person.chat.set_focus(person.chat.prompt)
    seen.deep.settled.clear()
    person.clock.now += 10
    if seen.run is not None and status is not None:
        seen.run.acts.clear()
        seen.run.now = replace(status, number=1, turn=seen.run.now.turn)
        person.chat.depth.board.set_shape("open")
    await person.settle()


@pytest.mark.parametrize("state", STATES)
def test_every_key_and_command_acts_or_says_one_sentence(tmp_path: Path, state: str) -> None:
    """A key that looks dead while something costs money is what people hate most about such programs."""
    status = STATES[state]
    deep = ScriptedDeepening(status=status or STATUS, is_still=True)

    async def scene(person: Person) -> None:
        run = await deepened(person, deep) if status is not None else None
        await person.until(lambda: person.chat.bridge.is_open)
        seen = Seen(person, run, deep)
        for command, check in COMMANDS.items():
            deep.left_runs = [LEFT] if state == "left" else []
            await afresh(seen, status)
            await person.ask(command)
            await until(seen, command, check(state))
        for key, check in KEYS.items() if status is not None else ():
            await afresh(seen, status)
            person.chat.set_focus(person.chat.depth.panel)
            await person.press(*key.split())
            await until(seen, key, check(state))

    with OllamaServer(Script(reply="the draft")) as server, depth_of(deep):
        drive(scene, tmp_path, server.url)


async def until(seen: Seen, act: str, is_so: Check) -> None:
    """Wait for it, and say which act it was that did not do it."""
    try:
        await seen.person.until(lambda: is_so(seen))
    except TimeoutError as error:
        raise AssertionError(f"{act}: {seen.run.acts if seen.run else seen.deep.settled}; {error}") from None


@pytest.mark.parametrize(("focus", "keys"), [("prompt", ["/", "s"]), ("panel", ["down"])])
def test_a_plan_waits_for_who_begins_to_act_on_it(tmp_path: Path, focus: str, keys: list[str]) -> None:
    """Three seconds are too short to find a part and to write which."""
    deep = ScriptedDeepening(status=STATES["planned"] or STATUS)

    async def scene(person: Person) -> None:
        run = await deepened(person, deep)
        if focus == "prompt":
            await person.press("w", "backspace")
            await person.settle()
            assert run.acts == []
        else:
            person.chat.set_focus(person.chat.depth.panel)
        await person.press(*keys)
        await person.until(lambda: run.acts == [("hold",)])
        await person.sees("waits for your word")

    with OllamaServer(Script(reply="the draft")) as server, depth_of(deep):
        drive(scene, tmp_path, server.url)


def test_a_double_esc_meant_for_the_fast_answer_never_touches_a_deep_run(tmp_path: Path) -> None:
    """The worst accident: minutes and money thrown away by a key that meant something else."""
    deep = ScriptedDeepening(status=DEEPER)

    async def scene(person: Person) -> None:
        run = await deepened(person, deep)
        server.script = replace(server.script, reply="word\n\n" * 2000, tokens_per_s=200)
        await person.ask("another question")
        await person.until(lambda: person.is_answering and "word" in person.screen())
        await person.press("escape", "escape", "escape", "escape")
        await person.until(lambda: not person.is_answering)
        assert run.acts == []
        await person.press("shift+tab", "shift+tab", "escape", "escape")  # in the transcript
        assert run.acts == []

    with OllamaServer(Script(reply="the draft")) as server, depth_of(deep):
        drive(scene, tmp_path, server.url)


def test_two_escapes_in_the_panel_end_a_run_and_two_far_apart_do_not(tmp_path: Path) -> None:
    """On purpose is twice within two seconds; what runs for minutes is not ended by one slip."""
    deep = ScriptedDeepening(status=DEEPER)

    async def scene(person: Person) -> None:
        run = await deepened(person, deep)
        await person.press("shift+tab", "escape")
        await person.sees("esc again ends the deep run and keeps what came")
        person.clock.now += 2.5
        await person.press("escape")
        assert run.acts == []
        person.clock.now += 1.0
        await person.press("escape")
        assert run.acts == [("end",)]
        await person.sees("stopped early")
        assert "esc again" not in person.screen()

    with OllamaServer(Script(reply="the draft")) as server, depth_of(deep):
        drive(scene, tmp_path, server.url)


def test_letters_in_the_panel_act_and_all_others_are_typed(tmp_path: Path) -> None:
    """Who goes on typing after a look at the panel loses no letter."""
    deep = ScriptedDeepening(status=DEEPER)

    async def scene(person: Person) -> None:
        run = await deepened(person, deep)
        await person.press("shift+tab")
        await person.type("what else?")
        assert person.typed == "what else?"
        assert run.acts == []

    with OllamaServer(Script(reply="the draft")) as server, depth_of(deep):
        drive(scene, tmp_path, server.url)
