"""Ctrl+g: the prompt in the person's own editor and back, on a real terminal, with editors that misbehave."""

import stat
from functools import partial
from pathlib import Path

import pytest

from tests.bench.terminal import Terminal
from tests.screen.driving import Person, drive
from tests.screen.terminals import in_terminal, sees
from tests.server import Loaded, OllamaServer, Script

SCRIPT = Script(loaded=(Loaded("qwen3.5:4b", 8192),), reply="Use `git switch`.")
CTRL_G = b"\x07"


def editor(home: Path, script: str) -> str:
    """An editor that does what a script says with ``$1``; named with an argument, as in `code --wait`."""
    file = home / "my editor"
    file.write_text(f'#!/bin/sh\nset -e\ntest "$1" = --wait; shift\n{script}\n')
    file.chmod(0o755)
    return f"'{file}' --wait"


def edited(terminal: Terminal, typed: str) -> None:
    """Type something, and open it."""
    sees(terminal, "qwen3.5:4b")
    terminal.type(typed)
    sees(terminal, typed)
    terminal.send(CTRL_G)


def test_what_is_typed_comes_back_from_the_editor_and_is_not_sent(tmp_path: Path) -> None:
    """A long question is written where one writes; it is sent by the person's own enter."""
    script = f'ls -l "$1" > {tmp_path}/listed\nprintf "and\\nmore\\n" >> "$1"'
    with (
        OllamaServer(SCRIPT) as server,
        in_terminal(
            tmp_path, server.url, also={"EDITOR": editor(tmp_path, script), "VISUAL": ""}
        ) as terminal,
    ):
        edited(terminal, "first words")
        terminal.wait_until(lambda lines: any(line.strip() == "more" for line in lines))
        sees(terminal, "first words and more")
        assert not [record for record in server.log if "words" in str(record.body)]
        terminal.send(b"!\r")
        sees(terminal, "Use git switch")
        assert [record for record in server.log if "first words\\nand\\nmore!" in str(record.body)]
    listed = (tmp_path / "listed").read_text()
    assert listed.startswith("-rw-------")
    assert listed.endswith(".md\n")


def test_an_editor_with_the_screen_and_keys_of_the_terminal(tmp_path: Path) -> None:
    """It shows, it is typed into, ctrl+c is its own, and afterwards the screen is whole again."""
    script = (
        "trap 'echo STOPPED HERE; echo stopped >> \"$1\"' INT\nprintf 'EDITOR HERE\\n'; read line || true\n"
        # Read once more where the signal ended the first: else it is over before anybody has seen it stop.
        'printf "%s\\n" "got $line" >> "$1"; echo LINE HERE; read line || read line || true'
    )
    with (
        OllamaServer(SCRIPT) as server,
        in_terminal(tmp_path, server.url, also={"VISUAL": editor(tmp_path, script)}) as terminal,
    ):
        edited(terminal, "q")
        terminal.wait_until(lambda lines: any("EDITOR HERE" in line for line in lines))
        terminal.type("typed\r")
        sees(terminal, "LINE HERE")
        terminal.send(b"\x03")
        sees(terminal, "STOPPED HERE")
        terminal.type("\r")
        sees(terminal, "got typed")
        sees(terminal, "qwen3.5:4b · local")
        terminal.type(" still typing")
        sees(terminal, "still typing")


FAILING = {
    "fails, deletes, is killed": {
        "exit 3": ("ended with 3; nothing is changed", "precious"),
        'rm "$1"': ("nothing could be read back; nothing is changed", "precious"),
        'echo saved >> "$1"; kill -9 $$': ("was ended by signal 9; what it saved is here", "precious saved"),
    },
    "empties, writes bytes": {
        ': > "$1"; exit 1': ("ended with 1; nothing is changed", "precious"),
        'printf "\\000" > "$1"': ("nothing could be read back", "precious"),
    },
}


@pytest.mark.parametrize("failing", FAILING.values(), ids=FAILING)
def test_an_editor_that_fails_loses_nothing(tmp_path: Path, failing: dict[str, tuple[str, str]]) -> None:
    """What was typed took thought; one failing editor after another leaves it where it is."""
    named = editor(tmp_path, "exit 0")
    with (
        OllamaServer(SCRIPT) as server,
        in_terminal(tmp_path, server.url, also={"EDITOR": named, "VISUAL": ""}) as terminal,
    ):
        sees(terminal, "qwen3.5:4b")
        terminal.type("precious")
        for script, (words, prompt) in failing.items():
            editor(tmp_path, script)
            sees(terminal, "precious")
            terminal.send(CTRL_G)
            # A toast breaks its lines, with a border before each.
            terminal.wait_until(partial(_says, words))
            sees(terminal, prompt)


def _says(words: str, lines: list[str]) -> bool:
    return words in " ".join(" ".join(lines).replace("▌", "").split())


def test_an_answer_streams_on_while_the_editor_has_the_terminal(tmp_path: Path) -> None:
    """Not a byte of it gets into the editor's screen, and none is lost."""
    script = "printf 'EDITOR HERE\\n'; read line"
    slow = Script(loaded=SCRIPT.loaded, reply=[f"w{n} " for n in range(60)], tokens_per_s=50)
    with (
        OllamaServer(slow) as server,
        in_terminal(
            tmp_path, server.url, also={"EDITOR": editor(tmp_path, script), "VISUAL": ""}
        ) as terminal,
    ):
        sees(terminal, "qwen3.5:4b")
        terminal.type("go\r")
        sees(terminal, "w3")
        terminal.send(CTRL_G)
        terminal.wait_until(lambda lines: any("EDITOR HERE" in line for line in lines))
        before = terminal.end
        terminal.settle(quiet_s=1.2, timeout=1.2)
        assert terminal.end == before, terminal.output[before:][:200]
        terminal.type("\r")
        sees(terminal, "w58 w59")
        sees(terminal, "qwen3.5:4b · local")


def test_from_the_transcript_a_copy_of_the_answer_is_opened(tmp_path: Path) -> None:
    """It is read there, and what is done to it changes nothing here."""
    script = f'cp "$1" {tmp_path}/seen; echo changed > "$1"'
    with (
        OllamaServer(SCRIPT) as server,
        in_terminal(
            tmp_path, server.url, also={"EDITOR": editor(tmp_path, script), "VISUAL": ""}
        ) as terminal,
    ):
        sees(terminal, "qwen3.5:4b")
        terminal.type("hi\r")
        sees(terminal, "Use git switch")
        terminal.send(b"\x1b[Z")
        terminal.settle()
        terminal.send(CTRL_G)
        terminal.wait_until(lambda _: (tmp_path / "seen").exists())
        sees(terminal, "Use git switch")
        assert not any("changed" in line for line in terminal.lines())
    assert (tmp_path / "seen").read_text() == "Use `git switch`.\n"
    assert not stat.S_IMODE((tmp_path / "leadline").stat().st_mode) & 0o077


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", "no editor is named"),
        ("no-such-editor -x", "names no-such-editor, which is not there"),
        ("vim '", "$EDITOR cannot be read"),
    ],
)
def test_without_an_editor_there_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str, words: str
) -> None:
    """It names what to set."""
    monkeypatch.setenv("EDITOR", value)
    monkeypatch.delenv("VISUAL", raising=False)

    async def scene(person: Person) -> None:
        await person.type("kept")
        await person.press("ctrl+g")
        await person.is_told(words)
        assert person.typed == "kept"

    drive(scene, tmp_path)
