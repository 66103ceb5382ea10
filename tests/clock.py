"""An event loop whose time is not the wall's: it jumps to the next timer as soon as nothing else is to do."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class VirtualLoop(asyncio.SelectorEventLoop):
    """`time` begins at 0; sleeps and timers take no real time. Threads and sockets are not for it."""


def run_virtually(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end on a virtual clock."""
    raise NotImplementedError
