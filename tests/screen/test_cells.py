"""Names cut to the room they have: in cells, so that a name of wide letters does not push the keys away."""

import pytest
from rich.cells import cell_len

from tui.cells import beginning, ending, ends


@pytest.mark.parametrize("cells", [1, 2, 7, 20])
@pytest.mark.parametrize("text", ["a/b.py", "src/" * 30, "容器" * 40, "e\u0301" * 50, "😀/x" * 20])
def test_what_is_cut_fits_and_says_that_it_was_cut(text: str, cells: int) -> None:
    """A letter may take two cells, or none."""
    for cut, mark in ((beginning(text, cells), -1), (ending(text, cells), 0)):
        assert cell_len(cut) <= cells
        assert cut == text or cut[mark] == "…"
    assert cell_len(ends(text, cells)) <= cells
    assert ends(text, cells) == text or "…" in ends(text, cells)
    assert ends("qwen2.5-coder:7b-q4_K_M", 14) == "qwen2.…-q4_K_M"
    assert ending("src/core/a.py", 8) == "…re/a.py"
    assert beginning("src/core/a.py", 8) == "src/cor…"
