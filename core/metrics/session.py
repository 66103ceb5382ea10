"""Intelligence per second as it was here: needs are made of the rows of answers, their chances of signals.

A need is a turn, or turns that were the same question said otherwise. Its time is the person's own: waits and
starved reading; for each answer that did not settle it six seconds of reading, and eight of typing where it
was typed again; a deep run only by what it was waited for and nothing else was done. Its chance is that of
whoever made the last answer. An answer that broke, or was stopped before its first word, settles nothing.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core.messages import AnswerState, Door, Route
from core.metrics.chance import ESTIMATED_BELOW, Chance, Maker, prior_of
from core.metrics.ips import FAILURE_COST_S, Need, ips
from core.sanitise import clean_line
from core.store.measured import Measured

NEEDS = 20
"""So many of the last are taken."""
READING_S, TYPING_S = 6.0, 8.0
"""What an answer that settles nothing costs: to find that out, and to ask again (the study's figures)."""


class Figure(NamedTuple):
    """Intelligence per second of some needs.

    Attributes:
        ips: by the chances as they are estimated.
        low, high: with every chance at the lower and the upper bound of its 80 % interval.
        needs: that it is made of.
        judged: answers that its chances rest on, beside what was published.
    """

    ips: float
    low: float
    high: float
    needs: int
    judged: int
    is_estimate: bool


@dataclass(frozen=True, slots=True)
class ByMaker:
    """The needs whose last answer one model gave by one route.

    Attributes:
        time_s: the person's own time for a need, on average.
    """

    maker: Maker
    chance: Chance
    figure: Figure
    time_s: float


@dataclass(frozen=True, slots=True)
class Session:
    """What is known of intelligence per second here.

    Attributes:
        latest: of the last needs on the screen; None without any.
        makers: who answered on the screen, most needs first.
        asked: the same of `leadline ask`: what is done with its answers is not seen, so the chances are the
            published ones.
    """

    latest: Figure | None
    makers: Sequence[ByMaker]
    asked: Sequence[ByMaker]
    failure_cost_s: float


def session(
    rows: Iterable[Measured],
    rephrased: Mapping[tuple[int, float], float],
    chances: Mapping[Maker, Chance],
    failure_cost_s: float = FAILURE_COST_S,
) -> Session:
    """What the rows come to.

    Args:
        rows: of answers that are over, in any order.
        rephrased: answers (number and beginning) whose question was then said otherwise, and when.
        chances: of everyone of whom there is a signal.
    """
    needs = list(_needs(rows, rephrased))
    seen = [need for need in needs if not need.is_asked]
    asked = [need for need in needs if need.is_asked]
    return Session(
        latest=_figure(seen[-NEEDS:], chances, failure_cost_s) if seen else None,
        makers=_by_maker(seen, chances, failure_cost_s),
        asked=_by_maker(asked, {}, failure_cost_s),
        failure_cost_s=failure_cost_s,
    )


@dataclass(slots=True)
class _Turn:
    """One turn's answers, oldest first."""

    began: float
    answers: list[Measured]

    @property
    def is_asked(self) -> bool:
        return self.answers[0].door == Door.ASK


class _Lived(NamedTuple):
    """One need as it went.

    Attributes:
        maker: of its last answer.
        is_answered: that answer may have settled it.
    """

    time_s: float
    maker: Maker
    is_answered: bool
    is_asked: bool


def _needs(rows: Iterable[Measured], rephrased: Mapping[tuple[int, float], float]) -> Iterator[_Lived]:
    """The needs, in the order in which they began."""
    turns: dict[int, _Turn] = {}
    # By number where the clock stood still: numbers grow with time.
    for row in sorted(rows, key=lambda row: (row.started_at, row.answer)):
        turns.setdefault(row.turn, _Turn(row.started_at, [])).answers.append(row)
    former: list[_Turn] = []
    until = 0.0
    for turn in turns.values():
        if turn.is_asked:
            yield _lived([turn])
            continue
        if former and not (until and turn.began >= until):
            yield _lived(former)
            former = []
        former.append(turn)
        until = max((rephrased.get((one.answer, one.started_at), 0.0) for one in turn.answers), default=0.0)
    if former:
        yield _lived(former)


def _lived(turns: Sequence[_Turn]) -> _Lived:
    answers = [answer for turn in turns for answer in turn.answers]
    last = next((each for each in reversed(answers) if _is_answer(each)), answers[-1])
    waited_s = math.fsum(map(_waited_s, answers))
    # Of an answer that never had a word there was nothing to read.
    read = sum(each is not last and each.ttft_ms is not None for each in answers)
    time_s = waited_s + READING_S * read + TYPING_S * (len(turns) - 1)
    return _Lived(time_s, _maker_of(last), _is_answer(last), turns[0].is_asked)


def _waited_s(answer: Measured) -> float:
    """What an answer was waited for."""
    if answer.route in (Route.DEEP, Route.DEEP_LOCAL) and answer.door != Door.ASK:
        return (answer.blocked_ms or 0.0) / 1000
    first = next((ms for ms in (answer.paint_ms, answer.ttft_ms, answer.total_ms) if ms is not None), 0.0)
    return (first + (answer.starved_ms or 0.0)) / 1000


def _is_answer(answer: Measured) -> bool:
    """Whether it can have settled anything: it is whole, or was read as far as somebody wanted it."""
    was_stopped = answer.state == AnswerState.CANCELLED and answer.ttft_ms is not None
    return answer.state == AnswerState.COMPLETE or was_stopped


def _maker_of(answer: Measured) -> Maker:
    try:
        route = Route(answer.route)
    except ValueError:  # a later leadline's
        route = Route.OTHER
    return Maker(clean_line(answer.model), clean_line(answer.effort), route)


def _by_maker(
    needs: Sequence[_Lived], chances: Mapping[Maker, Chance], failure_cost_s: float
) -> list[ByMaker]:
    by_maker: dict[Maker, list[_Lived]] = {}
    for need in needs:
        by_maker.setdefault(need.maker, []).append(need)
    found = [
        ByMaker(
            maker,
            _chance_of(maker, chances),
            _figure(theirs, chances, failure_cost_s),
            math.fsum(need.time_s for need in theirs) / len(theirs),
        )
        for maker, theirs in by_maker.items()
    ]
    return sorted(found, key=lambda one: (-one.figure.needs, one.maker))


def _figure(needs: Sequence[_Lived], chances: Mapping[Maker, Chance], failure_cost_s: float) -> Figure:
    known = {maker: _chance_of(maker, chances) for maker in {need.maker for need in needs}}
    bounds = {maker: chance.between() for maker, chance in known.items()}

    def of(chance_of: Callable[[Maker], float]) -> float:
        return ips(
            [Need(need.time_s, chance_of(need.maker) if need.is_answered else 0.0) for need in needs],
            failure_cost_s,
        )

    judged = sum(chance.judged for chance in known.values())
    return Figure(
        ips=of(lambda maker: known[maker].mean),
        low=of(lambda maker: bounds[maker][0]),
        high=of(lambda maker: bounds[maker][1]),
        needs=len(needs),
        judged=judged,
        is_estimate=judged < ESTIMATED_BELOW,
    )


def _chance_of(maker: Maker, chances: Mapping[Maker, Chance]) -> Chance:
    return chances.get(maker) or prior_of(maker)
