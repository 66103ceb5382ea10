"""Downloads that take their time, can be left, and go on where they stopped."""

import asyncio
import hashlib
import time
from collections.abc import Callable

from tests.server.breaks import strike
from tests.server.call import Call
from tests.server.wire import encoded


class Downloads:
    """How many bytes of each model are there already; a client that leaves does not lose them."""

    def __init__(self) -> None:
        self._there: dict[str, int] = {}

    def forget(self, name: str) -> None:
        """Throw away what is there of a model."""
        self._there.pop(name, None)

    async def pull(self, name: str, call: Call, arrived: Callable[[], None]) -> None:
        """Send a download's progress, and say `arrived` when the model is whole."""
        plan, streams = call.script.pull, call.body.get("stream") is not False
        lines = _Lines(call, streams)
        await lines.say({"status": "pulling manifest"})
        if plan.error:
            await lines.finish({"error": plan.error})
            return
        total = sum(plan.layers)
        speed = total / plan.seconds if plan.seconds > 0 else float("inf")
        began, had, before = time.monotonic(), self._there.get(name, 0), 0
        for number, size in enumerate(plan.layers):
            layer = _layer(name, number, size)
            await lines.say(layer)
            while self._there.get(name, 0) < before + size:
                left = before + size - self._there.get(name, 0)
                if plan.seconds > 0:
                    await asyncio.sleep(min(plan.step_s, left / speed))
                    now_there = had + int((time.monotonic() - began) * speed) + 1
                else:
                    now_there = before + size
                self._there[name] = min(before + size, now_there)
                if await lines.say({**layer, "completed": self._there[name] - before}):
                    return
            if had >= before + size:  # a layer from an earlier pull is told in one line
                await lines.say({**layer, "completed": size})
            before += size
        for status in ("verifying sha256 digest", "writing manifest"):
            await lines.say({"status": status})
        arrived()  # before the word is out: who hears "success" finds it in /api/tags
        await lines.finish({"status": "success"})


class _Lines:
    """The progress lines; nothing but the last one goes out when the answer is not streamed."""

    def __init__(self, call: Call, streams: bool) -> None:
        self._call = call
        self._streams = streams
        self._count = 0

    async def say(self, value: dict[str, object]) -> bool:
        """Send a line; whether a fault ended the stream with it."""
        if not self._streams:
            return False
        call = self._call
        call.outlet.line(encoded(value) + b"\n")
        await call.speaks()
        if "completed" not in value:
            return False
        self._count += 1
        if call.fault is None or self._count != call.script.fault_after:
            return False
        return await strike(call.fault, call.outlet, encoded(value) + b"\n", call.script.stall_s)

    async def finish(self, value: dict[str, object]) -> None:
        """Send the last line and the end."""
        if not self._streams:
            await self._call.outlet.whole(500 if "error" in value else 200, value)
            return
        self._call.outlet.line(encoded(value) + b"\n")
        await self._call.outlet.end()


def _layer(name: str, number: int, size: int) -> dict[str, object]:
    digest = hashlib.sha256(f"{name}/{number}".encode()).hexdigest()
    return {"status": f"pulling {digest[:12]}", "digest": f"sha256:{digest}", "total": size}
