"""The bench of policies: its figure is the product's, its dice are the same for all, its bytes everywhere."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from core.metrics.ips import FAILURE_COST_S, Need, ips, weight_at
from tests.bench import ips as bench
from tests.bench.ips.__main__ import main
from tests.bench.ips.findings import BASE, find
from tests.bench.ips.grid import grid, losses
from tests.bench.ips.policies import Policy
from tests.bench.ips.reckoned import needs, outcomes
from tests.bench.ips.telling import as_json, as_words, digest
from tests.bench.ips.world import World, questions

ASKED = questions(300, 7)
SOME = find((7,), 60, has_grid=False)


@pytest.mark.parametrize(
    ("need", "figure"),
    [
        (Need(0.02, 0.95), 0.25),
        (Need(0.3, 0.73), 0.057),
        (Need(0.3, 0.30), 0.023),
        (Need(30.3, 0.85), 0.025),
        (Need(0.3 + 0.2 * 30, 0.85), 0.061),
    ],
    ids=["kept", "fast", "hard, fast only", "hard, deep sat out", "hard, deep in the background"],
)
def test_the_figure_is_the_one_of_the_study(need: Need, figure: float) -> None:
    """Everything else here is built on it."""
    assert ips([need]) == pytest.approx(figure, abs=0.0005 if figure < 0.1 else 0.005)


@pytest.mark.parametrize(
    ("moment_s", "weight"), [(0.1, 1), (0.2, 1), (1, 0.78), (10, 0.47), (300, 0), (900, 0)]
)
def test_quality_that_comes_later_is_worth_less(moment_s: float, weight: float) -> None:
    """By the logarithm of time, as the limits that people feel are."""
    assert weight_at(moment_s) == pytest.approx(weight, abs=0.005)


@pytest.mark.parametrize("failure_cost_s", [15.0, 60.0])
@pytest.mark.parametrize("gain", [0.05, 0.3, 0.55])
@pytest.mark.parametrize("share", [0.5, 0.99, 1.01, 2.0])
def test_depth_pays_while_its_blocked_wait_is_below_what_it_saves(
    failure_cost_s: float, gain: float, share: float
) -> None:
    """The rule that can be said beside a hint, wait < K x gain, is the formula and no second opinion."""
    blocked_s = share * failure_cost_s * gain
    fast = Need(0.3, 0.3)
    deeper = Need(fast.time_s + blocked_s, fast.chance + gain)
    pays = ips([deeper], failure_cost_s) > ips([fast], failure_cost_s)
    assert pays == (blocked_s < failure_cost_s * gain)


def test_the_goals_are_reached_over_few_questions() -> None:
    """What the report of all benchmarks says; a figure below it would be a product that is not worth it."""
    told = bench.measure()
    assert len(told) == 4
    assert [figure.name for figure in told if not figure.is_reached] == []


def test_the_same_seed_gives_the_same_bytes_and_another_does_not() -> None:
    """Two policies, machines or days can be compared only then.

    The digest is the same on Python 3.11, 3.12 and 3.13. It changes when a number of the world is changed.
    """
    told = as_json(SOME)
    assert json.dumps(told) == json.dumps(as_json(find((7,), 60, has_grid=False)))
    assert told["sha256"] == digest({name: part for name, part in told.items() if name != "sha256"})
    assert told["sha256"] == "df3cd06faabbf71afb1d744303ac90875ed13f101eed0a289b24a4bd896c3eb8"
    assert told["sha256"] != as_json(find((8,), 60, has_grid=False))["sha256"]


def test_it_needs_nothing_but_python() -> None:
    """So that any Python at hand can work it out; packages of others are out of reach here."""
    root = Path(__file__).parents[2]
    code = "import sys; sys.path.insert(0, '.'); import tests.bench.ips.__main__"
    subprocess.run([sys.executable, "-I", "-S", "-c", code], cwd=root, check=True)


def test_all_policies_meet_the_same_luck() -> None:
    """With dice of their own the better policy would be the luckier one."""
    fast = outcomes(Policy.FAST, BASE, ASKED)
    asked = outcomes(Policy.ASKED, BASE, ASKED)
    bound = outcomes(Policy.BOUND, BASE, ASKED)
    assert [one.first_s for one in fast] == [one.first_s for one in asked] == [one.first_s for one in bound]
    assert [one.is_settled for one in asked] == [one.is_settled for one in bound]


def test_reuse_without_anything_to_use_again_changes_nothing() -> None:
    """And with it nobody's first text comes later."""
    bare = outcomes(Policy.ASKED, BASE, ASKED)
    none = replace(BASE, exact=0.0, alike=0.0, ahead=0.0)
    assert outcomes(Policy.OURS, none, ASKED) == bare
    ours = outcomes(Policy.OURS, BASE, ASKED)
    assert all(one.first_s <= other.first_s for one, other in zip(ours, bare, strict=True))
    assert sum(one.first_s < other.first_s for one, other in zip(ours, bare, strict=True)) > len(ASKED) / 5


def test_a_stored_answer_to_another_question_is_charged() -> None:
    """A figure that a cache of wrong answers could raise would be worth nothing."""
    wrong = replace(BASE, exact=0.0, alike=1.0, alike_wrong=1.0)
    assert ips(needs(outcomes(Policy.CACHE, wrong, ASKED))) < ips(needs(outcomes(Policy.ASKED, BASE, ASKED)))


def test_what_goes_on_behind_somebody_is_free() -> None:
    """A deep wait counts as far as it is sat out; when the answer comes, and for how much, stays the same."""
    sat_out = outcomes(Policy.OURS, BASE, ASKED)
    behind = outcomes(Policy.OURS, World(blocked=0.0), ASKED)
    assert [one.anytime for one in behind] == [one.anytime for one in sat_out]
    assert sum(one.usd for one in behind) == sum(one.usd for one in sat_out) > 0
    assert max(one.time_s for one in behind) < 10 < max(one.time_s for one in sat_out)


def test_the_grid_says_where_ours_loses_and_to_whom() -> None:
    """A comparison that is always won was not looked at closely."""
    cells = grid(BASE, ASKED[:100])
    assert len(cells) >= 300
    lost = losses(cells)
    assert sum(loss.lost for loss in lost) == sum(cell.ours < cell.best for cell in cells) > 0
    by_models = {(loss.worst.fast_scale, loss.worst.deep_scale): loss.worst.better for loss in lost}
    assert by_models[0.3, 0.1] is Policy.DEEP
    assert by_models[1.15, 4.0] is Policy.FAST
    assert (1.0, 1.0) not in by_models
    assert [loss.worst.ratio for loss in lost] == sorted(loss.worst.ratio for loss in lost)


def test_failing_that_costs_nothing_makes_depth_worthless() -> None:
    """The one price at which always-fast is better, and so the one to be honest about."""
    free, dear = (SOME.by_failure_cost[cost_s] for cost_s in (0.0, FAILURE_COST_S))
    assert free[Policy.FAST].mean > free[Policy.DEEP].mean
    assert dear[Policy.OURS].mean > dear[Policy.FAST].mean


def test_words_and_json_say_the_same() -> None:
    """Each goal with its figure and its end, every policy, and the digest to compare by."""
    found = find((3,), 40)
    words, told = as_words(found), json.loads(json.dumps(as_json(found)))
    assert told["sha256"] in words
    assert all(f"\n{policy}  " in words for policy in Policy)
    assert all(goal.name in words for goal in found.goals)
    assert "WHERE OURS LOSES" in words
    lost = told["grid"]["lost"]
    assert len(lost) == told["grid"]["cells"] - told["grid"]["ips_best"]
    counts = next(line.split() for line in words.splitlines() if line.startswith("deep waits sat out"))
    assert counts[4:6] == [str(told["grid"]["cells"]), str(told["grid"]["ips_best"])]
    assert "WHERE OURS LOSES" not in as_words(SOME)
    assert max(map(len, words.splitlines())) <= 120


def test_usage_that_is_wrong_ends_with_two(capsys: pytest.CaptureFixture[str]) -> None:
    """The only way to fail: what was found is never a failure."""
    with pytest.raises(SystemExit) as ended:
        main(["--seed", "many"])
    assert ended.value.code == 2
    assert "many" in capsys.readouterr().err
