"""What the first deep call loads beside a screen that is up: the door, the transport and a protocol."""

import subprocess
import sys

from tests.bench.figures import Figure, median

PROTOCOLS = (
    *("core.providers.openai.deep", "core.providers.anthropic.messages", "core.providers.ollama.deep"),
    "core.providers.demo_deep",
)
_DEEP = """
import gc, time
from core.providers.link import import_httpx
import_httpx()
import core.engine.build, core.providers.ollama.provider, core.settings.load, asyncio
gc.freeze()  # as the screen does when it is up
began = time.process_time()
import core.engine.build_deep
import core.providers.deep.transport, core.providers.deep.places
import PROTOCOL
print((time.process_time() - began) * 1000)
"""
_FLOOR = """
import asyncio, ssl, time
began = time.process_time()
import httpx
print((time.process_time() - began) * 1000)
"""


def measure(runs: int) -> list[Figure]:
    """CPU time of the slowest protocol."""
    slowest = max(median(loaded_ms(protocol) for _ in range(runs)) for protocol in PROTOCOLS)
    return [Figure("first deep call loads, CPU", slowest, "ms", 60, f"the slowest protocol, n={runs}")]


def loaded_ms(protocol: str) -> float:
    """CPU milliseconds in a fresh interpreter."""
    return _printed(_DEEP.replace("PROTOCOL", protocol))


def floor_ms() -> float:
    """The same of the HTTP client alone, which every question needs."""
    return _printed(_FLOOR)


def _printed(script: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=40, check=True
    )
    return float(done.stdout)
