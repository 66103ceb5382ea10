"""A project from the shell: one conversation for all its folders, and its own words before every question."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.server import OllamaServer
from tests.shell.running import Shell


@pytest.fixture
def root(shell: Shell) -> Path:
    """A git root with a folder in it."""
    done = shell.sh("git init -q app && mkdir -p app/src/deep")
    assert done.code == 0, done.err
    return shell.home / "app"


def prompts(server: OllamaServer) -> list[str]:
    """The system prompt of every question that was answered."""
    found = []
    for record in server.log:
        messages = record.body.get("messages")
        if isinstance(messages, list) and messages:
            found.append(str(messages[0]["content"]))
    return found


def test_c_goes_on_from_any_folder_of_the_project(shell: Shell, root: Path) -> None:
    """The conversation is about the project, and people move in it."""
    assert shell.run("ask", "one?", cwd=root / "src").code == 0
    assert shell.run("ask", "-c", "two?", cwd=root).code == 0
    assert shell.run("ask", "-c", "three?", cwd=root / "src" / "deep").code == 0

    assert [turn.question for turn in shell.turns()] == ["one?", "two?", "three?"]
    assert "no conversation here yet" in shell.run("ask", "-c", "elsewhere?", cwd=shell.home).err


def test_the_project_s_words_are_sent_and_named(shell: Shell, server: OllamaServer, root: Path) -> None:
    """Nothing goes out that the person was not told of, and stdout is the answer alone."""
    (root / ".leadline.md").write_text("Use tabs.\n")
    first = shell.run("ask", "one?", cwd=root / "src")
    second = shell.run("ask", "-c", "two?", cwd=root)
    (root / ".leadline.md").write_text("Use spaces.\n")
    third = shell.run("ask", "-c", "three?", cwd=root)

    assert first.out == second.out == third.out == "Use `git switch`.\n"
    assert "with .leadline.md 3 tok" in first.err
    assert second.err == ""
    assert third.err == "leadline: .leadline.md changed: now with .leadline.md 4 tok\n"
    one, two, three = prompts(server)
    assert one.endswith("Use tabs.")
    assert one == two
    assert three.endswith("Use spaces.")


def test_the_setting_names_another_file_or_none(shell: Shell, server: OllamaServer, root: Path) -> None:
    """AGENTS.md is for other tools, so it goes on request alone; and a file's name is no path."""
    (root / "AGENTS.md").write_text("Run make.\n")
    (root / ".leadline.md").write_text("Use tabs.\n")
    key = "LEADLINE_CONTEXT__INSTRUCTIONS"
    assert "with AGENTS.md" in shell.run("ask", "one?", cwd=root, env={key: "AGENTS.md"}).err
    assert shell.run("ask", "two?", cwd=root, env={key: ""}).err == ""
    refused = shell.run("ask", "three?", cwd=root, env={key: "../secret"})

    assert (refused.code, refused.out) == (1, "")
    assert "context.instructions cannot be '../secret'" in refused.err
    assert "the name of a file at the project's root" in refused.err
    one, two = prompts(server)
    assert "Run make." in one
    assert "The project says" not in two


def test_a_hostile_file_does_not_stop_a_question(shell: Shell, server: OllamaServer, root: Path) -> None:
    """Cloning a repository must be harmless, whatever it holds."""
    server.script = replace(server.script, reply="fine")
    os.mkfifo(root / ".leadline.md")
    done = shell.run("ask", "hi", cwd=root)

    assert (done.code, done.out) == (0, "fine\n")
    assert ".leadline.md is no file; the question goes without it" in done.err


def test_the_doctor_names_the_project(shell: Shell, root: Path) -> None:
    """Whoever wonders what goes along looks there."""
    (root / "AGENTS.md").write_text("Run make.\n")
    told = shell.run("doctor", cwd=root / "src").out
    assert f"{root} (git root); AGENTS.md is there and not sent" in told

    (root / ".leadline.md").write_text("Use tabs.\n")
    assert "every question carries .leadline.md 3 tok" in shell.run("doctor", cwd=root).out


def test_with_both_streams_in_one_file_x_prints_the_code_alone(
    shell: Shell, server: OllamaServer, root: Path
) -> None:
    """Editors read both; what is only worth knowing must not land in somebody's text."""
    server.script = replace(server.script, reply="```\nx\n```")
    (root / ".leadline.md").write_text("Use tabs.\n")

    assert shell.sh("cd app && $leadline ask -x hi 2>&1 | cat").out == "x\n"
    failed = shell.sh("cd app && OLLAMA_HOST=127.0.0.1:9 $leadline ask -x hi 2>&1 | cat").out
    assert "is not running" in failed
