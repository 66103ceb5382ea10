"""``!command``: the person's own shell, its output on the screen, and then with the next question."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from tests.screen.driving import Person, drive, sent
from tests.screen.terminals import in_terminal, sees
from tests.screen.test_sources_sending import row
from tests.server import OllamaServer, Script

pytestmark = pytest.mark.usefixtures("project")


@pytest.fixture(autouse=True)
def _plain_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's own start-up files."""
    monkeypatch.setenv("SHELL", "/bin/sh")


def test_a_command_shows_its_output_and_goes_with_the_next_question_once(tmp_path: Path) -> None:
    """Run the test, ask why: the output is one enter away, and not in every question after it."""

    async def scene(person: Person) -> None:
        await person.ask("!echo one; echo two >&2; exit 3")
        await person.sees("› !echo one; echo two >&2; exit 3 one two exit 3")
        await person.until(lambda: "▤ ! echo one; echo two >&2; exit 3 · exit 3" in row(person))
        await person.ask("why?")
        await person.has_answer("git")
        assert "one\ntwo" in sent(server)
        assert sent(server).endswith("why?")
        assert row(person) == ""
        await person.ask("and now?")
        await person.until(lambda: len(server.requests("/api/chat")) == 2)
        assert sent(server) == "and now?"

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)


def test_output_streams_and_another_question_is_answered_meanwhile(tmp_path: Path) -> None:
    """A long build is no reason to wait with a question."""

    async def scene(person: Person) -> None:
        await person.ask("!echo begun; read line < gate; echo over")
        await person.sees("begun")
        await person.until(lambda: "runs" in row(person))
        await person.ask("meanwhile?")
        await person.has_answer("git")
        assert sent(server) == "meanwhile?"
        await asyncio.to_thread(Path("gate").write_text, "go\n", "utf-8")
        await person.sees("over exit 0")
        await person.until(lambda: "exit 0" in row(person))

    os.mkfifo("gate")
    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
def test_esc_and_ctrl_c_stop_the_command_and_all_it_started(tmp_path: Path, key: str) -> None:
    """A server that was started by mistake must not live on behind the screen."""

    async def scene(person: Person) -> None:
        await person.ask("!sleep 300 & echo $! > pid.new; mv pid.new pid; wait")
        await person.until(pid.exists)
        await person.press(key)
        await person.sees("stopped")
        assert "again quits" not in person.screen()
        await person.until(lambda: not _lives(int(pid.read_text("utf-8"))))

    pid = Path("pid")
    drive(scene, tmp_path)


def test_the_answer_is_stopped_before_the_command(tmp_path: Path) -> None:
    """Esc stops one thing, the one that is being read."""

    async def scene(person: Person) -> None:
        await person.ask("!echo begun; sleep 300")
        await person.sees("begun")
        await person.ask("long?")
        await person.sees("word word")
        await person.press("escape")
        await person.until(lambda: not person.is_answering)
        await person.until(lambda: "runs" in row(person))
        await person.press("escape")
        await person.until(lambda: "runs" not in row(person))

    with OllamaServer(Script(reply="word " * 2_000, tokens_per_s=50)) as server:
        drive(scene, tmp_path, server.url)


def test_one_command_at_a_time_and_the_second_is_not_lost(tmp_path: Path) -> None:
    """Two outputs in one another would be neither."""

    async def scene(person: Person) -> None:
        await person.ask("!sleep 300")
        await person.ask("!echo second")
        await person.is_told("a command is running")
        assert person.typed == "!echo second"
        await person.press("escape")
        await person.sees("no output")
        await person.press("enter")
        await person.sees("second exit 0")

    drive(scene, tmp_path)


def test_what_is_no_command_is_a_question(tmp_path: Path) -> None:
    """A sigil acts only if it resolves."""
    texts = ("!important", "! echo spaced", "!", "!!", " !echo led by a space", "!/nowhere")

    async def scene(person: Person) -> None:
        for number, text in enumerate(texts):
            await person.ask(text)
            await person.until(lambda n=number: len(server.requests("/api/chat")) > n)  # type: ignore[misc]  # bound
            await person.has_answer("git")
            assert sent(server) == text.strip()
            await person.press("ctrl+n")

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)


def test_a_pasted_command_never_runs(tmp_path: Path) -> None:
    """What a web page put into the clipboard must not run here."""

    async def scene(person: Person) -> None:
        await person.paste("!touch owned")
        await person.press("enter")
        await person.has_answer("git")
        assert "owned" not in os.listdir()
        await person.press("up")
        assert person.typed == "!touch owned"
        await person.press("enter")
        await person.until(lambda: len(server.requests("/api/chat")) == 2)
        assert "owned" not in os.listdir()

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)


def test_up_brings_a_command_back_and_enter_runs_it_again(tmp_path: Path) -> None:
    """Edit, run the test, edit, run the test."""

    async def scene(person: Person) -> None:
        await person.ask("!echo x >> count; wc -l < count")
        await person.sees("1 exit 0")
        await person.press("up")
        assert person.typed == "!echo x >> count; wc -l < count"
        await person.press("enter")
        await person.sees("2 exit 0")

    drive(scene, tmp_path)


def test_a_model_never_runs_a_command(tmp_path: Path) -> None:
    """An answer is text, whatever it begins with."""

    async def scene(person: Person) -> None:
        await person.ask("go")
        await person.has_answer("!touch owned")
        await person.ask("!true")
        await person.sees("exit 0")
        assert "owned" not in os.listdir()

    with OllamaServer(Script(reply="!touch owned")) as server:
        drive(scene, tmp_path, server.url)


def test_endless_output_stays_bounded_and_the_newest_lines_are_seen(tmp_path: Path) -> None:
    """A log of a million lines must neither fill the memory nor hide its end."""

    async def scene(person: Person) -> None:
        await person.ask("!seq 1 20000")
        await person.sees("20000 exit 0")
        await person.press("pageup", "pageup")
        output = person.chat.transcript._column.items[-1].items[-1]
        assert output.height < 2_500
        assert person.chat.transcript.last_answer() == ""
        await person.press("ctrl+o")
        await person.is_told("there is no answer to copy yet")
        await person.ask("/find 19999")
        await person.sees("× 19999")

    drive(scene, tmp_path)


def test_leaving_ends_a_command_that_still_runs(tmp_path: Path) -> None:
    """Nothing that was started here outlives the screen."""
    with in_terminal(tmp_path, "127.0.0.1:9") as terminal:
        sees(terminal, "Ask anything")
        pid = tmp_path / "pid"
        terminal.type("!sleep 300 & echo $! > pid.new; mv pid.new pid; wait\r")
        terminal.wait_until(lambda _: pid.exists())
        terminal.press("ctrl+q")
        assert terminal.wait_for_exit() == 0
        # It was told to end before we left; that it is gone the system says when it gets to it.
        ends_by = time.monotonic() + 30
        while _lives(int(pid.read_text("utf-8"))):
            assert time.monotonic() < ends_by, "it outlives the screen"
            time.sleep(0.01)  # no child of ours, so that nobody tells when it is gone


def _lives(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        return not Path("/proc/self").exists()
