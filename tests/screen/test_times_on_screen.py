"""Waits that say their reason, what can be done instead, painting times, and details on demand."""

import sqlite3
from contextlib import closing
from pathlib import Path

from core.engine.instead import Instead
from core.engine.stepping import Smaller
from core.events import Routed, StoredQuestion, TextDelta, ThinkingDelta, TurnFinished, Waiting, WaitReason
from core.messages import Route
from core.metrics.waits import Wait
from core.store.database import Database
from core.store.measured import Measured, MeasuredStore
from tests.screen.driving import Person, drive
from tests.server import Fault, Model, OllamaServer, Script
from tui.wait_words import instead_text, parts_text
from tui.wording import footer, wait_text

GIB = 1024**3
TWO = (Model("qwen3:4b", size=3 * GIB), Model("qwen3:0.6b", size=GIB // 2, parameter_size="0.6B"))


def measured_in(folder: Path) -> list[Measured]:
    """What was measured in a folder's file, oldest first."""
    database = Database.open(folder / "leadline.db", lambda: 1000.0)
    try:
        return list(MeasuredStore(database).since(0.0))
    finally:
        database.close()


def test_a_wait_always_has_words() -> None:
    """Also while nothing was heard, and while the model thinks: silence is the one thing that is not said."""
    assert wait_text(None, 500.0, None) == "asking · 0.5 s"
    assert wait_text(None, 4100.0, None) == "waiting for the server · 4.1 s"
    assert wait_text(WaitReason.THINKING, 4100.0, None) == "thinking · 4.1 s"
    assert all(wait_text(reason, 1.0, None) for reason in WaitReason)


def test_a_late_answer_says_what_it_waited_for() -> None:
    """After the fact the reason stands beside the time; a stored answer's label stays as it is."""
    routed = Routed(Route.FAST, "qwen3:4b", "ollama", "local")
    late = TurnFinished(1, 1, 4200.0, 9000.0, 80, "stop", WaitReason.LOADING, 3100.0)
    assert footer(routed, late) == "qwen3:4b · 4.2 s (loading 3.1 s)"
    assert footer(routed, TurnFinished(1, 1, 200.0, 9000.0, 80)) == "qwen3:4b · 0.2 s"
    stored = Routed(Route.EXACT_HIT, "qwen3:4b", "ollama", "local", StoredQuestion("q", 1.0))
    assert "loading" not in footer(stored, late)


def test_the_parts_of_a_wait_are_named_where_they_count() -> None:
    """What would be told as 0.0 s is noise."""
    assert parts_text(Wait(3100.0, 900.0, 10.0, 100.0)) == "loading 3.1 s · reading 0.9 s · queue 0.1 s"
    assert parts_text(Wait(0.0, 0.0, 0.0, 1.0)) == ""


def test_what_can_be_done_fits_the_narrowest_screen() -> None:
    """An offer that is cut off is none; a model's name may be anything."""
    key = "ctrl+t · F4"
    assert instead_text(None, key, has_maybe=False) == "esc stops · F2 takes another model"
    assert instead_text(Instead(), key, has_maybe=False) == "esc stops · F2 takes another model"
    known = instead_text(Instead(Smaller("qwen3:0.6b", 300.0)), key, has_maybe=True)
    assert known == "tab opens the stored answer · esc stops · /model qwen3:0.6b (0.3 s here), then /again"
    assert len(instead_text(Instead(Smaller("qwen3:0.6b", 300.0)), key, has_maybe=False)) <= 78
    assert "\x1b" not in instead_text(Instead(Smaller("\x1b[31mred")), key, has_maybe=False)
    deep = instead_text(Instead(Smaller("qwen3:0.6b", 300.0), 38.0), key, has_maybe=True)
    assert deep == "tab opens the stored answer · ctrl+t · F4 goes deep (usual 0:38) · esc stops"


def test_past_ten_seconds_the_screen_offers_something_else(tmp_path: Path) -> None:
    """A person who waits is told what the wait is and what they can do, and no more of it when text comes."""

    async def scene(person: Person) -> None:
        await person.ask("one")
        await person.sees("loading the model ·")
        person.clock.now += 4.1
        person.chat._teller.tell_wait()
        await person.settle()
        assert "/again" not in person.screen()
        person.clock.now += 6.0
        person.chat._teller.tell_wait()
        await person.sees("esc stops · /model qwen3:0.6b, then /again")
        assert "loading the model · 10.1 s" in person.screen()
        await person.press("escape")
        await person.until(lambda: not person.is_answering)
        assert "/again" not in person.screen()

    with OllamaServer(Script(models=TWO, load_s=5.0)) as server:
        drive(scene, tmp_path, server.url)


def test_an_answer_that_stands_still_says_so(tmp_path: Path) -> None:
    """A server that hangs in the middle of a sentence is not one that answers, nor waited for in silence."""

    async def scene(person: Person) -> None:
        await person.ask("one")
        await person.until(lambda: person.chat.status.state == "answering · esc stops")
        await person.still()  # all that comes has come
        teller = person.chat._teller
        person.clock.now += 2.9
        teller.tell_wait()
        assert person.chat.status.state == "answering · esc stops"
        person.clock.now += 1.2
        await person.sees("nothing more for 4.1 s · esc stops")
        person.clock.now += 6.0
        await person.sees("esc stops · F2 takes another model")
        teller.take(teller._key, TextDelta("and on"))
        await person.settle()
        assert person.chat.status.state == "answering · esc stops"
        assert "F2 takes" not in person.screen()
        await person.press("escape")
        await person.until(lambda: not person.is_answering)

    with OllamaServer(Script(fault=Fault.STALL_MIDWAY, stall_s=60.0)) as server:
        drive(scene, tmp_path, server.url)


def test_thinking_is_said_with_its_time(tmp_path: Path) -> None:
    """A model that thinks for long looks like one that hangs, unless the time goes on."""

    async def scene(person: Person) -> None:
        teller = person.chat._teller
        teller.begin(1)
        teller.take(1, Waiting(WaitReason.LOADING, 500.0))
        person.clock.now += 4.1
        teller.take(1, ThinkingDelta("hm"))
        assert person.chat.status.state == "thinking · 4.1 s"
        person.clock.now += 1.0
        teller.tell_wait()
        assert person.chat.status.state == "thinking · 5.1 s"
        teller.leave()

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)


def test_each_answer_keeps_when_it_was_seen(tmp_path: Path) -> None:
    """From the key to the frame; a stored one is on the screen before it has its number."""

    async def scene(person: Person) -> None:
        await person.until(lambda: person.chat.outlook is not None)
        await person.ask("how do I undo the last commit?")
        await person.has_answer("git")
        await person.until(lambda: all(one.paint_ms is not None for one in measured_in(tmp_path)))

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)
        drive(scene, tmp_path, server.url)
    fast, stored = measured_in(tmp_path)
    assert (fast.route, stored.route) == ("fast", "exact-hit")
    assert fast.paint_ms is not None
    assert stored.paint_ms is not None


def test_details_come_under_the_answer_and_go_again(tmp_path: Path) -> None:
    """The label is short on purpose; what is behind it is one key away, also after a day."""

    async def scene(person: Person) -> None:
        await person.ask("/details")
        await person.is_told("there is no answer yet")
        await person.ask("one")
        await person.has_answer("git")
        await person.until(lambda: measured_in(tmp_path)[0].paint_ms is not None)
        await person.ask("/details")
        await person.sees("first text")
        assert "fast · qwen3:4b · local" in person.screen()
        assert "tok/s" in person.screen()
        assert "on the screen" in person.screen()
        await person.press("shift+tab", "i")
        await person.until(lambda: "first text" not in person.screen())

    async def next_day(person: Person) -> None:
        await person.sees("qwen3:4b ·")
        await person.press("shift+tab", "i")
        await person.sees("tokens in")

    with OllamaServer(Script(models=TWO)) as server:
        drive(scene, tmp_path, server.url)
        drive(next_day, tmp_path, server.url, goes_on=True)


def test_a_late_answer_says_what_it_waited_for_also_the_next_day(tmp_path: Path) -> None:
    """And where it was made: what left this machine is no less of a fact a day later."""

    async def scene(person: Person) -> None:
        await person.ask("one")
        await person.has_answer("git")

    async def next_day(person: Person) -> None:
        await person.sees("qwen3:4b · lan 10.0.0.5 · 4.2 s (loading 3.1 s)")

    with OllamaServer(Script(models=TWO)) as server:
        drive(scene, tmp_path, server.url)
        with closing(sqlite3.connect(tmp_path / "leadline.db")) as connection, connection:
            connection.execute(
                "UPDATE answer SET place = 'lan 10.0.0.5', ttft_ms = 4200, load_ms = 3100, prefill_ms = 900,"
                " server_ms = 4300"
            )
        drive(next_day, tmp_path, server.url, goes_on=True)
