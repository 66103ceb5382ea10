"""The table of measured models keeps what tells them apart, however narrow the terminal."""

import pytest
from rich.cells import cell_len

from core.tuning.result import Result, propose
from tui.tune_wording import ranked, table_lines

LONG = "qwen2.5-coder:7b-instruct-q4_K_M"
LONGER = "qwen2.5-coder:7b-instruct-q8_0"


def result(model: str, right: int) -> Result:
    """Sixty questions, and figures that take as much room as they do in life."""
    return Result(
        model,
        model,
        right,
        60,
        ((18, 20), (17, 20), (12, 20)),
        0.31,
        12.5,
        1234.0,
        60.0,
        13_000_000_000,
    )


@pytest.mark.parametrize("width", [40, 60, 74, 80, 120])
def test_the_table_fits_and_still_marks_what_is_proposed(width: int) -> None:
    """A mark that is cut off with the end of a long name leaves a table without a proposal."""
    results = [result(LONG, 47), result("qwen3:4b", 40)]
    lines = table_lines(ranked(results, propose(results), 60.0), width)
    assert max(map(cell_len, lines[: 3 if width < 74 else None])) <= width
    assert lines[1].startswith("* qwe")
    assert lines[2].startswith("  qwen3:4b ")
    assert lines[0].split()[0] == "model"
    assert lines[0].endswith("IPS")


def test_columns_go_before_names_do_and_the_legend_with_them() -> None:
    """Two quantisations of one model differ at the end of their names only."""
    results = [result(LONG, 47), result(LONGER, 47)]
    lines = table_lines(ranked(results, propose(results), 60.0), 80)
    assert "e/n/h" not in " ".join(lines)
    assert lines[1].split()[1] != lines[2].split()[0]  # with an end that tells them apart
    wide = table_lines(ranked(results, propose(results), 60.0), 120)
    assert LONG in " ".join(wide)
    assert "e/n/h: of its easy" in " ".join(wide)
    assert max(map(cell_len, lines)) <= 80
