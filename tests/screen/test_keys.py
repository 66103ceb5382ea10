"""What every key does in every state, and that no key ever takes away what was typed."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from textual.command import CommandPalette
from textual.widgets import OptionList

from core.errors import SettingsInvalid
from tests.screen.driving import Person, drive
from tests.server import Model, OllamaServer, Pull, Script
from tui.keys import ACTIONS, help_lines, rebound
from tui.screens.help import HelpScreen
from tui.screens.models import ModelScreen

DRAFT = "half a thought"
LONG = Script(
    models=(Model("qwen3.5:4b"), Model("llama3.2:3b", family="llama")),
    reply="first paragraph\n\n" + "word\n\n" * 10_000,
    tokens_per_s=200,
    pull=Pull(seconds=30),
)
SHORT = Script(models=LONG.models, reply="an answer\n\n```python\nprint()\n```\n")
Step = Callable[[Person], Awaitable[None]]


async def idle(person: Person) -> None:
    await person.ask("first question")
    await person.has_answer("an answer")


async def typing(person: Person) -> None:
    await idle(person)
    await person.type(DRAFT)


async def running(person: Person) -> None:
    await person.ask("first question")
    await person.until(lambda: person.chat.transcript.max_scroll_y > 30)
    await person.type(DRAFT)


async def waiting(person: Person) -> None:
    await person.ask("first question")
    await person.until(lambda: person.chat.transcript.max_scroll_y > 30)
    await person.ask("second question")
    await person.until(lambda: person.queued)
    await person.type(DRAFT)


async def reading(person: Person) -> None:
    await running(person)
    await person.press("shift+tab")
    await person.until(lambda: person.chat.focused is person.chat.transcript)


async def scrolled(person: Person) -> None:
    await running(person)
    await person.press("pageup")
    await person.until(lambda: not person.chat.transcript.is_following)


async def picking(person: Person) -> None:
    await running(person)
    await person.press("f2")
    await person.until(lambda: isinstance(person.app.screen, ModelScreen) and person.app.screen.focused)


async def helped(person: Person) -> None:
    await running(person)
    await person.press("f1")
    await person.until(lambda: isinstance(person.app.screen, HelpScreen))


async def searching(person: Person) -> None:
    await running(person)
    await person.press("ctrl+p")
    await person.until(lambda: isinstance(person.app.screen, CommandPalette) and person.app.screen.focused)


async def fetching(person: Person) -> None:
    await idle(person)
    await person.ask("/pull tiny:1b")
    await person.sees("tiny:1b ")
    await person.sees("esc stops")
    await person.type(DRAFT)


def moment(person: Person) -> tuple[object, ...]:
    """What a key that does nothing must leave as it is."""
    focus = person.app.screen.focused
    return (
        person.typed,
        person.queued,
        person.is_answering,
        person.chat.docket.conversation,
        type(person.app.screen),
        type(focus),
        person.app.clipboard,
        person.app._exit,
        person.chat.transcript.is_following,
    )


Check = Callable[[Person], object]
EFFECTS: dict[str, Check] = {
    "stops": lambda p: not p.is_answering,
    "goes on with the next": lambda p: p.is_answering and not p.queued,
    "closes": lambda p: p.app.screen is p.chat and p.is_answering,
    "arms quitting": lambda p: "ctrl+c again quits" in p.screen(),
    "opens help": lambda p: isinstance(p.app.screen, HelpScreen),
    "opens the picker": lambda p: isinstance(p.app.screen, ModelScreen),
    "opens the palette": lambda p: isinstance(p.app.screen, CommandPalette),
    "quits": lambda p: p.app._exit,
    "reads": lambda p: p.chat.focused is p.chat.transcript,
    "comes back": lambda p: p.chat.focused is p.chat.prompt and p.is_answering,
    "stops and comes back": lambda p: p.chat.focused is p.chat.prompt and not p.is_answering,
    "copies the answer": lambda p: p.app.clipboard.startswith(("an answer", "first paragraph")),
    "begins anew": lambda p: p.chat.docket.conversation is None and "›" not in p.screen(),
    "clears": lambda p: "›" not in p.screen() and "an answer" not in p.screen(),
    "scrolls up": lambda p: not p.chat.transcript.is_following,
    "follows": lambda p: p.chat.transcript.is_following,
    "stays above": lambda p: not p.chat.transcript.is_following,
    "stops the download": lambda p: any("goes on where it is" in toast for toast in p.toasts()),
    "recalls": lambda p: p.typed == "first question",
    "breaks the line": lambda p: p.typed.endswith("\n"),
    "sends": lambda p: p.typed == "" and f"› {DRAFT}" in p.screen(),
    "queues": lambda p: p.typed == "" and DRAFT in p.queued,
    "moves down": lambda p: p.app.screen.query_one(OptionList).highlighted == 1,
}
CHANGES_TEXT = {"recalls", "breaks the line", "sends", "queues"}

TABLE: list[tuple[Step, dict[str, str]]] = [
    (
        idle,
        {
            "escape": "nothing",
            "ctrl+c": "arms quitting",
            "enter": "nothing",
            "tab": "nothing",
            "shift+tab": "reads",
            "up": "recalls",
            "down": "nothing",
            "pageup": "nothing",
            "ctrl+j": "breaks the line",
            "ctrl+n": "begins anew",
            "ctrl+o": "copies the answer",
            "ctrl+l": "clears",
            "f1": "opens help",
            "f2": "opens the picker",
            "ctrl+p": "opens the palette",
            "ctrl+q": "quits",
        },
    ),
    (
        typing,
        {
            "escape": "nothing",
            "ctrl+c": "arms quitting",
            "enter": "sends",
            "tab": "nothing",
            "shift+tab": "reads",
            "up": "recalls",
            "down": "nothing",
            "ctrl+j": "breaks the line",
            "shift+enter": "breaks the line",
            "shift+\r": "breaks the line",
            "ctrl+n": "begins anew",
            "ctrl+o": "copies the answer",
            "ctrl+l": "clears",
            "f1": "opens help",
            "f2": "opens the picker",
            "ctrl+p": "opens the palette",
            "ctrl+q": "quits",
        },
    ),
    (
        running,
        {
            "escape": "stops",
            "ctrl+c": "stops",
            "enter": "queues",
            "tab": "nothing",
            "shift+tab": "reads",
            "pageup": "scrolls up",
            "pagedown": "nothing",
            "ctrl+n": "begins anew",
            "ctrl+o": "copies the answer",
            "ctrl+l": "clears",
            "f1": "opens help",
            "f2": "opens the picker",
            "ctrl+p": "opens the palette",
            "ctrl+q": "quits",
        },
    ),
    (waiting, {"escape": "goes on with the next", "ctrl+c": "goes on with the next", "ctrl+q": "quits"}),
    (
        reading,
        {
            "escape": "stops and comes back",
            "ctrl+c": "stops",
            "tab": "comes back",
            "shift+tab": "comes back",
            "up": "scrolls up",
            "pageup": "scrolls up",
            "home": "scrolls up",
            "end": "follows",
            "enter": "nothing",
            "ctrl+q": "quits",
            "f1": "opens help",
        },
    ),
    (
        scrolled,
        {
            "escape": "stops",
            "ctrl+c": "stops",
            "pageup": "stays above",
            "ctrl+end": "follows",
            "ctrl+l": "clears",
        },
    ),
    (
        picking,
        {
            "escape": "closes",
            "f2": "closes",
            "down": "moves down",
            "ctrl+c": "stops",
            "ctrl+n": "nothing",
            "ctrl+q": "quits",
        },
    ),
    (helped, {"escape": "closes", "f1": "closes", "ctrl+c": "stops", "ctrl+q": "quits", "ctrl+l": "nothing"}),
    (searching, {"escape": "closes", "ctrl+q": "quits", "ctrl+p": "nothing"}),
    (fetching, {"escape": "stops the download", "ctrl+c": "arms quitting", "ctrl+q": "quits"}),
]
OPENS = {"opens help", "opens the picker", "opens the palette"}
LEAVES_ALL = {"nothing", "breaks the line", "arms quitting", "copies the answer", *OPENS}
"""Effects after which the state is what it was, so that the next key can be pressed in it."""
LAST = ("sends", "quits")
"""Effects that what comes behind them in the same app would notice."""


def groups(keys: dict[str, str]) -> list[list[tuple[str, str]]]:
    """Keys for one state, one after another: those that mean nothing, those that leave all, one that acts."""
    kept = [each for each in keys.items() if each[1] in LEAVES_ALL]
    kept.sort(key=lambda each: each[1] != "nothing")
    acting = [each for each in keys.items() if each[1] not in LEAVES_ALL]
    acting.sort(key=lambda each: LAST.index(each[1]) if each[1] in LAST else -1)
    return [[*kept, *acting[:1]], *([each] for each in acting[1:])]


async def afresh(person: Person) -> None:
    """As a new screen is: nothing runs, nothing is typed, nobody is told anything."""
    while person.app.screen is not person.chat:
        await person.press("escape")
    person.chat.prompt.put("")
    person.chat.set_focus(person.chat.prompt)
    await person.press("ctrl+n")
    await person.until(lambda: not person.is_answering and not person.queued)
    person.app.clear_notifications()
    person.app._clipboard = ""
    person.clock.now += 60
    await person.settle()


@pytest.mark.parametrize(("state", "keys"), TABLE, ids=[state.__name__ for state, _ in TABLE])
def test_a_key_does_what_the_table_says_and_keeps_what_was_typed(
    tmp_path: Path, state: Step, keys: dict[str, str]
) -> None:
    """Keys are learnt once: in each state each has one meaning or none by accident; none eats a draft."""

    async def scene(person: Person) -> None:
        for number, group in enumerate(groups(keys)):
            if number:
                await afresh(person)
            await state(person)
            typed, before = person.typed, moment(person)
            for key, effect in group:
                await press(person, key, effect, typed, before)

    async def press(person: Person, key: str, effect: str, typed: str, before: tuple[object, ...]) -> None:
        await person.press(key)
        if effect == "nothing":
            assert moment(person) == before, key
            return
        try:
            await person.until(partial(EFFECTS[effect], person))
        except TimeoutError as error:
            raise AssertionError(f"{key}: {effect}; {error}") from None
        if effect not in CHANGES_TEXT:
            assert person.typed == typed, key
        if effect in OPENS:
            await person.press("escape")
            await person.until(lambda: person.app.screen is person.chat)
        if effect == "breaks the line":
            await person.press("backspace")
            assert person.typed == typed, key

    script = LONG if state not in (idle, typing, fetching) else replace(SHORT, pull=LONG.pull)
    with OllamaServer(script) as server:
        app = drive(scene, tmp_path, server.url)
    assert app._exception is None


def test_ctrl_c_twice_quits_and_only_within_two_seconds(tmp_path: Path) -> None:
    """One ctrl+c too many must not end the program; two on purpose must."""

    async def scene(person: Person) -> None:
        await person.type(DRAFT)
        await person.press("ctrl+c")
        await person.sees("ctrl+c again quits")
        person.clock.now += 2.5
        await person.press("ctrl+c")
        assert not person.app._exit
        person.clock.now += 1.5
        await person.press("ctrl+c")
        assert person.app._exit
        assert person.typed == DRAFT

    drive(scene, tmp_path)


def test_ctrl_c_pressed_on_after_a_stop_does_not_arm_quitting_within_a_second(tmp_path: Path) -> None:
    """Who hammers ctrl+c to stop an answer wants to stop it, not to leave."""

    async def scene(person: Person) -> None:
        await running(person)
        await person.press("ctrl+c")
        await person.until(lambda: not person.is_answering)
        person.clock.now += 0.4
        await person.press("ctrl+c", "ctrl+c", "ctrl+c")
        assert "again quits" not in person.screen()
        assert not person.app._exit
        person.clock.now += 0.7
        await person.press("ctrl+c")
        await person.sees("ctrl+c again quits")

    with OllamaServer(LONG) as server:
        drive(scene, tmp_path, server.url)


def test_ctrl_c_copies_a_selection_first_and_stops_with_the_next(tmp_path: Path) -> None:
    """A selection is copied whatever runs; copied once, it no longer stands before the stop."""

    async def scene(person: Person) -> None:
        await running(person)
        await person.press("shift+home")
        await person.press("ctrl+c")
        await person.is_told("clipboard")
        assert person.app.clipboard == DRAFT
        assert person.is_answering
        await person.press("ctrl+c")
        await person.until(lambda: not person.is_answering)
        assert person.typed == DRAFT

    with OllamaServer(LONG) as server:
        drive(scene, tmp_path, server.url)


def test_ctrl_c_copies_what_the_mouse_selected_in_the_answer(tmp_path: Path) -> None:
    """Selecting with the mouse and ctrl+c is how people copy."""

    async def scene(person: Person) -> None:
        await idle(person)
        await person.pilot.mouse_down(person.chat.transcript, offset=(0, 2))
        await person.pilot.hover(person.chat.transcript, offset=(9, 2))
        await person.pilot.mouse_up(person.chat.transcript, offset=(9, 2))
        await person.press("ctrl+c")
        await person.until(lambda: person.app.clipboard)
        assert person.app.clipboard == "an answer"
        assert "again quits" not in person.screen()

    with OllamaServer(SHORT) as server:
        drive(scene, tmp_path, server.url)


def test_ctrl_c_takes_waiting_questions_off_the_list_and_up_brings_them_back(tmp_path: Path) -> None:
    """Without a server, waiting questions are what runs; taken off, they are still not lost."""

    async def scene(person: Person) -> None:
        await person.until(lambda: person.chat.outlook is not None)
        await person.ask("one")
        await person.ask("two")
        await person.until(lambda: len(person.queued) == 2)
        await person.press("ctrl+c")
        assert person.queued == []
        await person.sees("not asked")
        await person.press("up", "up")
        assert person.typed == "one"

    drive(scene, tmp_path)


def test_a_stop_in_the_same_breath_as_the_question_leaves_nothing_hanging(tmp_path: Path) -> None:
    """Enter and ctrl+c in one packet: the answer is stopped before it began, and the next one can run."""

    async def scene(person: Person) -> None:
        await person.until(lambda: person.chat.outlook is not None)
        await person.type("oops")
        person.send_key("enter", "\r")
        while not person.is_answering:  # noqa: ASYNC110  (the very next step of the loop is what is wanted)
            await asyncio.sleep(0)
        person.chat.action_interrupt()
        await person.until(lambda: not person.is_answering)
        await person.sees("stopped")
        await person.ask("better")
        await person.has_answer("an answer")
        assert "asking" not in person.screen()

    with OllamaServer(SHORT) as server:
        drive(scene, tmp_path, server.url)


def test_the_first_stop_reaches_the_server_as_a_closed_connection(tmp_path: Path) -> None:
    """A stopped answer must not go on costing the machine."""

    async def scene(person: Person) -> None:
        await running(person)
        await person.press("escape")
        await person.until(lambda: server.requests("/api/chat")[0].client_gone_at is not None)

    with OllamaServer(LONG) as server:
        drive(scene, tmp_path, server.url)


def test_scrolled_up_the_view_stays_and_says_what_came(tmp_path: Path) -> None:
    """Reading must not be interrupted by what arrives below."""

    async def scene(person: Person) -> None:
        await running(person)
        await person.press("pageup")
        top = person.chat.transcript.scroll_offset.y
        await person.sees("new lines · ctrl+end")
        assert person.chat.transcript.scroll_offset.y == top
        await person.press("ctrl+end")
        await person.until(lambda: "new lines" not in person.screen())

    with OllamaServer(LONG) as server:
        drive(scene, tmp_path, server.url)


def test_a_rebound_key_acts_and_its_old_key_does_not(tmp_path: Path) -> None:
    """Who moves a key moves it everywhere: the act, the help, and what the old key did."""
    actions = rebound({"quit": "Ctrl+X", "new": " f9 ", "palette": "", "read_copy": "Y"})

    async def scene(person: Person) -> None:
        await idle(person)
        await person.press("ctrl+q", "ctrl+p")
        assert not person.app._exit
        assert person.app.screen is person.chat
        await person.press("shift+tab")
        await person.press("Y")
        await person.until(lambda: person.app.clipboard)
        await person.press("f9")
        await person.until(lambda: person.chat.docket.conversation is None)
        await person.press("f1")
        await person.sees("f9 · /new")
        await person.press("escape", "ctrl+x")
        assert person.app._exit

    with OllamaServer(SHORT) as server:
        drive(scene, tmp_path, server.url, actions=actions, size=(100, 60))
    assert ("ctrl+x · /quit", "quit") in help_lines(actions)


def test_a_freed_key_can_be_given_to_another_action(tmp_path: Path) -> None:
    """What Textual binds by itself must not stand in the way."""
    actions = rebound({"quit": "f10", "clear": "ctrl+q", "palette": "", "copy": "ctrl+p"})

    async def scene(person: Person) -> None:
        await idle(person)
        await person.press("ctrl+p")
        await person.until(lambda: person.app.clipboard)
        await person.press("ctrl+q")
        await person.until(lambda: "an answer" not in person.screen())
        assert not person.app._exit

    with OllamaServer(SHORT) as server:
        drive(scene, tmp_path, server.url, actions=actions)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"new": "ctrl+q"}, "ctrl+q already means `quit`"),
        ({"copy": "f1"}, "f1 already means"),
        ({"read_copy": "c"}, "c already means"),
        ({"new": "enter"}, "enter already means `send`"),
        ({"send": "ctrl+s"}, "`send` cannot be changed"),
        ({"stop": "f5"}, "`stop` cannot be changed"),
        ({"interrupt": ""}, "`interrupt` cannot be changed"),
        ({"nwe": "f5"}, "`nwe` is no action"),
        ({"new": "n"}, "n is needed for typing"),
        ({"new": "space"}, "space is needed for typing"),
        ({"new": "question_mark"}, "needed for typing"),
        ({"copy": "backspace"}, "backspace is needed for typing"),
        ({"new": "ctl+n"}, "ctl+n is no key"),
        ({"new": "ctrl+"}, "ctrl+ is no key"),
        ({"newline": "alt+enter"}, "alt+enter arrives as enter"),
        ({"new": "ctrl+m"}, "ctrl+m arrives as enter"),
    ],
)
def test_keys_that_cannot_be_are_refused_with_a_sentence(keys: dict[str, str], said: str) -> None:
    """A key map is checked when it is read, not found out to be broken by the hand."""
    with pytest.raises(SettingsInvalid) as refused:
        rebound(keys)
    assert said in refused.value.message
    assert refused.value.message.startswith(f"keys.{next(iter(keys))}:")
    assert refused.value.remedy


def test_two_screens_do_not_share_their_keys(tmp_path: Path) -> None:
    """One person's key map must not leak into the next app of the same process."""

    async def moved(person: Person) -> None:
        await person.press("f9")

    async def usual(person: Person) -> None:
        await person.type("x")
        await person.press("f9")
        assert person.chat.docket.conversation is None
        assert len(person.chat._bindings.key_to_bindings.get("f9", [])) == 0
        assert len(person.chat._bindings.key_to_bindings["ctrl+c"]) == 2

    drive(moved, tmp_path, actions=rebound({"new": "f9"}))
    drive(usual, tmp_path)


def test_every_action_is_in_the_help_and_does_something(tmp_path: Path) -> None:
    """The table is drawn everywhere, so a row without an act would be a promise."""

    async def scene(person: Person) -> None:
        for action in ACTIONS:
            if action.where == "prompt":
                continue
            name = f"command_{action.id}" if action.usage else f"action_{action.id}"
            assert callable(getattr(person.chat, name, None)), name
        await person.press("f1")
        await person.sees("send the question")

    drive(scene, tmp_path)
    shown = [words for _, words in help_lines(ACTIONS)]
    assert all(any(action.words in words for words in shown) for action in ACTIONS)
