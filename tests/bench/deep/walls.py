"""How long a run in parts takes, over plan, one part and synthesis: whether its parts really go together."""

import asyncio

from core.deep.question import Preset
from core.deep.status import StageKind
from core.providers.link import import_httpx
from tests.bench.figures import Figure, median, spread
from tests.core.deep_calling import CHAT, USUAL, caller
from tests.core.deep_runs import bench
from tests.core.deep_wire import MODEL, four_parts
from tests.server import OllamaServer, most_at_once

_WORDS, _PACE = 40, 100.0
_PROTOCOL = "anthropic"


def measure(runs: int) -> list[Figure]:
    """Runs with four parts of equal length."""
    import_httpx()
    ratios, at_once = asyncio.run(_all(max(3, runs // 3)))
    return [
        Figure(
            "deeper: wall over plan + one part + synthesis", median(ratios), "x", 1.3, spread(ratios, "x")
        ),
        Figure("  parts under way at the same time, of 4", at_once, "", 4, at_least=True),
    ]


async def _all(runs: int) -> tuple[list[float], int]:
    ratios: list[float] = []
    least = 4
    with OllamaServer(four_parts(_WORDS, _PACE)) as server:
        async with bench(caller(server, _PROTOCOL, USUAL), model=MODEL) as deep:
            for _ in range(runs):
                before = len(server.log)
                status = (await deep.whole(preset=Preset.DEEPER)).status()
                took = {kind: [each.elapsed_s or 0.0 for each in status.stages if each.kind is kind]
                        for kind in StageKind}  # fmt: skip
                one = sum(took[StageKind.PLAN]) + min(took[StageKind.PART]) + sum(took[StageKind.WRITE])
                ratios.append(status.elapsed_s / one)
                log = [record for record in server.log[before:] if record.path == CHAT[_PROTOCOL]]
                least = min(least, most_at_once(log))
    return ratios, least
