"""`python -m tests.bench.semantic [PAIRS.jsonl.gz] [--stream QUESTIONS.jsonl.gz]`: is the decision right?"""

import argparse
import json
from collections import defaultdict
from contextlib import closing
from pathlib import Path

from core.cache.decide import Outcome
from tests.bench.semantic.embed import Embeddings
from tests.bench.semantic.lookup import Shelf
from tests.bench.semantic.rows import Adjudicated, Pair, Query, own_pairs, pairs_from, stream_from
from tests.bench.semantic.tally import Tally, table, total


def over_pairs(pairs: list[Pair], cache: Shelf) -> dict[str, Tally]:
    """Store `a` alone in an empty cache, ask `b`."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    for pair in pairs:
        cache.empty()
        cache.put(pair.a)
        told = cache.ask(pair.b)
        tallies[pair.source].count(pair.same, told.outcome if told else Outcome.NO, pair.same)
    return dict(tallies)


def over_stream(stream: list[Query], cache: Shelf) -> dict[str, Tally]:
    """Ask each question once, in order; store it unless a stored answer was served."""
    tallies: dict[str, Tally] = defaultdict(lambda: Tally(is_stream=True))
    cache.empty()
    class_of: dict[str, str] = {}
    classes: set[str] = set()
    for query in stream:
        told = cache.ask(query.q)
        outcome = told.outcome if told else Outcome.NO
        is_right = told is not None and class_of.get(told.question) == query.cls
        tallies[query.source].count(query.cls in classes, outcome, is_right)
        if outcome is not Outcome.SURE:
            cache.put(query.q)
            class_of[query.q] = query.cls
            classes.add(query.cls)
    return dict(tallies)


def main() -> None:
    """Run what the arguments name, and print a table or one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.semantic", description=__doc__)
    parser.add_argument("pairs", nargs="?", type=Path, help="labelled pairs (default: the project's own)")
    parser.add_argument("--stream", type=Path, help="a stream of questions with answer classes")
    parser.add_argument(
        "--adjudicated",
        type=Path,
        action="extend",
        nargs="+",
        default=[],
        metavar="FILE",
        help="tab-separated pairs that count as the same; several may be given",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--embed", metavar="URL", help="an Ollama that embeds; adds maybes only")
    parser.add_argument("--embed-model", default="", help="the model there (default: the first that embeds)")
    given = parser.parse_args()

    judged = Adjudicated(given.adjudicated)
    stream = judged.merged(stream_from(given.stream)) if given.stream else []
    wants_pairs = given.pairs is not None or not given.stream
    pairs = (
        [judged.corrected(pair) for pair in (pairs_from(given.pairs) if given.pairs else own_pairs())]
        if wants_pairs
        else []
    )
    embeddings = None
    if given.embed:
        texts = [text for pair in pairs for text in (pair.a, pair.b)] + [query.q for query in stream]
        embeddings = Embeddings(given.embed, given.embed_model, texts)

    with closing(Shelf(embeddings)) as cache:
        tallies = over_pairs(pairs, cache)
        for name, tally in over_stream(stream, cache).items():
            tallies[f"{name}-stream" if name in tallies else name] = tally
    if given.json:
        sources = {name: tally.figures() for name, tally in sorted(tallies.items())}
        print(json.dumps({"sources": sources, "all": total(tallies).figures()}))
    else:
        print(table(tallies))


if __name__ == "__main__":
    main()
