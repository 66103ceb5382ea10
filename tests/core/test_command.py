"""A command of the person's: real shells, real signals, output of any kind and any length."""

import asyncio
import os
import time
from contextlib import aclosing
from pathlib import Path

import pytest

from core.context.sources.command import HEAD, MOST_SHOWN, TAIL, Command
from core.context.terminal_text import PlainText, last_written
from core.errors import AttachmentRefused
from core.messages import Attachment
from tests.core.starting import Starts

pytestmark = pytest.mark.skipif(os.name == "nt", reason="another shell there")
ENVIRON = {"PATH": os.environ["PATH"], "SHELL": "/bin/sh", "LANG": "C.UTF-8"}


async def run(line: str, here: Path, environ: dict[str, str] | None = None) -> tuple[str, Attachment]:
    """What is shown, and what is attached."""
    pieces: list[str] = []
    async for piece in Command(line, here, environ or ENVIRON).run():
        if isinstance(piece, Attachment):
            return "".join(pieces), piece
        pieces.append(piece)
    raise AssertionError("no attachment came")


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def until_gone(pid: int) -> None:
    deadline = time.monotonic() + 30
    while alive(pid):
        assert time.monotonic() < deadline, f"{pid} lives"


def test_its_output_and_its_exit_status_are_attached(tmp_path: Path) -> None:
    """Both streams as they come, from where the person stands."""
    shown, attachment = asyncio.run(run("echo out; echo err >&2; pwd; exit 3", tmp_path))

    assert shown == attachment.text == f"out\nerr\n{tmp_path}\n"
    assert attachment.name == "! echo out; echo err >&2; pwd; exit 3 · exit 3"
    assert attachment.origin == ""


def test_it_runs_in_the_persons_own_shell(tmp_path: Path) -> None:
    """What they type is in its language."""
    shell = tmp_path / "mysh"
    shell.write_text('#!/bin/sh\necho "mine: $1 $2"\n')
    shell.chmod(0o755)

    assert asyncio.run(run("a b", tmp_path, ENVIRON | {"SHELL": str(shell)}))[0] == "mine: -c a b\n"
    assert asyncio.run(run("echo x", tmp_path, ENVIRON | {"SHELL": "/no/such"}))[0] == "x\n"


def test_nothing_stands_on_its_stdin(tmp_path: Path) -> None:
    """What asks would wait for ever for keys that the screen has."""
    assert asyncio.run(run("cat; echo over", tmp_path))[0] == "over\n"


def test_pieces_come_while_it_runs(tmp_path: Path) -> None:
    """A long build is watched, not waited for."""
    door = tmp_path / "door"

    async def main() -> list[str]:
        pieces = []
        async for piece in Command(
            f"echo one; while [ ! -e {door} ]; do :; done; echo two", tmp_path, ENVIRON
        ).run():
            if isinstance(piece, str):
                pieces.append(piece)
                door.touch()
        return pieces

    assert asyncio.run(main()) == ["one\n", "two\n"]


def test_closing_it_ends_everything_it_started(tmp_path: Path) -> None:
    """Esc means now, for the tests it runs as well."""

    async def main() -> list[int]:
        command = Command("sleep 60 & echo $!; echo $$; wait", tmp_path, ENVIRON)
        pids = ""
        async with aclosing(command.run()) as pieces:
            async for piece in pieces:
                assert isinstance(piece, str)
                pids += piece
                if pids.count("\n") == 2:
                    break
        return [int(pid) for pid in pids.split()]

    for pid in asyncio.run(main()):
        until_gone(pid)


def test_stopping_it_keeps_what_came(tmp_path: Path) -> None:
    """A server, a `tail -f`: what it said until now is what is asked about."""

    async def main() -> Attachment:
        command = Command("echo ready; sleep 60", tmp_path, ENVIRON)
        async for piece in command.run():
            if isinstance(piece, Attachment):
                return piece
            command.stop()
        raise AssertionError("no attachment came")

    attachment = asyncio.run(main())

    assert attachment.text == "ready\n"
    assert attachment.name == "! echo ready; sleep 60 · stopped"


def test_what_it_leaves_running_holds_nothing_up(tmp_path: Path) -> None:
    """A daemon keeps the pipe open long after the command is over; it is left alone, as a shell leaves it."""
    begun = time.monotonic()
    shown, attachment = asyncio.run(run("sleep 60 & echo $!", tmp_path))

    assert time.monotonic() - begun < 50
    assert attachment.name.endswith("exit 0")
    assert alive(int(shown))
    os.kill(int(shown), 9)


def test_a_signal_is_told_by_its_name(tmp_path: Path) -> None:
    """137 says less than SIGKILL."""
    assert asyncio.run(run("kill -9 $$", tmp_path))[1].name.endswith("· SIGKILL")


def test_of_a_long_output_the_beginning_and_the_end_are_kept(tmp_path: Path) -> None:
    """Bounded, whatever it writes; and what is left out is said."""
    shown, attachment = asyncio.run(run("seq 1 400000; echo the end", tmp_path))

    assert attachment.text.startswith("1\n2\n3\n")
    assert attachment.text.endswith("400000\nthe end\n")
    assert "characters left out" in attachment.text
    assert len(attachment.text) < HEAD + TAIL + 100
    assert len(shown) < MOST_SHOWN + 200_000
    assert shown.endswith("more than is shown here\n")


@pytest.mark.parametrize(
    ("wrote", "expected"),
    [
        (r"\033[31mred\033[0m\n", "red\n"),
        (r"\033]52;c;QUFB\007x\n", "x\n"),
        (r"\033]8;;http://a\033\\link\033]8;;\033\\ \n", "link \n"),
        (r"\033P1;2|payload\033\\x\n", "x\n"),
        (r"\033(Bx\033[?1049h\033[2J\n", "x\n"),
        (r"10%%\r50%%\r100%%\n", "100%\n"),
        (r"a\b_b\bb\n", "_b\n"),
        (r"one\r\ntwo\r\n", "one\ntwo\n"),
        (r"\377\n", "\ufffd\n"),
        (r"\342\200\256x\n", "\ufffdx\n"),
        (r"\033[31", "\ufffd[31"),
        (r"a\000b\n", "a\ufffdb\n"),
    ],
)
def test_what_a_terminal_would_act_on_is_taken_out(tmp_path: Path, wrote: str, expected: str) -> None:
    """Programs colour what they write, and may write whatever somebody else made them."""
    shown, attachment = asyncio.run(run(f"printf '{wrote}'", tmp_path))

    assert attachment.text == expected
    assert not {"\x1b", "\x07", "\u202e", "\0", "\b"} & set(shown)


def test_a_sequence_may_be_cut_anywhere() -> None:
    """Pieces end where the pipe was full."""
    text = "a\x1b[1;31mb\x1b]0;title\x07c\x1b]8;;u\x1b\\d\x1b(Be"
    for cut in range(len(text) + 1):
        plain = PlainText()
        assert plain.feed(text[:cut]) + plain.feed(text[cut:]) + plain.finish() == "abcde"


def test_a_sequence_without_an_end_is_not_held_for_ever() -> None:
    """One stray byte must not swallow everything behind it."""
    plain = PlainText()
    said = "".join(plain.feed("\x1b]0;" + "x" * 1000 if not number else "y" * 1000) for number in range(20))

    assert said.count("y") > 10_000


@pytest.mark.parametrize("unit", ["a", "\r", "a\r", "\x1b", "\x1b]", "\x1b[1", "\b", "a\b", "\x1b]a\x07"])
def test_hostile_output_takes_no_longer(unit: str) -> None:
    """It is read while the screen is used; the suite's own bound would fail what is not linear."""
    plain, text = PlainText(), unit * (1_000_000 // len(unit))
    last_written("".join(plain.feed(text[at : at + 65536]) for at in range(0, len(text), 65536)))


def test_what_cannot_be_started_says_so(tmp_path: Path) -> None:
    """The folder may be gone by now."""
    with pytest.raises(AttachmentRefused, match="the command cannot be started"):
        asyncio.run(run("echo", tmp_path / "gone"))
    with pytest.raises(AttachmentRefused, match="the command cannot be started"):
        asyncio.run(run("echo a\0b", tmp_path))


@pytest.mark.parametrize("times", [1, 3])
def test_leaving_while_it_is_being_started_ends_it_and_all_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """The shell may have done much before we are told that it has begun; none of that may stay behind.

    An app that is left cancels what runs, and each of its widgets that goes does so once more.
    """
    starts = Starts(monkeypatch)

    async def main() -> None:
        pid = tmp_path / "pid"
        line = "sleep 300 & echo $! > pid.new; mv pid.new pid; wait"
        async with aclosing(Command(line, tmp_path, ENVIRON).run()) as pieces:
            running = asyncio.ensure_future(anext(pieces))
            await starts.first()
            # The loop stands still: what it has not been told of by now, it is not told of before the end.
            deadline = time.monotonic() + 30
            while not pid.exists():
                assert time.monotonic() < deadline
                time.sleep(0.005)  # noqa: ASYNC251  (nothing else in this process may go on)
            for _ in range(times):
                running.cancel()
                await asyncio.sleep(0)
            with pytest.raises(asyncio.CancelledError):
                await running
        until_gone(int(pid.read_text()))

    asyncio.run(main())


def test_stopping_it_while_it_is_being_started_is_not_lost(tmp_path: Path) -> None:
    """A key pressed in that moment means what it always means."""

    async def main() -> None:
        command = Command("sleep 300", tmp_path, ENVIRON)
        async with aclosing(command.run()) as pieces:
            running = asyncio.ensure_future(anext(pieces))
            await asyncio.sleep(0)
            command.stop()
            attached = await asyncio.wait_for(running, 30)
        assert isinstance(attached, Attachment)
        assert attached.name.endswith("stopped")

    asyncio.run(main())
