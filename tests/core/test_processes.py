"""Other programs: bounded in time and in what they write, and gone with all they started."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from core.context import git as git_module
from core.context.processes import all_started, run
from core.context.sources.sources import Sources
from core.errors import AttachmentRefused
from tests.core.starting import Starts
from tests.core.test_command import until_gone
from tests.core.test_sources import environ, needs_git, run_git

pytestmark = pytest.mark.skipif(os.name == "nt", reason="another shell there")
ENVIRON = {"PATH": os.environ["PATH"]}


def sh(
    script: str, limit: int = 10_000, timeout_s: float = 10.0
) -> tuple[int | None, bytes, bytes, bool, bool]:
    done = asyncio.run(run(("sh", "-c", script), ENVIRON, limit, timeout_s))
    return done.status, done.out, done.err, done.is_cut, done.is_late


def test_what_it_writes_and_how_it_ends() -> None:
    """Nothing stands on its stdin, and the two streams stay apart."""
    assert sh("cat; echo out; echo err >&2; exit 3") == (3, b"out\n", b"err\n", False, False)


def test_one_that_never_stops_writing_is_ended() -> None:
    """On either stream."""
    assert sh("yes", limit=1000) == (None, (b"y\n" * 500), b"", True, False)
    status, out, err, is_cut, is_late = sh("yes >&2 & sleep 0.2; kill $!; wait; echo over")
    assert (status, out, is_cut, is_late) == (0, b"over\n", False, False)
    assert 0 < len(err) <= 4096


def test_one_that_takes_too_long_is_ended_with_all_it_started(tmp_path: Path) -> None:
    """A grandchild holds the pipe open, and would hold us up."""
    begun, pid = time.monotonic(), tmp_path / "pid"
    pid.touch()
    for timeout_s in (0.3, 3.0, 20.0):  # a busy machine may take longer to come as far as the grandchild
        done = sh(f"sleep 60 & echo $! > {pid}; wait", timeout_s=timeout_s)
        if pid.read_text():
            break

    assert done == (None, b"", b"", False, True)
    assert time.monotonic() - begun < 50
    until_gone(int(pid.read_text()))


def test_being_cancelled_ends_it(tmp_path: Path) -> None:
    """The person struck the source, or left."""

    async def main() -> None:
        command = ("sh", "-c", f"echo $$ > {tmp_path}/pid; exec sleep 60")
        task = asyncio.ensure_future(run(command, ENVIRON, 10, 60.0))
        while not (tmp_path / "pid").exists() or "\n" not in (tmp_path / "pid").read_text():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    until_gone(int((tmp_path / "pid").read_text()))


@pytest.mark.timeout(30)
@pytest.mark.parametrize("turns", range(4))
def test_a_loop_that_is_closed_while_a_program_is_being_started_comes_to_its_end(
    monkeypatch: pytest.MonkeyPatch, turns: int
) -> None:
    """Who leaves in that moment wants their terminal back, and nothing left running behind it."""
    starts = Starts(monkeypatch)

    async def main() -> None:
        running = asyncio.ensure_future(run(("sleep", "60"), ENVIRON, 10, 60.0))
        await starts.first()
        for _ in range(turns):
            await asyncio.sleep(0)
        await all_started()
        assert not running.done()

    asyncio.run(main())
    until_gone(starts.pids[0])


def test_the_loop_goes_on_while_a_source_is_read(tmp_path: Path) -> None:
    """Typing goes on while a folder, a large file and a slow program are read."""
    for number in range(300):
        (tmp_path / f"{number}.txt").write_text("x\n" * 500)
    (tmp_path / "big").write_text("line of text\n" * 150_000)

    async def main() -> float:
        """How much of the whole time the loop stood still at once."""
        sources, begun = Sources(tmp_path, ENVIRON), time.perf_counter()
        reading = asyncio.gather(sources.read("./"), sources.read("big"), sources.read("big:3-4"))
        worst, last = 0.0, time.perf_counter()
        while not reading.done():
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            worst, last = max(worst, now - last), now
        await reading
        return worst / (time.perf_counter() - begun)

    assert min(asyncio.run(main()) for _ in range(3)) < 0.5


@needs_git
def test_a_repository_that_makes_git_wait_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipe in the place of a file of its settings is enough for that."""
    monkeypatch.setattr(git_module, "TIMEOUT_S", 0.5)
    here = tmp_path / "here"
    here.mkdir()
    run_git(here, "init", "-q")
    (here / "a").write_text("a")
    run_git(here, "add", "a")
    os.mkfifo(tmp_path / "never")
    run_git(here, "config", "core.excludesFile", str(tmp_path / "never"))
    begun = time.monotonic()

    async def main() -> list[object]:
        sources = Sources(here, environ(tmp_path))
        reading = (sources.read(name) for name in ("./", "**/*", "@staged"))
        return list(await asyncio.gather(*reading, return_exceptions=True))

    ends = asyncio.run(main())

    assert all(isinstance(end, AttachmentRefused) for end in ends)
    assert all("git took longer than 0.5 s" in str(end) for end in ends)
    assert time.monotonic() - begun < 60
