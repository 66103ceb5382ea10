"""Console markup in anything from outside is text: it neither crashes, nor acts, nor vanishes."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.screen.driving import Person, drive
from tests.server import Fault, Model, OllamaServer, Pull, Script

MARKUP = [
    "[/nope]",
    "[@click=app.quit]x[/]",
    "[bold]b[/bold]",
    "[red",
    "\\[x]",
    "$primary[/]",
    "[link=http://x]l",
]


def test_markup_is_shown_as_it_stands_in_question_answer_and_error(tmp_path: Path) -> None:
    """Developers write brackets all day; none of them may be an order to the screen."""

    async def scene(person: Person) -> None:
        for text in MARKUP:
            reply = f"it is {text} indeed\n\n```\ncode {text} code\n```\n"
            server.script = Script(reply=reply)
            await converse(person, text)
            await person.press("ctrl+n")

    async def converse(person: Person, text: str) -> None:
        await person.ask(f"what is {text} here?")
        await person.sees(f"› what is {text} here?")
        await person.sees(f"it is {text.removeprefix(chr(92))} indeed")
        await person.sees(f"code {text} code")
        await person.press("shift+tab")
        await person.pilot.click(person.chat.transcript, offset=(10, 2))
        server.script = replace(
            server.script, fault=Fault.RAW, raw_body=f'{{"error": "oh {_escaped(text)} oh"}}\n'.encode()
        )
        await person.ask("once more?")
        await person.sees(f"oh {text} oh")
        assert not person.app._exit

    with OllamaServer() as server:
        app = drive(scene, tmp_path, server.url)
    assert app._exception is None


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\")


@pytest.mark.parametrize("text", MARKUP)
def test_markup_in_names_of_models_is_shown_as_it_stands(tmp_path: Path, text: str) -> None:
    """A name comes from a server: it is in the status line, the picker, the footer, the palette's screen."""
    name = f"m{text.replace('/', '')}:1b"

    async def scene(person: Person) -> None:
        await person.sees(f"{name} · local")
        await person.sees(f"{name} answers from now on")
        await person.ask("hi")
        await person.has_answer("git")
        await person.sees(f"{name} · ")
        await person.press("f2")
        await person.sees(f"* {name}")
        await person.press("enter")
        await person.until(lambda: person.app.screen is person.chat)
        await person.press("ctrl+p")
        await person.sees("Choose a model")
        await person.type("mod")
        await person.press("escape", "f1")
        await person.sees("send the question")

    with OllamaServer(Script(models=(Model(name),))) as server:
        app = drive(scene, tmp_path, server.url)
    assert app._exception is None


def test_markup_in_toasts_and_downloads_is_shown_as_it_stands(tmp_path: Path) -> None:
    """Toasts and the notice row say what a server said."""

    async def scene(person: Person) -> None:
        await person.sees("local")
        await person.until(lambda: person.chat.outlook is not None)
        for text in MARKUP:
            name = f"m{text}"
            server.script = replace(server.script, pull=Pull(error=f"oops {text}"))
            await person.ask(f"/pull {name}")
            await person.is_told(f"oops {text}")
            await person.sees("oops")
            await person.ask(f"/model {name}")
            await person.is_told(f"{name} is not installed")
            await person.ask(f"/copy {name}")
            await person.is_told(f"no code block {name}")
            person.app.clear_notifications()

    with OllamaServer() as server:
        app = drive(scene, tmp_path, server.url)
    assert app._exception is None


def test_markup_in_a_download_s_progress_is_shown_as_it_stands(tmp_path: Path) -> None:
    """The name of what is fetched stands in the notice row for minutes."""

    async def scene(person: Person) -> None:
        await person.until(lambda: person.chat.outlook is not None)
        await person.ask("/pull [bold]x[@click=app.quit]")
        await person.sees("[bold]x[@click=app.quit] ")
        await person.sees("esc stops")

    with OllamaServer(Script(pull=Pull(seconds=10))) as server:
        app = drive(scene, tmp_path, server.url)
    assert app._exception is None
