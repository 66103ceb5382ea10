"""An event loop whose time is not the wall's: it jumps to the next timer as soon as nothing else is to do."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar

T = TypeVar("T")

_PATIENCE_S = 10.0
_DIGITS = 2.0**-51
"""What rounding may take from a time: a jump must not end just before the timer it is for, for ever."""


class NothingLeft(RuntimeError):
    """Everything waits for something that nobody will do: no timer is set, no thread is at work."""


class _Jumps(selectors.DefaultSelector):
    """Waits for nothing: what the loop would have slept is added to its time.

    Attributes:
        now: the virtual time, in seconds.
        threads: calls in other threads that are awaited; time stands still meanwhile.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.threads = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready; only a thread's word is really waited for."""
        if self.threads or timeout is None:
            ready: list[tuple[selectors.SelectorKey, int]] = super().select(
                0 if timeout is not None and timeout <= 0 else _PATIENCE_S
            )
            if not ready and timeout is None:
                raise NothingLeft("nobody is left to wake what waits")
            return ready
        if timeout > 0:
            self.now += timeout + self.now * _DIGITS
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """`time` begins at 0; sleeps and timers take no real time, and the same work always ends the same.

    `asyncio.to_thread` works, and takes no time. Another thread's word that comes by itself (a writer's
    future) is waited for only when there is no timer to jump to. Sockets are not for it.
    """

    def __init__(self) -> None:
        self._jumps = _Jumps()
        super().__init__(self._jumps)

    def time(self) -> float:
        """Seconds since the beginning."""
        return self._jumps.now

    def run_in_executor(  # type: ignore[override]  # the stub's variadic form is newer than 3.11
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """Work in a thread; the clock stands still until it is done."""
        done: asyncio.Future[T] = super().run_in_executor(executor, func, *args)
        self._jumps.threads += 1
        done.add_done_callback(self._is_back)
        return done

    def _is_back(self, _: asyncio.Future[Any]) -> None:
        self._jumps.threads -= 1


def run_virtually(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end on a virtual clock.

    Raises:
        NothingLeft: It waits for something that will never come.
    """
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)
