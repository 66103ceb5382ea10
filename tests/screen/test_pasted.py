"""Which part of a text was pasted is known however it is edited afterwards."""

import pytest

from tui.pasted import Pasted, holds


def followed(*steps: tuple[str, bool]) -> Pasted:
    """A text that became each of these in turn; True where by a paste."""
    pasted = Pasted()
    for text, is_paste in steps:
        if is_paste:
            pasted.expect()
        pasted.follow(text)
    return pasted


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((("typed", False),), ()),
        ((("paste", True),), ((0, 5),)),
        ((("a ", False), ("a paste", True)), ((2, 7),)),
        ((("paste", True), ("x paste", False)), ((2, 7),)),
        ((("paste", True), ("paste x", False)), ((0, 5),)),
        ((("paste", True), ("paXste", False)), ((0, 2), (3, 6))),
        ((("paste", True), ("pae", False)), ((0, 2), (2, 3))),
        ((("paste", True), ("", False), ("typed", False)), ()),
        ((("one ", True), ("one @two", True)), ((0, 4), (4, 8))),
    ],
)
def test_what_was_pasted_stays_pasted(
    steps: tuple[tuple[str, bool], ...], expected: tuple[tuple[int, int], ...]
) -> None:
    """A sigil inside a paste must not begin to act because a letter was typed somewhere."""
    assert followed(*steps).spans == expected


def test_a_sigil_typed_into_a_paste_is_typed() -> None:
    """Who adds a sign by hand means it."""
    spans = followed(("see a.py", True), ("see @a.py", False)).spans

    assert not holds(spans, 4)
    assert holds(spans, 5)


def test_a_text_that_comes_back_is_pasted_where_it_was() -> None:
    """A refused question returns to the prompt as it left it."""
    pasted = Pasted()
    pasted.restore("see @a.py", ((4, 9),))
    pasted.follow("see @a.py!")

    assert pasted.spans == ((4, 9),)


def test_a_large_paste_costs_no_more_than_a_look_at_each_key() -> None:
    """Halves, not letters: a pasted log must not make typing slow."""
    text = "line of a log\n" * 200_000
    pasted = followed((text, True), (text + "x", False), (text + "xy", False))

    assert pasted.spans == ((0, len(text)),)
