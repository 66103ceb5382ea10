"""Which way of answering settles most needs in a second of somebody's time? Policies in one simulated world.

No model, no network, no clock: only dice with a seed, and the product's own figure (`core.metrics.ips`).
"""

from tests.bench.figures import Figure


def measure() -> list[Figure]:
    """The goals, over fewer questions; for the report of all benchmarks."""
    from tests.bench.ips.findings import QUICK_COUNT, SEEDS, goals
    from tests.bench.ips.reckoned import Seasons
    from tests.bench.ips.world import questions

    return goals(Seasons([questions(QUICK_COUNT, seed) for seed in SEEDS]))
