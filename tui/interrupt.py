"""Ctrl+C in a one-shot command: the work is cancelled by the loop, between two of its steps."""

import asyncio
import signal
from contextlib import suppress


def cancel_on_interrupt() -> None:
    """From now on Ctrl+C cancels the running task.

    What `asyncio.run` does by itself cancels from within the signal, in the middle of whatever runs: where a
    future is being settled just then, that ends in an `InvalidStateError` instead.
    """
    task = asyncio.current_task()
    assert task is not None, "called from a coroutine"
    with suppress(NotImplementedError):  # Windows has no such handlers; there it stays as it was
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, task.cancel)
