"""Asking in depth from the screen."""

from pathlib import Path

from core.deep.status import RunState
from tests.screen.driving import Person, drive
from tests.screen.scripted_deep import ASKS, DEEPER, SAME_SLOT, STATUS, ScriptedDeepening, depth_of
from tests.server import OllamaServer, Script

QUESTION = "why does our worker leak sockets?"


def test_look(tmp_path: Path) -> None:
    async def scene(person: Person) -> None:
        await person.ask(QUESTION)
        await person.has_answer("the draft")
        await person.press("ctrl+t")
        await person.until(lambda: deep.runs)
        run = deep.runs[0]
        run.write("## Cause\n\n`wait_for` cancels the task but the transport stays")
        await person.sees("cancels the task")
        await person.sees("alive")
        print(person.screen())
        await person.press("shift+tab")
        print(person.screen())
        await person.press("c")
        await person.until(lambda: "alive" not in person.screen())
        print(person.screen())
        await person.press("b")
        print(person.screen())
        run.finish()
        await person.sees("≈$0.07")
        print(person.screen(), person.toasts())

    with OllamaServer(Script(reply="the draft")) as server, depth_of(ScriptedDeepening(status=DEEPER)) as deep:
        drive(scene, tmp_path, server.url)

def test_wide(tmp_path: Path) -> None:
    async def scene(person: Person) -> None:
        await person.ask(QUESTION)
        await person.has_answer("the draft")
        await person.press("ctrl+t")
        await person.sees("esc no")
        print(person.screen())
        await person.press("2")
        await person.sees("(not sent)")
        print(person.screen())
        person.clock.now += 1
        await person.press("enter")
        await person.until(lambda: deep.runs)
        run = deep.runs[0]
        run.write("## Cause\n\n`wait_for` cancels the task but the transport stays")
        await person.sees("cancels the task")
        await person.sees("alive")
        print(person.screen())

    with OllamaServer(Script(reply="the draft")) as server, depth_of(ScriptedDeepening(status=DEEPER, asks=ASKS)) as deep:
        drive(scene, tmp_path, server.url, size=(200,50))
