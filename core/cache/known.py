"""Words that are spelled as they should be, so that no slip is seen where there is none."""

from functools import cache
from importlib.resources import files

from core.cache.inflection import lemma


@cache
def _known() -> frozenset[str]:
    text = files("core.cache.vocabulary").joinpath("known.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


def is_known(word: str) -> bool:
    """Whether the word, however bent, is a common English or developer's word."""
    return word in _known() or (lemma(word) != word and lemma(word) in _known_lemmas())


@cache
def _known_lemmas() -> frozenset[str]:
    return frozenset(lemma(word) for word in _known())
