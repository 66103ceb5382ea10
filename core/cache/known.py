"""Words that are spelled as they should be, so that no slip is seen where there is none."""

from functools import cache
from importlib.resources import files


@cache
def known() -> frozenset[str]:
    """Common English and developer's words of four letters and more."""
    text = files("core.cache.vocabulary").joinpath("known.txt").read_text(encoding="utf-8")
    return frozenset(text.split())
