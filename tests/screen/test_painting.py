"""When an answer's first text was on the screen: what counts, from where, and what does not."""

from collections.abc import Callable
from dataclasses import dataclass, field

from core.events import TextDelta, TurnStarted
from tests.screen.driving import Clock
from tui.screens.painting import Painting


@dataclass
class Board:
    """A screen whose frames are written when the test says so."""

    is_in_view: bool = True
    acts: list[Callable[[], None]] = field(default_factory=list)
    kept: list[tuple[int, int]] = field(default_factory=list)

    def after_frame(self, act: Callable[[], None]) -> None:
        """Held until `frame`."""
        self.acts.append(act)

    def keep(self, answer: int, paint_ms: float) -> None:
        """What the store would be given."""
        self.kept.append((answer, round(paint_ms)))

    def frame(self) -> None:
        """A frame is written."""
        acts, self.acts = self.acts, []
        for act in acts:
            act()


def test_it_counts_from_the_key_to_the_frame_and_once() -> None:
    """What was read before the question went out is the person's wait too; later text is not the first."""
    board, clock = Board(), Clock()
    painting = Painting(board, clock, board.keep)
    painting.pressed()
    clock.now += 0.1
    painting.begin()
    painting.take(TurnStarted(1, 1, 7))
    clock.now += 0.2
    painting.take(TextDelta("a"))
    clock.now += 0.05
    board.frame()
    painting.take(TextDelta("b"))
    board.frame()
    assert board.kept == [(7, 350)]


def test_a_question_that_waited_counts_from_its_turn() -> None:
    """Who asks three things at once has not waited three times for the third."""
    board, clock = Board(), Clock()
    painting = Painting(board, clock, board.keep)
    painting.pressed()
    painting.waits()
    clock.now += 60.0
    painting.begin()
    painting.take(TurnStarted(1, 1, 7))
    clock.now += 0.2
    painting.take(TextDelta("a"))
    board.frame()
    assert board.kept == [(7, 200)]


def test_a_stored_answer_has_its_number_after_its_text() -> None:
    """It is shown while it is being written down; the time is that of the frame."""
    board, clock = Board(), Clock()
    painting = Painting(board, clock, board.keep)
    painting.begin()
    painting.take(TextDelta("a"))
    clock.now += 0.02
    board.frame()
    clock.now += 5.0
    assert board.kept == []
    painting.take(TurnStarted(1, 1, 7))
    assert board.kept == [(7, 20)]


def test_what_nobody_could_see_was_not_painted() -> None:
    """Something lay over it, or another turn had begun before the frame came."""
    board, clock = Board(is_in_view=False), Clock()
    painting = Painting(board, clock, board.keep)
    painting.begin()
    painting.take(TurnStarted(1, 1, 7))
    painting.take(TextDelta("a"))
    board.frame()
    board.is_in_view = True
    painting.begin()
    painting.take(TurnStarted(1, 2, 8))
    painting.take(TextDelta("a"))
    painting.begin()
    board.frame()
    assert board.kept == []
