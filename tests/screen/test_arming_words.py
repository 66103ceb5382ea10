"""The row that says what a deep question would send where."""

from dataclasses import replace

import pytest
from rich.cells import cell_len

from core.deep.arming import Prepared
from tests.core.deep_packs import CHEAP, FREE, HOST, LAN, LOCAL, SECRET, UNKNOWN, pack_of, prepared_of
from tui.arming_words import arming_text


@pytest.mark.parametrize(
    ("prepared", "row"),
    [
        (
            prepared_of(pack_of("a.py", turns=(3, 4, 5))),
            f"sends turns 3-5 + a.py, 6.2k tok, 0 secrets → {HOST} ≈$0.05",
        ),
        (prepared_of(pack_of()), f"sends the question, 6.2k tok, 0 secrets → {HOST} ≈$0.05"),
        (
            prepared_of(pack_of("a", "b", "c", "d", "e", turns=(1, 3, 4, 7)), estimate=UNKNOWN),
            f"sends turns 1, 3-4, 7 + a, b + 3 more, 6.2k tok, 0 secrets → {HOST} price not known",
        ),
        (
            prepared_of(pack_of("a", "b", "c", secrets=(SECRET, SECRET)), LAN, FREE),
            "sends a, b, c, 6.2k tok, 2 secrets → 10.0.0.7",
        ),
        (
            prepared_of(pack_of(turns=(2,), secrets=(SECRET,)), LOCAL, replace(FREE, tokens=40)),
            "sends turn 2, 40 tok, 1 secret → this machine",
        ),
        (
            prepared_of(pack_of("a"), estimate=replace(CHEAP, usd=0.0004)),
            f"sends a, 6.2k tok, 0 secrets → {HOST} <$0.001",
        ),
    ],
)
def test_one_row_says_what_goes_where(prepared: Prepared, row: str) -> None:
    """It is all that a person reads before their work leaves the machine."""
    assert arming_text(prepared) == row


def test_in_few_cells_the_row_keeps_host_secrets_and_cost() -> None:
    """A narrow terminal must not hide where it goes."""
    names = ("core/engine/a_very_long_name_of_a_module.py", "tests/文件/文件.py", "b.py", "diff")
    prepared = prepared_of(pack_of(*names, turns=(1, 2), secrets=(SECRET,)))
    must = f"1 secret → {HOST} ≈$0.05"
    rows = []
    for width in range(len(must), 160):
        rows.append(arming_text(prepared, width))
        assert cell_len(rows[-1]) <= width
        assert rows[-1].endswith(must)
    lengths = [cell_len(row) for row in rows]
    assert lengths == sorted(lengths)
    assert len(set(rows)) >= 6
    assert arming_text(prepared, 95).startswith("sends turns 1-2 + …name_of_a_module.py + 3 more,")
    assert arming_text(prepared, 5) == must


def test_a_struck_item_is_not_in_the_row() -> None:
    """The row says what goes, and changes as the person strikes."""
    pack = pack_of("a.py", "b.py", turns=(3, 4, 5)).toggled("a.py").toggled("turn-4")

    assert arming_text(prepared_of(pack)).startswith("sends turns 3, 5 + b.py,")


def test_a_name_from_outside_does_not_reach_the_terminal_raw() -> None:
    """A file's name can hold what moves a cursor."""
    assert "\x1b" not in arming_text(prepared_of(pack_of("a\x1b[2J.py\nb")))
    assert "\n" not in arming_text(prepared_of(pack_of("a\x1b[2J.py\nb")))
