"""What the demo model knows, and which of its answers belongs to a question, if any does.

Nearness is no proof of meaning ("merge a branch" is near "delete a branch"). So a question gets a prepared
answer only when every word that counts has its match in one of that answer's wordings, and the reverse;
nearness is used for typing errors alone, and to propose questions that are known.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

# A prepared wording is one short sentence; anything longer carries more than a question.
LONGEST_QUESTION = 200
# Below this two questions are not the same, even if each typing error in them could be forgiven.
SCORE_FLOOR = 80.0
# From here on a known question looks related enough to be proposed first.
LIKENESS_FLOOR = 60.0
COURTESY = "courtesy"

_TOKEN = re.compile(r"(?<!\S)/\w+|\w[\w+#]*")
_NEGATION = re.compile(
    r"\b(can|won|don|doesn|isn|aren|didn|couldn|shouldn|wouldn|wasn|hasn|haven)'?t\b|\bcannot\b"
)
_ENDINGS = ("ing", "ed")


@dataclass(frozen=True, slots=True)
class Wording:
    """A question as it is compared.

    Attributes:
        plain: every word as typed, without case and punctuation.
        words: the words that count, reduced to their stems, in order.
        directions: the words that point from one to another ("from a to b"); with any, the order counts.
    """

    plain: str
    words: tuple[str, ...]
    directions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """One prepared answer, in Markdown, and the questions it answers.

    Attributes:
        asks: recognised by their words; the first is the one to propose.
        exactly: too thin for that, so recognised only as they stand.
        also: words that a question may add without asking for anything else ("git"); ``#`` is any number.
    """

    id: str
    topic: str
    asks: tuple[str, ...]
    exactly: tuple[str, ...]
    text: str
    wordings: tuple[Wording, ...]
    plain: frozenset[str]
    also: frozenset[str]

    def allows(self, word: str) -> bool:
        """Say whether a question may add this word and still be answered."""
        return word in self.also or (word[0].isdigit() and "#" in self.also)


class Vocabulary:
    """Reads a question as the words that count in it."""

    def __init__(self, table: Mapping[str, object]) -> None:
        self._fillers = _words(table["fillers"])
        self._directions = _text_table(table["directions"])
        self._courtesies = _words(table["courtesies"])
        self._aliases = {_stem(key): _stem(word) for key, word in _text_table(table["aliases"]).items()}
        self.real_words = frozenset(map(_stem, _words(table["never_typos"]))) | self._aliases.keys()
        self._phrases = _text_table(table["phrases"])
        self._phrase = re.compile(r"\b(" + "|".join(map(re.escape, self._phrases)) + r")\b")

    def read(self, question: str) -> Wording:
        """Take a question apart."""
        text = (
            unicodedata.normalize("NFKC", question).casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
        )
        text = _NEGATION.sub(" not ", text)
        text = re.sub(r"'(s|re|ve|d|ll|m)\b", "", text)
        text = self._phrase.sub(lambda found: f" {self._phrases[found[1]]} ", text)
        tokens = _TOKEN.findall(text)
        words = [self.reduce(token) for token in tokens if token not in self._fillers]
        asked = [word for word in words if word not in self._courtesies]
        return Wording(" ".join(tokens), tuple(asked or words), self._find_directions(tokens))

    def reduce(self, token: str) -> str:
        """Bring one word to the form in which it is compared."""
        if token in self._courtesies:
            return token
        stem = _stem(token)
        return self._aliases.get(stem, stem)

    def _find_directions(self, tokens: list[str]) -> tuple[str, ...]:
        """Find directions behind a word that counts; "how to" has none."""
        return tuple(
            self._directions[word]
            for before, word in pairwise(tokens)
            if word in self._directions and before not in self._fillers
        )


class Repertoire:
    """All prepared answers."""

    def __init__(self, prepared: tuple[Prepared, ...], vocabulary: Vocabulary) -> None:
        self.prepared = prepared
        self._vocabulary = vocabulary

    def find(self, question: str) -> Prepared | None:
        """Find the answer to a question; None when there is none, be it ever so near."""
        if len(question) > LONGEST_QUESTION:
            return None
        asked = self._vocabulary.read(question)
        for one in self.prepared:
            if asked.plain in one.plain:
                return one
        scored = [
            (self._score(asked, wording, one), one) for one in self.prepared for wording in one.wordings
        ]
        score, best = max(scored, key=lambda pair: pair[0])
        return best if score >= SCORE_FLOOR else None

    def nearest(self, question: str, count: int) -> tuple[str, ...]:
        """Name known questions, those that look most like this one first."""
        from rapidfuzz import fuzz

        asked = " ".join(self._vocabulary.read(question[:LONGEST_QUESTION]).words)

        def likeness(one: Prepared) -> float:
            return max(fuzz.token_set_ratio(asked, " ".join(wording.words)) for wording in one.wordings)

        offered = [one for one in self.prepared if one.topic != COURTESY]
        near = [one for one in offered if likeness(one) >= LIKENESS_FLOOR]
        near.sort(key=likeness, reverse=True)
        # Where little is near, one of each topic shows what there is.
        rest = {one.topic: one for one in reversed(offered)}
        chosen = dict.fromkeys(one.asks[0] for one in (*near, *reversed(rest.values())))
        return tuple(chosen)[:count]

    @cached_property
    def _known_words(self) -> frozenset[str]:
        known = {word for one in self.prepared for wording in one.wordings for word in wording.words}
        return self._vocabulary.real_words | known

    def _score(self, asked: Wording, wording: Wording, one: Prepared) -> float:
        """Score 100 for the same words, less for typing errors, 0 for anything else."""
        if not wording.words or asked.directions != wording.directions:
            return 0.0
        matched = [self._match(word, wording.words) for word in asked.words]
        met = [match for match in matched if match]
        if set(met) != set(wording.words):
            return 0.0
        if any(
            match is None and not one.allows(word) for word, match in zip(asked.words, matched, strict=True)
        ):
            return 0.0
        if asked.directions and tuple(dict.fromkeys(met)) != tuple(dict.fromkeys(wording.words)):
            return 0.0
        return self._spelling(asked.words, matched)

    def _match(self, word: str, words: tuple[str, ...]) -> str | None:
        """Find the word that is meant: the same, or one that this can only be a typing error of."""
        if word in words:
            return word
        if len(word) < 4 or not word.isalpha() or word in self._known_words:
            return None
        from rapidfuzz import distance

        for meant in words:
            allowed = 2 if len(meant) >= 9 else 1
            # People slip inside a word; other ends mostly make another word ("start", "star").
            if (
                len(meant) >= 5
                and (word[0], word[-1]) == (meant[0], meant[-1])
                and distance.OSA.distance(word, meant) <= allowed
            ):
                return meant
        return None

    def _spelling(self, words: tuple[str, ...], matched: list[str | None]) -> float:
        from rapidfuzz import fuzz

        pairs = [(word, match) for word, match in zip(words, matched, strict=True) if match]
        return min(fuzz.ratio(word, match) for word, match in pairs)


def load_repertoire() -> Repertoire:
    """Read the prepared answers that lie beside this module; some 20 ms."""
    import tomllib

    with Path(__file__).with_suffix(".toml").open("rb") as file:
        table = tomllib.load(file)
    vocabulary = Vocabulary(table["words"])
    topics = {
        name: frozenset(map(vocabulary.reduce, words.split())) for name, words in table["topics"].items()
    }
    return Repertoire(tuple(_prepare(table["answer"], topics, vocabulary)), vocabulary)


def _prepare(
    rows: list[dict[str, object]], topics: Mapping[str, frozenset[str]], vocabulary: Vocabulary
) -> Iterator[Prepared]:
    for row in rows:
        topic, asks, exactly = str(row["topic"]), _texts(row["asks"]), _texts(row.get("exactly", []))
        also = frozenset(map(vocabulary.reduce, str(row.get("also", "")).split()))
        yield Prepared(
            id=str(row["id"]),
            topic=topic,
            asks=asks,
            exactly=exactly,
            text=str(row["text"]).strip(),
            wordings=tuple(vocabulary.read(ask) for ask in asks),
            plain=frozenset(vocabulary.read(ask).plain for ask in (*asks, *exactly)),
            also=topics[topic] | also,
        )


def _texts(value: object) -> tuple[str, ...]:
    assert isinstance(value, list)
    return tuple(map(str, value))


def _words(value: object) -> frozenset[str]:
    return frozenset(str(value).split())


def _text_table(value: object) -> dict[str, str]:
    assert isinstance(value, dict)
    return {str(key): str(word) for key, word in value.items()}


def _stem(word: str) -> str:
    """Take the endings off, so that "deleting", "deletes" and "delete" are one word."""
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in _ENDINGS:
        if len(word) > len(ending) + 2 and word.endswith(ending):
            word = word.removesuffix(ending)
            break
    word = word.removesuffix("e") if len(word) > 3 else word
    return word[:-1] if len(word) > 2 and word[-1] == word[-2] and not word.isdigit() else word
