"""The benchmark of deep runs: what needs no terminal, in its shortest form."""

from tests.bench.deep import closing, estimates, walls
from tests.bench.figures import Figure


def _by_name(figures: list[Figure]) -> dict[str, Figure]:
    return {figure.name: figure for figure in figures}


def test_the_claims_of_the_eta_are_judged_over_two_hundred_runs_and_kept() -> None:
    """A promise of time that is kept less often than it says is worse than none."""
    figures = estimates.measure(1)
    assert all(figure.is_reached for figure in figures)
    assert int(figures[0].detail.split()[0]) >= 200


def test_ends_and_walls_are_told_whole() -> None:
    """A figure that was not measured would be taken for a good one; times are judged elsewhere."""
    told = _by_name(closing.measure(1))
    assert told["deep: characters lost by ending"].is_reached
    assert 0 < told["deep: end -> all sockets closed, p95"].value < 1000
    told = _by_name(walls.measure(1))
    assert told["  parts under way at the same time, of 4"].is_reached
    assert 0.9 < told["deeper: wall over plan + one part + synthesis"].value < 4
