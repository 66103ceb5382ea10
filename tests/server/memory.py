"""What is in the server's memory: loaded models, and who may use each of them now."""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from tests.server.models import Loaded, Model, find
from tests.server.places import Places
from tests.server.runner import Pace, Runner
from tests.server.templates import template_of

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_FOREVER = "2318-04-13T03:04:05Z"


@dataclass(frozen=True, slots=True)
class Reload:
    """A model that was in memory had to be loaded again, because of these options of a request."""

    name: str
    options: tuple[str, ...]


class Memory:
    """Which models are loaded, with what, until when. Used in the server's loop only."""

    def __init__(self) -> None:
        self.loads = 0
        self.reloaded: list[Reload] = []
        self._loaded: dict[str, Loaded] = {}
        self._until: dict[str, float] = {}
        self._queues: dict[str, Places] = {}
        self._runners: dict[str, Runner] = {}
        self._loading = asyncio.Lock()

    def put(self, loaded: Loaded) -> None:
        """Have a model in memory, without the time it takes."""
        self._loaded[loaded.name] = loaded
        self.keep(loaded.name, loaded.keep_alive_s)

    def drop(self, name: str) -> None:
        """Forget a model at once."""
        self._loaded.pop(name, None)
        self._runners.pop(name, None)

    def runner(self, model: Model, pace: Pace) -> Runner:
        """What answers for a loaded model at this pace, with all it has read since it was loaded."""
        wanted = replace(pace, is_hybrid=pace.is_hybrid or template_of(model.family).is_hybrid)
        runner = self._runners.get(model.name)
        if runner is None or runner.pace != wanted:
            runner = self._runners[model.name] = Runner(wanted)
        return runner

    def keep(self, name: str, seconds: float) -> None:
        """Start the model's timer afresh; the latest request's word wins, negative is for ever."""
        self._until[name] = time.monotonic() + seconds if seconds >= 0 else float("inf")

    def holds(self, asked: Loaded) -> bool:
        """Whether the model is loaded with these options."""
        loaded = self._now().get(asked.name)
        return loaded is not None and loaded.serves(asked)

    def ps(self, models: tuple[Model, ...]) -> list[dict[str, object]]:
        """What /api/ps lists; the one that stays longest first, as in Ollama."""
        entries: list[dict[str, object]] = []
        for name, loaded in sorted(self._now().items(), key=lambda item: -self._until[item[0]]):
            model = find(models, name) or Model(name)
            left = self._until[name] - time.monotonic()
            ends = datetime.now(UTC) + timedelta(seconds=left) if left < 1e9 else None
            entries.append(
                {
                    "name": model.name,
                    "model": model.name,
                    "size": model.size,
                    "digest": model.hash,
                    "details": model.details(),
                    "expires_at": ends.isoformat() if ends else _FOREVER,
                    "size_vram": model.size if loaded.vram is None else loaded.vram,
                    "context_length": loaded.num_ctx,
                }
            )
        return entries

    @asynccontextmanager
    async def place(
        self, name: str, places: int, longest: int, queued: Callable[[], None]
    ) -> AsyncGenerator[None, None]:
        """Have one of the model's slots for the time of the block."""
        self._now()  # timers that ran out while nobody looked
        queue = self._queues.setdefault(name, Places())
        await queue.take(places, longest, queued)
        try:
            yield
        finally:
            queue.give()

    async def load(self, asked: Loaded, seconds: float, most: int = 0) -> float:
        """Have the model in memory with these options; how many seconds that took.

        With `most`, the ones loaded longest ago make room, as on a machine where no more fit.

        Who leaves while the model loads on their behalf takes the load with them, as in Ollama.
        """
        began = time.monotonic()
        async with self._loading:
            if self.holds(asked):
                return 0.0
            if (loaded := self._now().get(asked.name)) is not None:
                self.reloaded.append(Reload(asked.name, loaded.changed(asked)))
                self.drop(asked.name)
            while most and len(self._loaded) >= most:
                self.drop(next(iter(self._loaded)))
            self.loads += 1
            if seconds > 0:
                await asyncio.sleep(seconds)
            self.put(replace(asked, vram=None))
        return time.monotonic() - began

    def _now(self) -> dict[str, Loaded]:
        now = time.monotonic()
        for name in [name for name, until in self._until.items() if until <= now]:
            queue = self._queues.get(name)
            if queue is None or queue.taken == 0:  # a model in use outlives its timer
                self.drop(name)
                del self._until[name]
        return self._loaded


def seconds_of(keep_alive: object) -> float:
    """Read a keep-alive: a number of seconds, or a Go duration; 300 when there is none."""
    if isinstance(keep_alive, (int, float)):
        return float(keep_alive)
    if not isinstance(keep_alive, str) or not keep_alive:
        return 300.0
    parts = re.findall(r"([\d.]+)(ns|us|µs|ms|s|m|h)", keep_alive)
    total = sum(float(number) * _UNITS[unit] for number, unit in parts)
    return -1.0 if keep_alive.startswith("-") else total
