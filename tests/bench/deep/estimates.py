"""Whether the ETA keeps its word: simulated runs, each judged by what those before it allowed to say."""

import random

from core.metrics.usual import usual
from tests.bench.figures import Figure

_REMEMBERED = 50
"""As many past runs as the ledger tells of."""
_SPREADS = (0.25, 0.5, 0.9)
"""Of the logarithm of a run's time: a steady service, a usual one, and one with hours of its own."""


def measure(runs: int) -> list[Figure]:
    """So many runs of each spread; at least 200 in all."""
    kept50 = kept90 = said = early = 0
    each = max(runs, 200) // len(_SPREADS) + 1
    for spread in _SPREADS:
        chance = random.Random(11)
        past: list[float] = []
        while said < each * (_SPREADS.index(spread) + 1):
            took = chance.lognormvariate(3.6, spread)
            told = usual(past[:_REMEMBERED])
            if told is not None and told.p50_s is not None and told.p90_s is not None:
                said += 1
                kept50 += took <= told.p50_s
                kept90 += took <= told.p90_s
                early += len(past) < 9
            past.insert(0, took)
    detail = f"{said} simulated runs, spreads {', '.join(map(str, _SPREADS))}"
    return [
        Figure("ETA: within the median said, at least", 100 * kept50 / said, "%", 40, detail, at_least=True),
        Figure("ETA: within the median said, at most", 100 * kept50 / said, "%", 60),
        Figure("ETA: within the 9 of 10 said", 100 * kept90 / said, "%", 85, detail, at_least=True),
        Figure("ETA: said before nine runs", early, "", 0),
    ]
