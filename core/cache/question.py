"""A question as the guards see it: read once, kept with the stored answer, compared many times."""

import json
import re
from dataclasses import dataclass

from core.cache import lexicon
from core.cache.files import reworded, searched
from core.cache.frames import framed
from core.cache.pieces import Tag, cut, normalised
from core.cache.reader import Reader
from core.cache.settling import settled
from core.cache.standing import stands_alone
from core.cache.token import Token
from core.cache.vocabulary.stops import OWNERS

VERSION = 2
"""Of what `dump` writes. Raise it with every rule or word list that changes what `parse` makes of a text."""
_FIELDS = 10
_MARKED = re.compile(r"\x00\d+")
"""What stands in a line for a thing that is no word; never glued to one."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """Everything the guards need to know about a question."""

    kind: str
    tense: str
    tokens: tuple[Token, ...]
    negations: int
    joins: tuple[str, ...]
    quantifiers: tuple[str, ...]
    asks_you: bool
    is_owned: bool
    """Whether it is about somebody's own things: "my account", "your sleep"."""
    stands_alone: bool

    @property
    def words(self) -> tuple[str, ...]:
        """Words for a look-up; related ones share one, so that a pair that is one question shares several."""
        found = dict.fromkeys(_indexed(token) for token in self.tokens)
        return tuple(word for word in found if word)

    def dump(self) -> str:
        """One line for the store."""
        tokens = [token.row() for token in self.tokens]
        whole = [VERSION, self.kind, self.tense, tokens, self.negations, self.joins, self.quantifiers]
        whole += [int(self.asks_you), int(self.is_owned), int(self.stands_alone)]
        return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))

    @staticmethod
    def load(text: str) -> "Parsed":
        """What `dump` wrote.

        Raises:
            ValueError: Another version wrote it, or it is no dump at all; parse the question again.
        """
        whole = json.loads(text)
        if not isinstance(whole, list) or len(whole) != _FIELDS or whole[0] != VERSION:
            raise ValueError("not a parsed question of this version")
        _, kind, tense, rows, negations, joins, quantifiers, *flags = whole
        tokens = tuple(Token.of(row) for row in rows)
        you, owned, alone = map(bool, flags)
        return Parsed(kind, tense, tokens, negations, tuple(joins), tuple(quantifiers), you, owned, alone)


def parse(text: str) -> Parsed:
    """Read a question once."""
    line, pieces = cut(normalised(text))
    frame = framed(lexicon.rephrased(line))
    inside = lexicon.rephrased(reworded(frame.inside))
    said = _MARKED.sub(r" \g<0> ", inside).split()
    reader = Reader(said, pieces).read()
    return Parsed(
        kind=frame.kind,
        tense=frame.tense,
        tokens=settled(searched(reader.tokens)),
        negations=reader.negations,
        joins=tuple(sorted(reader.joins)),
        quantifiers=tuple(reader.quantifiers),
        asks_you=frame.asks_you,
        is_owned=not OWNERS.isdisjoint(said),
        stands_alone=stands_alone(line.split(), frame.kind, reader.tokens),
    )


def _indexed(token: Token) -> str:
    word = lexicon.wide(token.word) if token.tag is Tag.WORD else token.word.lower()
    return re.sub(r"\W+", "_", word).strip("_")[:60]
