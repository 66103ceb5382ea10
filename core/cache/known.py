"""Words that are spelled as they should be, so that no slip is seen where there is none."""

from functools import cache
from pathlib import Path


@cache
def known() -> frozenset[str]:
    """Common English and developer's words of four letters and more."""
    # Not by `importlib.resources`: to import that takes as long as the first question.
    text = (Path(__file__).parent / "vocabulary" / "known.txt").read_text(encoding="utf-8")
    return frozenset(text.split())
