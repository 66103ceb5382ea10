"""What may be said of how long a run takes: nothing beyond what our own past runs allow."""

import math
import random

import pytest

from core.metrics.usual import Usual, bound, told, usual


def _times(seed: str, spread: float, count: int) -> list[float]:
    """How long so many runs take: around 38 s, with a long tail to the slow side."""
    draws = random.Random(seed)
    return [38.0 * math.exp(draws.gauss(0, spread)) for _ in range(count)]


def covered(spread: float, runs: int = 200, seeds: int = 10) -> tuple[float, float]:
    """How often a growing history's p50 and p90 claims were kept by the run that came next."""
    claims = halves = mosts = 0
    for seed in range(seeds):
        past: list[float] = []
        for seconds in _times(f"{spread} {seed}", spread, runs):
            known = usual(past)
            if known is not None and known.p50_s is not None and known.p90_s is not None:
                claims += 1
                halves += seconds <= known.p50_s
                mosts += seconds <= known.p90_s
            past = [*past, seconds][-50:]  # as many as the ledger remembers
    return halves / claims, mosts / claims


@pytest.mark.parametrize("spread", [0.4, 0.6, 0.9])
def test_what_is_claimed_is_kept_as_often_as_it_says(spread: float) -> None:
    """An ETA that is wrong more often than it says is worse than none: people plan by it."""
    half, most = covered(spread)

    assert 0.40 <= half <= 0.60
    assert 0.85 <= most <= 0.97


@pytest.mark.parametrize("spread", [0.4, 0.6, 0.9])
def test_a_run_past_the_median_keeps_the_bound_it_is_then_told(spread: float) -> None:
    """Once it is longer than usual, only the runs that were longer too say when it may end."""
    claims = kept = 0
    for seed in range(20):
        past = _times(f"past {seed}", spread, 49)
        median = bound(past, 0.5) or 0.0
        longer = bound([each for each in past if each >= median], 0.9)
        assert longer is not None
        slow = [each for each in _times(f"next {seed}", spread, 100) if each > median]
        claims += len(slow)
        kept += sum(each <= longer for each in slow)

    assert claims > 500
    assert kept / claims >= 0.85


@pytest.mark.parametrize(
    ("count", "p50", "p90"),
    [(0, None, None), (8, 5.0, None), (9, 5.0, 9.0), (19, 10.0, 18.0), (29, 15.0, 27.0)],
)
def test_a_bound_exists_only_where_enough_runs_stand_behind_it(
    count: int, p50: float | None, p90: float | None
) -> None:
    """Of eight runs not even the slowest is a bound that nine of ten keep."""
    values = [float(each) for each in range(count, 0, -1)]

    assert bound(values, 0.5) == p50
    assert bound(values, 0.9) == p90


def test_below_three_runs_nothing_is_said_and_below_nine_only_what_was_seen() -> None:
    """One run is an anecdote; three are facts, and still no promise."""
    assert usual([]) is None
    assert usual([38.0, 22.0]) is None
    assert usual([38.0, 22.0, 51.0]) == Usual(3, 22.0, 51.0)
    assert usual([1.0] * 8) == Usual(8, 1.0, 1.0)
    assert usual([float(each) for each in range(1, 10)]) == Usual(9, 1.0, 9.0, 5.0, 9.0)


def test_what_is_told_grows_with_what_is_known_and_with_the_wait() -> None:
    """The words are the promise: each of them must follow from past runs, and none may count down."""
    three = usual([38.0, 22.0, 51.0])
    past = [20.0, 25.0, 30.0, 35.0, 38.0, 40.0, 50.0, 60.0, 65.0]
    nine = usual(past)

    assert told(None, 10.0) == ""
    assert told(three, 10.0) == told(three, 500.0) == "3 runs so far: 0:22-0:51"
    assert told(nine, 0.0, past) == told(nine, 38.0, past) == "usual 0:38 · 9 of 10 within 1:05"
    assert told(nine, 39.0, past) == "longer than usual · 9 of 10 within 1:05"
    assert told(nine, 66.0, past) == "slower than 9 of 10"


def test_past_the_median_the_bound_is_that_of_the_runs_that_were_longer() -> None:
    """To wait for the old bound would be to hope for what the clock has already ruled out."""
    past = [float(each) for each in range(1, 30)]
    known = usual(past)

    assert known is not None
    assert known.p90_s == 27.0
    # Fourteen are left, and the fourteenth of them is the bound.
    assert told(known, 16.0, past) == "longer than usual · 9 of 10 by 0:29"


def test_runs_of_other_efforts_are_said_to_be_among_them() -> None:
    """A deeper effort takes longer; whoever reads the figure must know that it is mixed."""
    assert told(usual([2.0, 3.0, 4.0], is_pooled=True), 0.0) == "3 runs so far, any effort: 2.0 s-4.0 s"
    assert "usual 5.0 s, any effort · " in told(usual([float(n) for n in range(1, 10)], is_pooled=True), 0.0)
