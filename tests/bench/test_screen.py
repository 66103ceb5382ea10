"""The screen's benchmark itself: what it sends can be found again, and what it says of a target is right."""

import math
import os
import time

from tests.bench.dialect import Traits
from tests.bench.product import usual_command
from tests.bench.screen.burden import Meter, cpu_s, rss_mib
from tests.bench.screen.compared import Row, Target, table
from tests.bench.screen.contestants import LINES, MARKDOWN, OURS, contestants, seat
from tests.bench.screen.person import sitting
from tests.bench.screen.replies import LAST_MARK, WORST, mixed
from tests.bench.screen.stream import stream


def test_a_reply_has_the_tokens_asked_for_and_marks_that_come_once() -> None:
    """A mark that came twice would be seen before it was written, and a lag could hide behind it."""
    for make in (mixed, *WORST.values()):
        reply = make(1000)
        text = "".join(reply.pieces)
        assert len(reply.pieces) == 1000
        assert len(reply.marks) >= 6
        assert reply.marks[-1] == (LAST_MARK, 999)
        for word, number in reply.marks:
            assert text.count(word) == 1
            assert word in reply.pieces[number]


def test_a_target_by_the_clock_gives_way_to_a_slow_machine_and_never_to_a_quick_one() -> None:
    """Figures of a busy machine are judged by what a bare app takes there at the same time."""
    target = Target(at_most=50, floor_then=20, times_floor=2.0)
    assert target.is_reached(40, 20)
    assert not target.is_reached(41, 20)  # by the clock it would be
    assert Target(50, 20).is_reached(100, 40)
    assert not Target(50, 20).is_reached(101, 40)
    assert Target(50, 20).is_reached(50, math.nan)
    assert not target.is_reached(math.nan, 20)


def test_the_table_shows_ours_the_floor_and_everybody_else() -> None:
    """It is read in a log, where nobody can ask what a column was."""
    rows = [
        Row("echo", "ms", {OURS: 30.0, LINES: 40.0, MARKDOWN: 400.0}, Target(25, 20, 2.0)),
        Row("lost", "", {OURS: 1.0}, Target(0), "why"),
    ]
    head, echo, lost = table(rows).splitlines()
    assert head.split() == ["figure", "ours", "floor", "ratio", "target", "here", MARKDOWN]
    assert echo.split() == [
        "echo,",
        "ms",
        "30",
        "40",
        "0.75x",
        "<=",
        "2x",
        "&",
        "25",
        "50",
        "ok",
        "here",
        "400",
    ]
    assert lost.split() == ["lost", "1", "-", "<=", "0", "0", "ABOVE", "-", "why"]


def test_a_meter_knows_what_was_used_between_two_moments() -> None:
    """The growth of a long reply's cost is told by this alone."""
    with Meter(os.getpid()) as meter:
        began = time.monotonic()
        used = cpu_s(os.getpid())
        while cpu_s(os.getpid()) - used < 0.2:
            sum(range(10_000))
        ended = time.monotonic()
    assert 0.1 <= meter.between(began, ended) <= 0.4
    assert 5 < rss_mib(os.getpid()) <= rss_mib(os.getpid(), is_peak=True)


def test_both_floors_show_a_whole_reply_and_echo_keys_meanwhile() -> None:
    """A floor that falls behind or loses the end would make every ratio flattering."""
    reply = mixed(300)
    for contestant in contestants(frozenset({LINES, MARKDOWN})):
        with seat(contestant, usual_command(), turns=3) as at:
            assert at is not None
            with sitting(at.command, at.where, at.environ, Traits(kitty=True)) as person:
                streamed = stream(person, reply, 300.0)
        assert streamed.unseen == 0, contestant.name
        assert len(streamed.echo) >= 2
        assert streamed.cpu > 0
