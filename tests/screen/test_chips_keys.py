"""What the keys for follow-up questions do in every state: a table, as the keys of the house have one."""

import re
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from core.speculation.chip import Chip
from tests.screen.driving import Person, drive
from tests.screen.scripted_ahead import LONG, SHORT, THREE, YES, Stage, stage
from tests.screen.terminals import in_terminal, sees
from tests.server import OllamaServer, Script
from tui.alt_digits import hear_alt_digits
from tui.screens.help import HelpScreen

__all__ = ["stage"]

DRAFT = "half a thought"
Step = Callable[[Stage, Person], Awaitable[None]]


async def three(stage: Stage, person: Person) -> None:
    await stage.answer(person)


async def one(stage: Stage, person: Person) -> None:
    await stage.answer(person, (YES,))


async def none(stage: Stage, person: Person) -> None:
    await stage.answer(person, ())


async def new(stage: Stage, person: Person) -> None:
    await person.until(lambda: stage.ahead.begun)


async def typing(stage: Stage, person: Person) -> None:
    await three(stage, person)
    await person.type(DRAFT)


async def chosen(stage: Stage, person: Person) -> None:
    await three(stage, person)
    await person.press("tab")


async def last_chosen(stage: Stage, person: Person) -> None:
    await three(stage, person)
    await person.press("tab", "tab", "tab")


async def edited(stage: Stage, person: Person) -> None:
    await chosen(stage, person)
    await person.type("!")


async def running(stage: Stage, person: Person) -> None:
    await person.until(lambda: stage.ahead.begun)
    await person.ask("first question")
    await person.until(lambda: person.chat.transcript.max_scroll_y > 5)
    await stage.offer(person, THREE)


async def queued(stage: Stage, person: Person) -> None:
    await running(stage, person)
    await person.ask("second question")
    await person.until(lambda: person.queued)


async def completing(stage: Stage, person: Person) -> None:
    await three(stage, person)
    await person.type("/cop")


async def reading(stage: Stage, person: Person) -> None:
    await three(stage, person)
    await person.press("shift+tab")
    await person.until(lambda: person.chat.focused is person.chat.transcript)


async def in_the_panel(stage: Stage, person: Person) -> None:
    await three(stage, person)
    panel = person.chat.depth.panel
    panel.shape = "open"
    await person.settle()
    person.chat.set_focus(panel)
    await person.until(lambda: person.chat.focused is panel)


async def helped(stage: Stage, person: Person) -> None:
    await three(stage, person)
    await person.press("f1")
    await person.until(lambda: isinstance(person.app.screen, HelpScreen))


Check = Callable[[Stage, Person], object]


def asks(chip: Chip) -> Check:
    return lambda s, p: s.ahead.taken == [chip] and f"› {chip.question}" in p.screen()


def has(text: str) -> Check:
    return lambda s, p: p.typed == text and s.ahead.taken == []


NO_OFFER = "no follow-up question is on offer"
EFFECTS: dict[str, Check] = {
    **{f"asks {chip.place}": asks(chip) for chip in THREE},
    **{f"puts {chip.place}": has(chip.question) for chip in THREE},
    "empties": has(""),
    "completes": has("/copy "),
    "sends": lambda s, p: p.typed == "" and f"› {DRAFT}" in p.screen() and s.ahead.taken == [],
    "says none": lambda s, p: s.ahead.taken == [] and any(NO_OFFER in toast for toast in p.toasts()),
    "says one": lambda s, p: s.ahead.taken == [] and any("/1 is the last" in toast for toast in p.toasts()),
    "comes back": lambda s, p: p.chat.focused is p.chat.prompt and p.typed == "",
}
TABLE: list[tuple[Step, dict[str, str]]] = [
    (
        three,
        {
            "tab": "puts 1",
            "alt+1": "asks 1",
            "alt+2": "asks 2",
            "alt+3": "asks 3",
            "/1": "asks 1",
            "/3": "asks 3",
            "enter": "nothing",
            "escape": "nothing",
        },
    ),
    (one, {"tab": "puts 1", "alt+1": "asks 1", "alt+2": "says one", "/3": "says one", "enter": "nothing"}),
    (none, {"tab": "nothing", "alt+1": "says none", "/2": "says none", "enter": "nothing"}),
    (new, {"tab": "nothing", "alt+3": "says none", "/1": "says none", "enter": "nothing"}),
    (
        typing,
        {"tab": "nothing", "alt+1": "asks 1", "enter": "sends", "escape": "nothing"},
    ),
    (chosen, {"tab": "puts 2", "alt+3": "asks 3", "enter": "asks 1", "escape": "nothing"}),
    (last_chosen, {"tab": "empties", "enter": "asks 3"}),
    (edited, {"tab": "nothing", "alt+2": "asks 2", "escape": "nothing"}),
    (running, {"tab": "nothing", "alt+1": "says none", "/1": "says none", "enter": "nothing"}),
    (queued, {"tab": "nothing", "alt+1": "says none", "/1": "says none"}),
    (completing, {"tab": "completes"}),
    (reading, {"alt+2": "asks 2", "tab": "comes back", "enter": "nothing"}),
    (in_the_panel, {"alt+3": "asks 3"}),
    (helped, {"alt+1": "nothing", "alt+3": "nothing"}),
]
LEAVES_ALL = {"says none", "says one"}
"""Effects after which the state is what it was, so that the next key can be pressed in the same app."""


def groups(keys: dict[str, str]) -> list[list[tuple[str, str]]]:
    """Keys for one app, one after another: those that mean nothing, those that leave all, one that acts."""
    kept = [each for each in keys.items() if each[1] == "nothing" or each[1] in LEAVES_ALL]
    kept.sort(key=lambda each: each[1] != "nothing")
    acting = [each for each in keys.items() if each not in kept]
    return [[*kept, *acting[:1]], *([each] for each in acting[1:])]


CASES = [(state, group) for state, keys in TABLE for group in groups(keys)]


async def do(person: Person, key: str) -> None:
    if key.startswith("/"):
        await person.ask(key)
    else:
        await person.press(key)


def moment(stage: Stage, person: Person) -> tuple[object, ...]:
    chat = person.chat
    screen = re.sub(r"\d+\.\d s\b", "", person.screen())
    return (
        *(person.typed, person.queued, person.is_answering, list(stage.ahead.taken)),
        *(type(person.app.screen), type(person.app.screen.focused), chat.docket.last, person.toasts()),
        "" if person.is_answering else screen,
    )


@pytest.mark.parametrize(
    ("state", "group"),
    CASES,
    ids=["-".join((s.__name__, *(f"{k}-{e}" for k, e in g))).replace(" ", "_") for s, g in CASES],
)
def test_a_key_for_chips_does_what_the_table_says(
    stage: Stage, state: Step, group: list[tuple[str, str]]
) -> None:
    """One meaning in each state, or none: Enter on an empty prompt above all must ask nothing."""

    async def scene(person: Person) -> None:
        await state(stage, person)
        draft, before = person.typed, moment(stage, person)
        for key, effect in group:
            await do(person, key)
            if effect == "nothing":
                assert moment(stage, person) == before, key
                continue
            await person.until(partial(EFFECTS[effect], stage, person))
            if key.startswith("alt+"):
                assert person.typed == draft, "it runs at once, whatever is in the prompt"
            person.app.clear_notifications()

    script = LONG if state in (running, queued) else SHORT
    app = stage.play(scene, script)
    assert app._exception is None


def test_a_maybe_is_opened_before_a_chip_is_walked_to(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tab has one order: what completes, the stored answer that may fit, the chips."""

    async def scene(person: Person) -> None:
        await three(stage, person)
        opened: list[bool] = []
        monkeypatch.setattr(type(person.chat._maybes), "has_offer", True)
        monkeypatch.setattr(person.chat, "action_maybe", lambda: opened.append(True))
        await person.press("tab")
        assert opened == [True]
        assert person.typed == ""

    stage.play(scene)


def test_a_sentence_that_begins_like_a_chip_is_a_question(stage: Stage) -> None:
    """`/1 of them failed` asks; only the bare slash form takes."""

    async def scene(person: Person) -> None:
        await three(stage, person)
        await person.ask("/1 of them failed")
        await person.sees("› /1 of them failed")
        assert stage.ahead.taken == []

    stage.play(scene)


def test_alt_and_a_digit_is_heard_from_an_ordinary_terminal(tmp_path: Path) -> None:
    """Terminals send an escape and the digit; the letter that a Mac's option key writes stays a letter."""
    with (
        OllamaServer(Script(reply="an answer")) as server,
        in_terminal(tmp_path, server.url) as terminal,
    ):
        sees(terminal, "nothing leaves this machine")
        terminal.send(b"\x1b2")
        sees(terminal, NO_OFFER)
        terminal.send("¡hola".encode())
        sees(terminal, "¡hola")
        terminal.send(b"\x1b[51;3u")  # the same key in the kitty protocol
        terminal.send(b"!")
        sees(terminal, "¡hola!")


def test_without_speculation_the_keys_say_so(tmp_path: Path) -> None:
    """Switched off, `/1` is still no question to a model."""

    async def scene(person: Person) -> None:
        await person.ask("/1")
        await person.is_told(NO_OFFER)
        assert person.chat.docket.last is None

    drive(scene, tmp_path)


def test_alt_digits_are_told_once_and_for_all() -> None:
    """Calling it again changes nothing: a test that runs the screen twice must not find another keyboard."""
    from textual._xterm_parser import XTermParser

    hear_alt_digits()
    hear_alt_digits()
    events = list(XTermParser().feed("\x1b1\x1b2x¡"))
    assert [getattr(event, "key", None) for event in events] == [
        *("alt+1", "alt+2", "x", "inverted_exclamation_mark"),
    ]
