"""What is made ahead is what pays: at most 2,000 tokens in vain for a chip that is taken."""

import math
import random
from collections.abc import Sequence

import pytest

from core.speculation.odds import (
    CALL_TOKENS,
    EXTEND_AFTER_S,
    HEAD_TOKENS,
    SPLIT,
    WHOLE_WITHIN_TOKENS,
    Odds,
)
from core.store.speculation import KindCount


def seen(offered: float, taken: float, place: int = 1) -> KindCount:
    return KindCount("model", place, offered, taken)


def test_before_anything_is_known_one_good_chip_is_worth_more_than_three() -> None:
    """At one in ten, three questions, their heads and one whole answer cost more than they are worth."""
    odds = Odds()
    assert odds.any_taken == pytest.approx(0.10)
    assert odds.worth_offering(3) == 1
    assert odds.head_tokens(odds.chance("model", 1, 1), is_best=True) == HEAD_TOKENS
    assert odds.pays_whole([odds.chance("model", 1, 1)], CALL_TOKENS[0] + HEAD_TOKENS)


def test_the_chances_of_all_chips_are_split_by_place() -> None:
    """The first one is looked at first."""
    odds = Odds()
    chances = [odds.chance("model", place, 3) for place in (1, 2, 3)]
    assert chances == pytest.approx([0.06, 0.025, 0.015])
    assert odds.chance("yes", 1, 2) == pytest.approx(0.10 * 60 / 85)
    first, *others = (odds.head_tokens(chance, is_best=n == 0) for n, chance in enumerate(chances))
    assert first == HEAD_TOKENS
    assert all(0 < tokens <= HEAD_TOKENS // 4 for tokens in others)  # enough to bridge a first token


def test_who_takes_many_is_offered_more_and_who_takes_none_less() -> None:
    """A person's own habit counts for more than anybody's average, after some thirty offers."""
    keen = Odds((seen(70, 20),))
    assert keen.worth_offering(3) == 3
    assert keen.pays_whole([keen.chance("model", 1, 3)], 200)
    shy = Odds((seen(70, 1),))
    chance = shy.chance("model", 1, 1)
    assert shy.worth_offering(3) == 1
    assert not shy.pays_whole([chance], CALL_TOKENS[0] + HEAD_TOKENS)
    never = Odds((seen(500, 0),))
    assert never.head_tokens(never.chance("model", 1, 1), is_best=True) == 0  # a question alone


def test_a_kind_that_is_taken_more_is_more_likely() -> None:
    """Some always say "yes", and never ask for tests."""
    odds = Odds((KindCount("yes", 1, 20, 12), KindCount("tests", 1, 20, 0)))
    assert odds.chance("yes", 1, 2) > 2 * odds.chance("tests", 1, 2)


def test_no_counts_however_odd_break_the_odds() -> None:
    """They come from a file that others may have written."""
    for counts in ((seen(0, 5),), (seen(1, 1, place=3),), (seen(1e9, 0),), (KindCount("", 2, 0, 9),)):
        odds = Odds(counts)
        assert 0 <= odds.any_taken <= 1
        assert 0 <= odds.chance("model", 3, 3) <= 1
        assert odds.worth_offering(3) in (1, 2, 3)


def test_where_tokens_cost_nothing_everything_is_made_ahead() -> None:
    """The demo model shows what there is."""
    odds = Odds(is_free=True)
    assert odds.worth_offering(3) == 3
    assert odds.head_tokens(0.001, is_best=False) == HEAD_TOKENS
    assert odds.pays_whole([0.001], 10_000)


def waste_per_hit(offered: Sequence[Odds], called: bool, chips: int, accept: float) -> tuple[float, float]:
    """What the rules cost on the study's own assumptions, and how often chip 1 is whole at 15 s and more."""
    dice = random.Random(7)
    wasted: float = 0
    hits, eligible, ready = 0, 0, 0
    for odds in offered:
        thinks_s = dice.lognormvariate(math.log(25), 1.0)
        length = dice.lognormvariate(math.log(280), 0.8)
        begins_s = 2.0 if called else 0.5
        spent = float(CALL_TOKENS[chips - 1] if called else 0)
        heads: list[float] = []
        for place in range(1, chips + 1):
            chance = odds.chance("model", place, chips)
            head = odds.head_tokens(chance, is_best=place == 1)
            heads.append(min(head, length, max(0.0, (thinks_s - begins_s) * 40)))
            begins_s += head / 40 + 0.1
        chances = [odds.chance("model", place, chips) for place in range(1, chips + 1)]
        if odds.pays_whole(chances, round(spent + sum(heads))):
            more = max(0.0, thinks_s - max(EXTEND_AFTER_S, begins_s)) * 40
            heads[0] = min(length, WHOLE_WITHIN_TOKENS, heads[0] + more)
        if thinks_s >= 15:
            eligible += 1
            ready += heads[0] >= length
        wasted += spent + sum(heads)
        if dice.random() < accept:
            place = dice.choices(range(chips), SPLIT[:chips])[0]
            if heads[place] > 8:
                hits += 1
                wasted -= heads[place]
    return wasted / hits, ready / eligible


def test_the_price_list_keeps_the_goals_on_the_studys_assumptions() -> None:
    """Laptop, one in ten taken: at most 2,000 tokens in vain for a hit, and chip 1 whole in four of ten."""
    wasted, ready = waste_per_hit([Odds()] * 20_000, called=True, chips=1, accept=0.10)
    assert wasted <= 1950
    assert ready >= 0.395
