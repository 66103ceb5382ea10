"""The moment in which a program has been started, and nobody has been told of it yet."""

import asyncio
import subprocess
from typing import Any

import pytest


class Starts:
    """Every program that is started from now on, by its process id, as soon as there is one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pids = pids = list[int]()

        class Noticed(subprocess.Popen):  # type: ignore[type-arg]  # whatever its streams hold
            def __init__(self, *arguments: Any, **more: Any) -> None:
                super().__init__(*arguments, **more)
                pids.append(self.pid)

        monkeypatch.setattr(subprocess, "Popen", Noticed)

    async def first(self) -> int:
        """Return in the turn of the loop in which the first one is started."""
        while not self.pids:  # noqa: ASYNC110  (each turn of the loop counts: an event would let it go on)
            await asyncio.sleep(0)
        return self.pids[0]
