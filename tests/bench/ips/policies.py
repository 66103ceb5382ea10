"""What can be done with a question, from always fast to a deep call behind each; what comes of it.

An answer is judged by the person who reads it. One that does not do is read in vain, and then asked again
(fast twice, deep once at most) or taken deep, whichever the policy is; a need that is not settled in the end
is settled elsewhere, at the price that `core.metrics.ips` charges for it.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import NamedTuple

from core.metrics.ips import anytime
from tests.bench.ips.world import HARD, KINDS, Question, World


class Policy(StrEnum):
    """What is done with every question; in the order in which they are told."""

    DEEP = "always deep"
    FAST = "always fast"
    ASKED = "fast + deep on request"
    CACHE = "  + cache"
    OURS = "  + speculation (ours)"
    BOUND = "deep behind each (bound)"


SINGLE = (Policy.DEEP, Policy.FAST)
"""Those that know one model only: what ours has to be better than."""


class Outcome(NamedTuple):
    """What came of one question.

    Attributes:
        time_s: the person's own time: waits, reading in vain, saying it again.
        first_s: until there was anything to read.
        anytime: how good the answer at hand was all along, 0 to 100.
    """

    time_s: float
    is_settled: bool
    first_s: float
    anytime: float
    usd: float


Walk = Callable[[World, Question], Outcome]


def _outcome(world: World, answers: list[tuple[float, bool]], time_s: float, usd: float) -> Outcome:
    """Of answers as they came: when, and whether it was right."""
    worth = [(moment_s, 1.0 if is_right else world.wrong_is_worth) for moment_s, is_right in answers]
    is_settled = any(is_right for _, is_right in answers)
    return Outcome(time_s, is_settled, answers[0][0], anytime(worth), usd)


def _until_right(
    world: World, wait_s: float, is_right: bool, chance: float, lucks: tuple[float, ...]
) -> list[tuple[float, bool]]:
    """The same model, asked again while it is wrong and the person has patience left."""
    answers = [(wait_s, is_right)]
    for luck in lucks:
        moment_s, is_right = answers[-1]
        if is_right:
            break
        later_s = moment_s + world.reading_s + world.again_s + wait_s
        answers.append((later_s, luck < chance * world.again_settles))
    return answers


def always_fast(world: World, question: Question) -> Outcome:
    """The small model alone, up to three times."""
    chance = world.fast_chance(question)
    is_right = question.fast_luck < chance
    answers = _until_right(world, world.fast_wait_s(question), is_right, chance, question.again_lucks)
    return _outcome(world, answers, answers[-1][0], 0.0)


def always_deep(world: World, question: Question) -> Outcome:
    """The large model alone, up to twice; it is looked at while it thinks."""
    chance = KINDS[question.kind].deep_settles
    is_right = question.deep_luck < chance
    answers = _until_right(world, world.deep_wait_s(question), is_right, chance, question.again_lucks[:1])
    return _outcome(world, answers, answers[-1][0], world.deep_usd * len(answers))


def deep_behind_each(world: World, question: Question) -> Outcome:
    """Both at once for everything: the soonest that depth can be there, whatever it costs."""
    fast_s, deep_s = world.fast_wait_s(question), world.deep_wait_s(question)
    answers = [(fast_s, question.fast_luck < world.fast_chance(question))]
    if answers[0][1]:
        return _outcome(world, answers, fast_s, world.deep_usd)
    later_s = max(fast_s + world.reading_s, deep_s)
    answers.append((later_s, _is_deep_right(question)))
    return _outcome(world, answers, later_s, world.deep_usd)


def on_request(is_kept: bool, is_ahead: bool) -> Walk:
    """Fast first; deep when the person sees that a question is hard, or that the answer does not do.

    Args:
        is_kept: answers are kept, and used again.
        is_ahead: what is asked next is begun before it is asked.
    """

    def walk(world: World, question: Question) -> Outcome:
        first_s, is_right = _first(world, question, is_kept, is_ahead)
        answers = [(first_s, is_right)]
        if question.kind == HARD and question.knowing_luck < world.known_hard:
            deep_s = world.deep_wait_s(question)
            answers.append((max(first_s, deep_s), _is_deep_right(question)))
            # The draft stays in view: where it is right nobody waits for more.
            waited_s = 0.0 if is_right else world.blocked * max(0.0, deep_s - first_s)
            return _outcome(world, answers, first_s + waited_s, world.deep_usd)
        if is_right:
            return _outcome(world, answers, first_s, 0.0)
        seen_s, deep_s = first_s + world.reading_s, world.deep_wait_s(question)
        answers.append((seen_s + deep_s, _is_deep_right(question)))
        return _outcome(world, answers, seen_s + world.blocked * deep_s, world.deep_usd)

    return walk


def _first(world: World, question: Question, is_kept: bool, is_ahead: bool) -> tuple[float, bool]:
    """When the first text is there, and whether the answer is right."""
    is_right = question.fast_luck < world.fast_chance(question)
    if is_kept and question.kept_luck < world.exact:
        return world.kept_s, is_right
    if is_kept and question.kept_luck < world.exact + world.alike:
        return world.kept_s, is_right and question.alike_luck >= world.alike_wrong
    fast_s = world.fast_wait_s(question)
    if is_ahead and question.ahead_luck < world.ahead:
        # Begun ahead is never later than begun now.
        return min(world.ahead_s, fast_s), is_right
    return fast_s, is_right


def _is_deep_right(question: Question) -> bool:
    return question.deep_luck < KINDS[question.kind].deep_settles


WALKS: Mapping[Policy, Walk] = {
    Policy.DEEP: always_deep,
    Policy.FAST: always_fast,
    Policy.ASKED: on_request(is_kept=False, is_ahead=False),
    Policy.CACHE: on_request(is_kept=True, is_ahead=False),
    Policy.OURS: on_request(is_kept=True, is_ahead=True),
    Policy.BOUND: deep_behind_each,
}
