"""What the bench asks: a cache of answers that finds, compares and says sure, maybe or no.

The product's own store takes the place of `Memory` here; nothing else of the bench knows how it looks up.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass

from rapidfuzz import fuzz

from core.cache.decide import Outcome, Verdict, decide
from core.cache.question import Parsed, parse
from tests.bench.semantic.embed import Embeddings

_RAREST = 5
_SHARED = 2
_COMPARED = 8


@dataclass(frozen=True, slots=True)
class Found:
    """The stored question whose answer would be used, and how sure that is."""

    question: str
    verdict: Verdict


class Memory:
    """Questions kept in memory, found by two of their five rarest words."""

    def __init__(self, embeddings: Embeddings | None = None) -> None:
        self._embeddings = embeddings
        self._stored: list[tuple[str, Parsed, str]] = []
        self._places: dict[str, list[int]] = defaultdict(list)

    def put(self, question: str) -> None:
        """Store a question as answered."""
        parsed = parse(question)
        if not parsed.stands_alone:
            return
        for word in parsed.words:
            self._places[word].append(len(self._stored))
        self._stored.append((question, parsed, " ".join(sorted(parsed.words))))

    def ask(self, question: str) -> Found | None:
        """The best stored question: a sure one before a maybe, the most alike first."""
        asked = parse(question)
        if not asked.stands_alone:
            return None
        maybe = None
        for at in self._candidates(asked):
            stored, parsed, _ = self._stored[at]
            cosine = self._embeddings.cosine(question, stored) if self._embeddings else None
            verdict = decide(asked, parsed, cosine)
            if verdict.outcome is Outcome.SURE:
                return Found(stored, verdict)
            if verdict.outcome is Outcome.MAYBE and (maybe is None or verdict.apart < maybe.verdict.apart):
                maybe = Found(stored, verdict)
        return maybe

    def _candidates(self, asked: Parsed) -> list[int]:
        """Stored questions that share two of the rarest words (all of them, where there are fewer)."""
        rarest = sorted(asked.words, key=lambda word: len(self._places.get(word, ())))[:_RAREST]
        seen = Counter(at for word in rarest for at in self._places.get(word, ()))
        enough = [at for at, times in seen.items() if times >= min(_SHARED, len(rarest))]
        text = " ".join(sorted(asked.words))
        return sorted(enough, key=lambda at: -fuzz.ratio(text, self._stored[at][2]))[:_COMPARED]
