"""From the end of a run to its last socket's end at the server, while it plans, asks and writes."""

import asyncio
import time

from core.deep.question import Preset
from core.deep.status import RunStatus, StageKind
from core.providers.link import import_httpx
from tests.bench.figures import Figure, median, p95, spread
from tests.core.deep_calling import PROTOCOLS, USUAL, caller
from tests.core.deep_runs import bench, heard, text_of, until
from tests.core.deep_wire import MODEL, four_parts
from tests.server import OllamaServer, Script

_STAGES = {"plan": StageKind.PLAN, "parts": StageKind.PART, "write": StageKind.WRITE}
_PACE = 200.0
_LONG = 600
_HEARD = 3
"""Pieces that have come of each call before the run is ended."""


def measure(runs: int) -> list[Figure]:
    """So many ends in each stage, the protocols in turn."""
    import_httpx()
    figures: list[Figure] = []
    everything: list[float] = []
    lost = 0
    for stage in _STAGES:
        took: list[float] = []
        for number in range(runs):
            with OllamaServer(_script(stage)) as server:
                ended_ms, characters = asyncio.run(_end_once(server, PROTOCOLS[number % 3], stage))
            took.append(ended_ms)
            lost += characters
        everything += took
        figures.append(
            Figure(f"deep: end while {stage} -> sockets closed", median(took), detail=spread(took))
        )
    figures.append(
        Figure("deep: end -> all sockets closed, p95", p95(everything), "ms", 50, spread(everything))
    )
    figures.append(Figure("deep: characters lost by ending", lost, "", 0))
    return figures


def _script(stage: str) -> Script:
    """Long where the run is to be ended, short before."""
    return four_parts(
        _LONG if stage == "parts" else 4,
        _PACE,
        plan_pieces=150 if stage == "plan" else 8,
        write_words=_LONG,
    )


async def _end_once(server: OllamaServer, protocol: str, stage: str) -> tuple[float, int]:
    """How many milliseconds it took, and how many characters that were heard are not in the store."""

    def is_there(status: RunStatus) -> bool:
        stages = [each for each in status.stages if each.kind is _STAGES[stage]]
        return bool(stages) and all(each.tokens >= _HEARD for each in stages)

    async with bench(caller(server, protocol, USUAL), model=MODEL) as deep:
        run = await deep.start(preset=Preset.DEEPER)
        listening = asyncio.ensure_future(heard(run))
        await until(lambda: is_there(run.status()))
        calls = 4 if stage == "parts" else 1
        ended_at = time.monotonic()
        run.end()
        await run.over()
        await asyncio.to_thread(server.wait_for, lambda record: record.client_gone_at, 5.0, calls)
        closed_at = max(record.client_gone_at or 0.0 for record in server.log)
        text = text_of(await listening)
        kept = deep.doors.conversations.turn(run.status().turn).answers[-1].text
        return (closed_at - ended_at) * 1000, max(0, len(text) - len(kept))
