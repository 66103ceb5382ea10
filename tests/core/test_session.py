"""Intelligence per second out of rows: which answers are one need, and what each of them cost."""

from collections.abc import Mapping

import pytest

from core.messages import Route
from core.metrics.chance import Chance, Maker, prior_of
from core.metrics.session import READING_S, TYPING_S, Session, session
from core.store.measured import Measured

FAST = Maker("qwen3:4b", "", Route.FAST)
DEEP = Maker("claude", "high", Route.DEEP)
SURE = {FAST: Chance(73.0, 27.0, 90), DEEP: Chance(95.0, 5.0, 90)}
NONE: Mapping[tuple[int, float], float] = {}


def row(answer: int, turn: int = 0, *, maker: Maker = FAST, **more: object) -> Measured:
    """An answer that was on the screen after 0.3 s; the turn has the same number if none is given."""
    nothing = dict.fromkeys(Measured._fields)
    values = {
        **nothing,
        "answer": answer,
        "turn": turn or answer,
        "started_at": 100.0 * answer,
        "model": maker.model,
        "route": maker.route.value,
        "effort": maker.effort,
        "door": "screen",
        "place": "local",
        "state": "complete",
        "ttft_ms": 280.0,
        "total_ms": 2_000.0,
        "paint_ms": 300.0,
        "starved_ms": 0.0,
    }
    return Measured(**{**values, **more})  # type: ignore[arg-type]  # a shorthand


def cost_s(found: Session) -> float:
    """What one need cost, by its figure."""
    assert found.latest is not None
    return 1 / found.latest.ips


@pytest.mark.parametrize(
    ("time_ms", "chance", "ips"), [(20.0, 0.95, 0.25), (300.0, 0.73, 0.057), (300.0, 0.30, 0.023)]
)
def test_the_examples_of_the_study_come_out(time_ms: float, chance: float, ips: float) -> None:
    """The figure is that of the study, to its last digit."""
    known = {FAST: Chance(chance * 1e6, (1 - chance) * 1e6, 90)}
    latest = session([row(1, paint_ms=time_ms)], NONE, known).latest

    assert latest is not None
    assert round(latest.ips, 3 if ips < 0.1 else 2) == ips
    assert latest.low < latest.ips < latest.high


def test_a_deep_run_costs_only_what_it_was_waited_for() -> None:
    """Thirty seconds of which six were waited for: the study's 0.061, but for having read the draft."""
    known = {FAST: SURE[FAST], DEEP: Chance(0.85e6, 0.15e6, 90)}
    deep = row(2, 1, maker=DEEP, ttft_ms=30_000.0, total_ms=40_000.0, paint_ms=None, blocked_ms=6_000.0)

    assert cost_s(session([row(1), deep], NONE, known)) == pytest.approx(1 + 0.3 + READING_S + 6.0 + 9.0)
    free = deep._replace(blocked_ms=None)
    assert cost_s(session([row(1), free], NONE, known)) == pytest.approx(1 + 0.3 + READING_S + 9.0)


def test_turns_that_ask_the_same_otherwise_are_one_need() -> None:
    """Its time is all of theirs, with reading and typing again; its chance that of the last answer."""
    rows = [row(1), row(2), row(3), row(4)]
    rephrased = {(1, 100.0): 195.0, (2, 200.0): 299.0}
    found = session(reversed(rows), rephrased, SURE)

    assert found.latest is not None
    assert found.latest.needs == 2
    chained = 1 + 3 * 0.3 + 2 * (READING_S + TYPING_S) + 0.27 * 60
    assert 2 / found.latest.ips == pytest.approx(chained + 1 + 0.3 + 0.27 * 60)


def test_another_question_in_between_is_not_taken_for_the_other_wording() -> None:
    """A turn that began before the word was said is another terminal's."""
    found = session([row(1), row(2)], {(1, 100.0): 250.0}, SURE)

    assert found.latest is not None
    assert found.latest.needs == 2


def test_an_answer_that_broke_settles_nothing_and_its_wait_counts() -> None:
    """A slow server cannot better the figure by failing."""
    broken = row(1, state="failed", ttft_ms=None, paint_ms=None, total_ms=10_000.0)

    assert cost_s(session([broken], NONE, SURE)) == pytest.approx(1 + 10 + 60)
    again = session([broken, row(2, 1)], NONE, SURE)
    assert cost_s(again) == pytest.approx(1 + 10 + 0.3 + 0.27 * 60)  # there was nothing to read


def test_a_stopped_answer_counts_by_whether_it_had_a_word() -> None:
    """Who stopped it in its midst has read what they wanted; before the first word nothing was had."""
    stopped = row(1, state="cancelled")
    assert cost_s(session([stopped], NONE, SURE)) == pytest.approx(1 + 0.3 + 0.27 * 60)

    silent = row(1, state="cancelled", ttft_ms=None, paint_ms=None, total_ms=4_000.0)
    assert cost_s(session([silent], NONE, SURE)) == pytest.approx(1 + 4 + 60)


def test_a_deep_answer_that_failed_leaves_the_draft_as_the_answer() -> None:
    """It was the draft that was read, and by its chance the need is judged."""
    failed = row(2, 1, maker=DEEP, state="failed", ttft_ms=None, total_ms=9_000.0, blocked_ms=2_000.0)

    assert cost_s(session([row(1), failed], NONE, SURE)) == pytest.approx(1 + 0.3 + 2 + 0.27 * 60)


def test_the_last_twenty_needs_are_the_session_and_all_are_told_by_maker() -> None:
    """What was long ago no longer counts in the one; `ask` stands apart, and by published chances."""
    rows = [row(number, paint_ms=60_000.0) for number in range(1, 6)]
    rows += [row(number) for number in range(6, 26)]
    rows += [row(number, door="ask", paint_ms=None) for number in range(26, 29)]
    found = session(rows, NONE, SURE)

    assert found.latest is not None
    assert (found.latest.needs, found.latest.judged, found.latest.is_estimate) == (20, 90, False)
    assert 1 / found.latest.ips == pytest.approx(1 + 0.3 + 0.27 * 60)
    (fast,), (asked,) = found.makers, found.asked
    assert (fast.maker, fast.figure.needs) == (FAST, 25)
    assert fast.time_s == pytest.approx((5 * 60 + 20 * 0.3) / 25)
    assert (asked.figure.needs, asked.chance, asked.figure.is_estimate) == (3, prior_of(FAST), True)
    assert asked.time_s == pytest.approx(0.28)


def test_the_settings_say_what_a_failure_costs() -> None:
    """Where it costs nothing only speed is left."""
    latest = session([row(1)], NONE, SURE, failure_cost_s=0.0).latest

    assert latest is not None
    assert latest.low == latest.ips == latest.high == pytest.approx(1 / 1.3)


def test_without_answers_there_is_no_figure() -> None:
    """And no division by nothing."""
    found = session([], NONE, {})

    assert (found.latest, list(found.makers), list(found.asked)) == (None, [], [])
    odd = session([row(1)._replace(route="by carrier pigeon")], NONE, {})
    assert [one.maker.route for one in odd.makers] == [Route.OTHER]
