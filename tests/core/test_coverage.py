"""Whether what was told of deep runs came true: an ETA is a promise, and this counts those kept."""

from itertools import pairwise

from core.metrics.coverage import Coverage, coverage, deep_figures
from core.metrics.usual import usual
from core.store.database import Database
from core.store.deep_ledger import WHOLE_RUN, DeepCallRecord, DeepLedger, RunTime


def runs(*seconds: float, model: str = "m", effort: str = "high", begin: float = 0.0) -> list[RunTime]:
    """One after the other, a thousand seconds apart."""
    return [
        RunTime(begin + 1000.0 * (place + 1), model, effort, "deep", took, None)
        for place, took in enumerate(seconds)
    ]


def test_below_nine_earlier_runs_nothing_is_claimed() -> None:
    """No estimate was told, so none can have held; the tenth is the first that had one."""
    ten = runs(*map(float, range(1, 11)))

    assert coverage(ten[:9], 0.0) == Coverage(0, 0, 0)
    # Of 1 to 9 the usual time is 5 and the bound 9: the tenth took longer than both.
    assert coverage(ten, 0.0) == Coverage(1, 0, 0)
    assert coverage([*ten[:9], *runs(9.0, begin=9000.0)], 0.0) == Coverage(1, 0, 1)
    assert coverage([*ten[:9], *runs(5.0, begin=9000.0)], 0.0) == Coverage(1, 1, 1)


def test_only_runs_since_then_are_judged_and_all_before_them_known() -> None:
    """A short look back must not forget what the estimate rested on."""
    many = runs(*[10.0] * 9, 9.0, 11.0, 10.0)

    assert coverage(many, many[-2].ended_at) == Coverage(2, 1, 1)


def test_with_too_few_of_an_effort_every_effort_is_told() -> None:
    """As the ledger does it when a run begins; another model or preset is never among them."""
    others = runs(*[10.0] * 9, effort="low")

    assert coverage([*others, *runs(8.0, begin=9000.0)], 9500.0) == Coverage(1, 1, 1)
    assert coverage([*others, *runs(8.0, begin=9000.0, model="n")], 9500.0) == Coverage(0, 0, 0)


def test_a_run_that_was_not_over_yet_told_nothing() -> None:
    """Two at the same time do not know each other's end."""
    nine = runs(*[10.0] * 9)
    slow = RunTime(nine[-1].ended_at + 1, "m", "high", "deep", 600.0, None)

    assert coverage([*nine, slow], 9000.5) == Coverage(0, 0, 0)


def test_it_says_what_was_really_told() -> None:
    """The replay and the ledger that tells at the start agree, run by run."""
    now = [0.0]
    database = Database.open(None, lambda: now[0])
    ledger, told = DeepLedger(database), []
    times = [float(5 + place * 7 % 23) for place in range(30)]
    for place, took in enumerate(times):
        effort = "low" if place % 3 else "high"
        past = ledger.past("m", effort, "deep", WHOLE_RUN)
        known = usual(past.seconds, is_pooled=past.is_pooled)
        if known is not None and known.p50_s is not None and known.p90_s is not None:
            told.append((took <= known.p50_s, took <= known.p90_s))
        now[0] += 1000.0
        call = DeepCallRecord(place, "p", "a", "m", effort, "deep", WHOLE_RUN, 9, took * 1000, usd=0.1)
        ledger.record(call).result()
    figures = deep_figures(ledger, 0.0)
    database.close()

    assert figures.coverage == (len(told), sum(half for half, _ in told), sum(most for _, most in told))
    assert figures.runs == 30
    assert figures.seconds == (30, sorted(times)[14], sorted(times)[28])
    assert figures.usd_p50 == 0.1
    assert all(earlier <= later for earlier, later in pairwise(sorted(times)))


def test_money_is_added_up_by_model_and_what_has_no_price_is_said() -> None:
    """A run's own row repeats what its calls cost, and is not counted once more."""
    database = Database.open(None, lambda: 5.0)
    ledger = DeepLedger(database)
    for model, stage, usd, tokens in (
        ("dear", "write", 0.3, 100),
        ("dear", "write", None, 50),
        ("dear", WHOLE_RUN, 0.3, 150),
        ("cheap", "write", 0.01, 10),
    ):
        ledger.record(
            DeepCallRecord(1, "p", "a", model, "high", "deep", stage, 9, 1.0, output_tokens=tokens, usd=usd)
        ).result()

    assert list(ledger.spent_by_model(0.0).items()) == [("dear", (0.3, 150, 50)), ("cheap", (0.01, 10, 0))]
    assert ledger.spent_by_model(6.0) == {}
    database.close()
