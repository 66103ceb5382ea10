"""How probable it is that an answer settles the need: bounds, verdicts and what is believed beforehand."""

import random

import pytest

from core.messages import Route
from core.metrics.beta import below, quantile
from core.metrics.chance import (
    Chance,
    Maker,
    Signal,
    SignalKind,
    chances,
    prior_of,
    verdict,
    verdicts,
)

FAST = Maker("qwen3:4b", "", Route.FAST)
DEEP = Maker("claude", "high", Route.DEEP)


@pytest.mark.parametrize(
    ("a", "b", "low", "high"),
    [
        (1.0, 1.0, 0.1, 0.9),  # even
        (2.0, 1.0, 0.1**0.5, 0.9**0.5),  # F(x) = x²
        (1.0, 5.0, 1 - 0.9**0.2, 1 - 0.1**0.2),  # F(x) = 1 - (1 - x)⁵
        (0.5, 0.5, 0.0244717419, 0.9755282581),  # the arcsine law: sin²(πp/2)
        (4_000.0, 6_000.0, 0.39373, 0.40628),  # as good as normal
    ],
)
def test_the_bounds_are_those_of_the_distribution(a: float, b: float, low: float, high: float) -> None:
    """What is said to hold in 8 of 10 cases must; the first four are exact."""
    bounds = Chance(a, b, 0).between()

    assert bounds == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("a", "b"), [(3, 8), (25, 2), (60, 61)])
def test_the_share_below_is_a_binomial_tail(a: int, b: int) -> None:
    """For whole numbers it has another form, which knows nothing of continued fractions."""
    from math import comb

    n = a + b - 1
    for x in (0.01, 0.3, 0.5, 0.77, 0.99):
        tail = sum(comb(n, k) * x**k * (1 - x) ** (n - k) for k in range(a, n + 1))
        assert below(x, a, b) == pytest.approx(tail, abs=1e-12)
        if 1e-9 < tail < 1 - 1e-9:
            assert quantile(tail, a, b) == pytest.approx(x, abs=1e-6)
    assert (below(-1.0, a, b), below(2.0, a, b)) == (0.0, 1.0)


def test_more_answers_make_the_bounds_narrower_and_the_estimate_one() -> None:
    """Twenty answers are enough to be no guess."""
    few = chances(_settled(range(4)))[FAST]
    many = chances(_settled(range(40)))[FAST]

    assert (few.judged, few.is_estimate) == (4, True)
    assert (many.judged, many.is_estimate) == (40, False)
    assert many.mean > few.mean > prior_of(FAST).mean
    assert many.between()[1] - many.between()[0] < few.between()[1] - few.between()[0]


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ("", None),
        ("copied", True),
        ("moved on", True),
        ("copied,moved on", True),
        ("rephrased", False),
        ("copied,afresh", False),
        ("moved on,escalated", False),
        ("escalated,agreed", True),
        ("escalated,agreed,rephrased", False),
    ],
)
def test_an_answer_has_one_verdict(kinds: str, expected: bool | None) -> None:
    """Who asked again was not served, though they had copied it; a deep answer that agrees makes it good."""
    assert verdict(SignalKind(kind) for kind in filter(None, kinds.split(","))) is expected


def test_neither_order_nor_repetition_of_rows_matters() -> None:
    """Posteriors are worked out of rows alone, as they lie there; else they could not be worked out again."""
    dice = random.Random(7)
    for _ in range(50):
        rows = [
            Signal(
                dice.random(),
                dice.choice(list(SignalKind)),
                answer := dice.randrange(6),
                float(answer % 2),
                DEEP if answer > 3 else FAST,
                is_asked=answer == 5,
            )
            for _ in range(dice.randrange(1, 20))
        ]
        again = [*rows, *dice.choices(rows, k=5)]
        dice.shuffle(again)

        assert verdicts(again) == verdicts(rows)
        assert chances(again) == chances(rows)
        assert sum(map(sum, verdicts(rows).values())) <= len({(row.answer, row.answered_at) for row in rows})


def test_a_number_that_was_given_out_again_is_another_answer() -> None:
    """SQLite gives numbers of deleted rows out again."""
    rows = [
        Signal(5.0, SignalKind.COPIED, 1, 1.0, FAST),
        Signal(9.0, SignalKind.AFRESH, 1, 8.0, FAST),
    ]

    assert verdicts(rows) == {FAST: (1, 1)}


def test_what_is_done_with_answers_of_ask_moves_nothing() -> None:
    """Nobody sees what is done with them."""
    assert chances([Signal(5.0, SignalKind.COPIED, 1, 1.0, FAST, is_asked=True)]) == {}


def test_what_is_believed_beforehand_follows_route_and_size() -> None:
    """Published figures; a stored answer is as good as whoever made it."""

    def mean(model: str, route: Route = Route.FAST, effort: str = "") -> float:
        return round(prior_of(Maker(model, effort, route)).mean, 4)

    assert mean("qwen3:4b") == mean("some-model") == mean("x/Llama-3.2-3B8", Route.EXACT_HIT) == 0.71
    assert mean("qwen3:0.6b") == mean("gemma3:270m") == 0.55
    assert mean("llama3.2:3b") == 0.65
    assert mean("qwen3:30b-a3b") == mean("Meta-Llama-3.1-8B-Instruct") == 0.73
    assert mean("qwen3:4b", Route.SEMANTIC_HIT) == round(0.71 * 0.97, 4)
    assert mean("qwen3:4b", Route.MAYBE_KEPT) == mean("qwen3:4b", Route.PREFETCH_HIT) == 0.71
    assert mean("claude", Route.DEEP) == mean("claude", Route.EXACT_HIT, "high") == 0.95
    assert 0.71 < mean("qwen3:4b", Route.DEEP_LOCAL) < 0.95
    prior = prior_of(FAST)
    assert (round(prior.settled + prior.unsettled, 9), prior.judged, prior.is_estimate) == (10.0, 0, True)


def _settled(answers: range) -> list[Signal]:
    return [Signal(1.0, SignalKind.COPIED, answer, 1.0, FAST) for answer in answers]
