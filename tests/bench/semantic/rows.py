"""Labelled pairs and streams, read from gzipped JSON lines; corrected labels, read from a table."""

import csv
import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

TRAPS = Path(__file__).parents[2] / "core" / "cache_traps"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two questions, and whether one answer serves both."""

    a: str
    b: str
    same: bool
    source: str


@dataclass(frozen=True, slots=True)
class Query:
    """A question of a stream, with the class of its answer."""

    q: str
    cls: str
    source: str


class Adjudicated:
    """Pairs whose label says "different", and that a reader judged to be one question."""

    def __init__(self, paths: Iterable[Path] = ()) -> None:
        self._pairs: set[frozenset[str]] = set()
        for path in paths:
            with path.open(encoding="utf-8", newline="") as lines:
                rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
                self._pairs |= {frozenset(row[:2]) for row in rows if len(row) >= 2}

    def corrected(self, pair: Pair) -> Pair:
        """The pair with the reader's label, if there is one."""
        if frozenset((pair.a, pair.b)) in self._pairs:
            return Pair(pair.a, pair.b, True, pair.source)
        return pair

    def merged(self, stream: list[Query]) -> list[Query]:
        """The stream with the classes of judged pairs made one."""
        class_of = {query.q: query.cls for query in stream}
        parent: dict[str, str] = {}

        def root(cls: str) -> str:
            while cls in parent:
                cls = parent[cls]
            return cls

        for pair in sorted(map(sorted, self._pairs)):
            found = sorted({root(class_of[text]) for text in pair if text in class_of})
            for other in found[1:]:
                parent[other] = found[0]
        return [Query(query.q, root(query.cls), query.source) for query in stream]


def _objects(path: Path) -> Iterator[dict[str, object]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def pairs_from(path: Path) -> list[Pair]:
    """Labelled pairs: `a`, `b`, `same`, `source`."""
    return [Pair(str(r["a"]), str(r["b"]), bool(r["same"]), str(r["source"])) for r in _objects(path)]


def stream_from(path: Path) -> list[Query]:
    """A stream in the file's order, without exact repeats."""
    rows = {
        str(r["q"]): Query(str(r["q"]), str(r["cls"]), str(r.get("source", "stream")))
        for r in reversed([*_objects(path)])
    }
    return [*reversed(rows.values())]


def own_pairs() -> list[Pair]:
    """The project's own traps and paraphrases."""
    pairs = []
    for path in sorted(TRAPS.glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            *kind, a, b = line.split("\t")
            is_same = path.stem.startswith("same")
            pairs.append(Pair(a, b, is_same, f"same-{kind[0]}" if is_same else path.stem))
    return pairs
