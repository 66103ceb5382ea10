"""The decision on questions of our own: traps that must not be served, and wordings that should be."""

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from core.cache.decide import Outcome, decide
from core.cache.question import parse

FOLDER = Path(__file__).parent / "cache_traps"
CLASSES = sorted(path.stem for path in FOLDER.glob("*.tsv") if not path.stem.startswith("same"))
SAME = sorted(path.stem for path in FOLDER.glob("same*.tsv"))
FREQUENT = {
    "negation",
    "direction",
    "number_unit",
    "version",
    "flag",
    "identifier",
    "quantifier",
    "scope",
    "extra_word",
}


def _rows(name: str) -> list[list[str]]:
    lines = (FOLDER / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines]


def _outcome(a: str, b: str) -> Outcome:
    asked, stored = parse(a), parse(b)
    return decide(asked, stored).outcome if asked.stands_alone and stored.stands_alone else Outcome.NO


def test_every_frequent_class_has_forty_traps() -> None:
    """A rule that is tested with three examples is fitted to three examples."""
    assert set(CLASSES) >= FREQUENT
    assert not [name for name in FREQUENT if len(_rows(name)) < 40]


@pytest.mark.parametrize("name", CLASSES)
def test_no_trap_is_served_silently(name: str) -> None:
    """Two questions that differ in one thing that matters have two answers, whichever was asked first."""
    traps = [(a, b) for a, b in _rows(name)]
    served = [pair for a, b in traps for pair in ((a, b), (b, a)) if _outcome(*pair) is Outcome.SURE]
    assert not served


def test_other_wordings_are_served() -> None:
    """A cache that serves nothing is never wrong either: frames, typos and synonyms do not matter."""
    outcomes: dict[str, Counter[Outcome]] = defaultdict(Counter)
    for name in SAME:
        for kind, a, b in _rows(name):
            outcomes[kind][_outcome(a, b)] += 1
    rates = {kind: seen[Outcome.SURE] / seen.total() for kind, seen in outcomes.items()}
    asked = sum(seen.total() for seen in outcomes.values())
    sure = sum(seen[Outcome.SURE] for seen in outcomes.values())
    maybe = sum(seen[Outcome.MAYBE] for seen in outcomes.values())
    print(f"sure {sure / asked:.1%}, sure or maybe {(sure + maybe) / asked:.1%} of {asked}: {rates}")
    assert asked >= 150
    assert sure / asked >= 0.65
    assert (sure + maybe) / asked >= 0.9
    simple = {"filler", "frame", "reorder", "abbrev", "number", "inflect", "typo"}
    assert all(rates[kind] >= 0.85 for kind in simple), rates
