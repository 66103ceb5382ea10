"""Every size a terminal can have, changes of it in the middle of an answer, and two pictures."""

import re
from pathlib import Path

import pytest

from tests.screen.driving import NOBODY, Person, drive
from tests.server import OllamaServer, Script, markdown

SNAPSHOTS = Path(__file__).parent / "snapshots"
SIZES = [(80, 24), (200, 50), (40, 10), (20, 5), (10, 3), (3, 2), (1, 1), (300, 100), (80, 24)]
ANSWER = """\
`git switch` changes branches:

```bash
git switch main        # an existing one
git switch -c fix/utf8 # a new one
```

- **uncommitted work** comes along, unless it would be overwritten
- `Vec<T>` and `<div>` stay what they are

| old | new |
|---|---|
| `checkout -b` | `switch -c` |
"""


def test_at_80x24_the_answer_has_sixteen_rows_and_more(tmp_path: Path) -> None:
    """The screen is for the answer."""

    async def scene(person: Person) -> None:
        await person.ask("hi")
        await person.sees("word")
        await person.until(lambda: person.chat.transcript.size.height == 21)
        await person.type("/c")
        assert person.chat.transcript.size.height == 21
        assert person.screen().splitlines()[-1].endswith("local")

    with OllamaServer(Script(reply="word\n\n" * 50)) as server:
        drive(scene, tmp_path, server.url)


@pytest.mark.parametrize("size", SIZES[:-1])
def test_no_size_is_too_small_or_too_large(tmp_path: Path, size: tuple[int, int]) -> None:
    """A split pane can be five rows high; asking must still work."""

    async def scene(person: Person) -> None:
        await person.ask("hi there, this is a question of some length")
        await person.has_answer("word")
        palette = ("ctrl+p", "escape", "escape") if size[1] >= 5 else ()  # Textual's own needs some rows
        for key in ("f1", "escape", "f2", "escape", *palette, "pageup", "ctrl+end"):
            await person.press(key)
        await person.type("/co")
        await person.press("tab")

    with OllamaServer(Script(reply=f"a word {ANSWER}")) as server:
        app = drive(scene, tmp_path, server.url, size=size)
    assert app._exception is None


def test_resizing_in_the_middle_of_an_answer_loses_nothing(tmp_path: Path) -> None:
    """Tiling window managers resize all the time."""

    async def scene(person: Person) -> None:
        await person.ask("hi")
        for _ in range(3):
            for width, height in SIZES:
                await person.pilot.resize_terminal(width, height)
                await person.settle()
        await person.has_answer()
        assert person.chat.transcript.last_answer() == text
        await person.sees(text.split()[-1])

    text = markdown(400)
    with OllamaServer(Script(reply=text, tokens_per_s=400)) as server:
        app = drive(scene, tmp_path, server.url)
    assert app._exception is None


def compare(name: str, shown: str) -> None:
    """Compare with the stored picture; where there is none it is made, and the test fails for once."""
    shown = re.sub(r"\d+\.\d s\b", "0.0 s", shown)
    file = SNAPSHOTS / f"{name}.txt"
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        file.write_text(shown + "\n", "utf-8")
        pytest.fail(f"{file.name} was not there; it is made now, look at it")
    assert shown + "\n" == file.read_text("utf-8")


def test_an_answer_looks_as_it_should(tmp_path: Path) -> None:
    """The picture most people will see most of the time."""

    async def scene(person: Person) -> None:
        await person.ask("How do I change branches?")
        await person.has_answer("switch -c")
        await person.type("and back?")
        wait = person.screen().split("qwen3.5:4b · ")[1].split(" s")[0]
        compare("answer", person.screen().replace(f"qwen3.5:4b · {wait} s", "qwen3.5:4b · 0.0 s"))

    with OllamaServer(Script(reply=ANSWER)) as server:
        drive(scene, tmp_path, server.url)


def test_the_first_minute_without_a_server_looks_as_it_should(tmp_path: Path) -> None:
    """The first picture many people will see: what is missing, what to do, and that the question waits."""

    async def scene(person: Person) -> None:
        await person.sees("ollama serve")
        await person.ask("why is my build so slow?")
        await person.sees("queued")
        await person.sees("I keep trying")
        compare("no_server", person.screen())

    drive(scene, tmp_path, NOBODY)


def test_where_a_model_runs_is_the_last_thing_to_go(tmp_path: Path) -> None:
    """On a narrow screen the model's name can be looked up; whether something leaves must be seen."""

    async def scene(person: Person) -> None:
        status = person.chat.status
        status.model, status.context, status.place = "qwen3.5:4b", "", "local"
        await person.sees("qwen3.5:4b · local")
        status.context, status.place = "ctx 7.1k/8.2k", "REMOTE api.x.de"
        await person.settle()
        assert person.screen().endswith("\n    REMOTE api.x.de")

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url, size=(20, 6))
