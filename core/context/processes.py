"""Runs other programs without blocking anything: bounded in time and size, ended with all they started."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

CHUNK = 65536
_STARTING = "leadline-starting"
_ERROR_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a program ended.

    Attributes:
        status: its exit status; None when it was ended by us.
        out: what it wrote, at most as much as was allowed.
        is_cut: it wrote more than that.
        is_late: it took longer than it may.
    """

    status: int | None
    out: bytes
    err: bytes = b""
    is_cut: bool = False
    is_late: bool = False


async def run(
    command: Sequence[str],
    environ: Mapping[str, str],
    limit: int,
    timeout_s: float,
    cwd: Path | None = None,
) -> Outcome:
    """Run a program with nothing on its stdin, and take what it writes.

    Raises:
        OSError: It cannot be started.
    """
    process = await start(command, environ, cwd, asyncio.subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    complaint = asyncio.ensure_future(_take(process.stderr, _ERROR_BYTES, drains=True))
    is_over = False
    try:
        async with asyncio.timeout(timeout_s):
            out = await _take(process.stdout, limit + 1, drains=False)
            if len(out) > limit:
                return Outcome(None, out[:limit], is_cut=True)
            outcome = Outcome(await process.wait(), out, await complaint)
            is_over = True
            return outcome
    except TimeoutError:
        return Outcome(None, b"", is_late=True)
    finally:
        complaint.cancel()
        if not is_over:
            await end_group(process)


async def start(
    command: Sequence[str], environ: Mapping[str, str], cwd: Path | None, stderr: int
) -> asyncio.subprocess.Process:
    """Start a program in a session of its own, with nothing on its stdin and a pipe from its stdout.

    Being cancelled meanwhile ends it with all it has started by then: asyncio would end the program alone.

    Raises:
        OSError, ValueError: It cannot be started.
    """
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=stderr,
            env=dict(environ),
            cwd=cwd,
            start_new_session=True,
        )
    )
    starting.set_name(_STARTING)
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        # Who leaves cancels more than once, and must not reach what is being started by that.
        while not starting.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait({starting})
        with suppress(OSError, ValueError):
            await end_group(starting.result())
        raise


async def all_started() -> None:
    """Wait until nothing is just being started; for who closes the loop.

    asyncio cancels what is left there, connecting a program's pipes as well, and then waits for ever for the
    program to let go of them.
    """
    while starting := {task for task in asyncio.all_tasks() if task.get_name() == _STARTING}:
        await asyncio.wait(starting)


async def end_group(process: asyncio.subprocess.Process) -> None:
    """End a program and everything it started, as far as it stayed in its session."""
    with suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        elif process.returncode is None:
            process.kill()
    let_go(process)
    with suppress(ProcessLookupError):
        await process.wait()


def let_go(process: asyncio.subprocess.Process) -> None:
    """Close our end of its pipes: what it left running behind may hold the other end open for ever."""
    transport = getattr(process, "_transport", None)  # asyncio has no public way
    if transport is not None:
        transport.close()


async def _take(stream: asyncio.StreamReader, limit: int, drains: bool) -> bytes:
    """At most so many bytes; the rest is left where it is, or read and dropped."""
    taken = bytearray()
    while chunk := await stream.read(CHUNK):
        taken += chunk[: max(0, limit - len(taken))]
        if len(taken) >= limit and not drains:
            break
    return bytes(taken)
