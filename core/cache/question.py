"""A question as the guards see it: read once, kept with the stored answer, compared many times."""

import json
import re
from dataclasses import dataclass, replace
from functools import cache

from core.cache import lexicon, quantities
from core.cache.files import reworded, searched
from core.cache.frames import asks_you, framed
from core.cache.inflection import is_several, lemma
from core.cache.pieces import Piece, Tag, cut, normalised
from core.cache.token import Token
from core.cache.vocabulary.names import EXTENSIONS
from core.cache.vocabulary.stops import CONTEXT, NEGATIONS, ROLES, STOPS
from core.cache.vocabulary.verbs import LIGHT, MOTION, VERBS

VERSION = 1
"""Of what `dump` writes; what another version wrote is read afresh from its text."""


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
    stands_alone: bool

    @property
    def words(self) -> tuple[str, ...]:
        """Words for a look-up: related words share one, so that a pair that is one question shares several."""
        found = dict.fromkeys(_indexed(token) for token in self.tokens)
        return tuple(word for word in found if word)

    def dump(self) -> str:
        """One line for the store."""
        tokens = [
            [
                t.text,
                t.word,
                t.tag.value,
                t.role,
                t.phrase,
                int(t.is_negated),
                int(t.is_plural),
                int(t.is_light),
                int(t.is_joined),
            ]
            for t in self.tokens
        ]
        whole = [VERSION, self.kind, self.tense, tokens, self.negations, self.joins, self.quantifiers]
        whole += [int(self.asks_you), int(self.stands_alone)]
        return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))

    @staticmethod
    def load(text: str) -> "Parsed":
        """What `dump` wrote.

        Raises:
            ValueError: Another version wrote it, or it is no dump at all; parse the question again.
        """
        whole = json.loads(text)
        if not isinstance(whole, list) or len(whole) != 9 or whole[0] != VERSION:
            raise ValueError("not a parsed question of this version")
        _, kind, tense, rows, negations, joins, quantifiers, you, alone = whole
        tokens = tuple(
            Token(text, word, Tag(tag), role, phrase, bool(negated), bool(plural), bool(light), bool(joined))
            for text, word, tag, role, phrase, negated, plural, light, joined in rows
        )
        return Parsed(
            kind, tense, tokens, negations, tuple(joins), tuple(quantifiers), bool(you), bool(alone)
        )


def parse(text: str) -> Parsed:
    """Read a question once."""
    line, pieces = cut(normalised(text))
    raw_words = line.split()
    line = _phrased(line)
    kind, tense, rest = framed(line)
    reader = _Reader(_MARKED.sub(r" \g<0> ", _phrased(reworded(_searched(rest)))).split(), pieces)
    read = reader.read()
    tokens = _settled(searched(read))
    return Parsed(
        kind=kind,
        tense=tense,
        tokens=tokens,
        negations=reader.negations,
        joins=tuple(sorted(reader.joins)),
        quantifiers=tuple(reader.quantifiers),
        asks_you=asks_you(line, kind),
        stands_alone=_stands_alone(raw_words, kind, read),
    )


@cache
def _phrase_pattern() -> re.Pattern[str]:
    longest_first = sorted(lexicon.phrases(), key=len, reverse=True)
    return re.compile(
        r"(?<![\w-])(?:" + "|".join(re.escape(phrase) for phrase in longest_first) + r")(?![\w-])"
    )


def _phrased(line: str) -> str:
    table = lexicon.phrases()
    line = _phrase_pattern().sub(lambda found: table[found.group()], line)
    return _TREE.sub(" recursively", line)


_TREE = re.compile(
    r"(?:,? ?(?:and|in|with|including|or|plus) )?(?:(?:in|under|below) )?(?:all )?(?:of )?(?:its|the|it's|all|any|their)? ?"
    r"(?:all )?(?:sub ?directories|subdirectories|subdirectory|sub-directories)(?: of it| under it| below it| recursively)?(?= |$)"
)
_ASKING = frozenset("what why how when where who which".split())
"""They open a second question when a first one has ended."""
_PATTERNED = frozenset(lemma(word) for word in "file image script picture document source".split())
_NOUNS_IN_ING = frozenset("string thing something nothing anything everything king ring spring ping".split())
_SUBJECTS = frozenset("i you we they people one".split())
_MARKED = re.compile(r"\x00\d+")
"""What stands in a line for a thing that is no word; never glued to one."""
_SEARCH = re.compile(
    r"^(?:find|search)(?:es)? (?:(?:in|through|inside|under|within) )?(?!for )(.+?) for (.+)$"
)


def _searched(line: str) -> str:
    """ "search X for Y" is "find Y in X"."""
    if not line.startswith("search"):
        return line
    return re.sub(r"^search(?:es)?\b", "find", _SEARCH.sub(r"find \2 in \1", line))


def _indexed(token: Token) -> str:
    word = lexicon.wide(token.word) if token.tag is Tag.WORD else token.word.lower()
    return re.sub(r"\W+", "_", word).strip("_")[:60]


class _Reader:
    """Goes through the words once, and notes what each one does to those behind it."""

    def __init__(self, words: list[str], pieces: list[Piece]) -> None:
        self._words = words
        self._pieces = pieces
        self._at = 0
        self._role = ""
        self._phrase = 0
        self._is_negated = False
        self._is_joined = False
        self._is_head = True
        self._tokens: list[Token] = []
        self.negations = 0
        self.joins: set[str] = set()
        self.quantifiers: list[str] = []

    def read(self) -> list[Token]:
        """All tokens, in order."""
        while self._at < len(self._words):
            self._step(self._words[self._at])
        return self._tokens

    def _step(self, word: str) -> None:
        if word[0] == "\x00":
            self._special(self._pieces[int(word[1:])])
        elif word == ",":
            self._turn("", 1)
            self._is_head = all(token.role or token.tag is Tag.NAME for token in self._tokens)
        elif word in NEGATIONS:
            self._negate(word)
        elif self._number(word) or self._comparator(word):
            return
        elif word in ROLES and not self._is_liking(word):
            self._relate(word)
        elif word in ("and", "or", "then", "&"):
            self.joins.add("or" if word == "or" else "and")
            self._is_joined = True
            self._is_head = self._next() in VERBS
            self._at += 1
        elif word in ("all", "every", "each", "any", "both", "some", "several", "multiple", "many", "most"):
            self._quantify(word)
        elif word in _ASKING and self._at and self._words[self._at - 1] == ",":
            self._content(word)
        elif word == "me" and self._at + 1 == len(self._words):
            self._content(word)
        elif (
            word in ("do", "did", "does")
            and self._words[self._at - 1] in _SUBJECTS
            and self._at
            and self._next() != "not"
        ):
            self._add(word, word if word == "did" else "do", Tag.WORD)
        elif word in STOPS:
            if word in ("that", "which", "who"):
                self._role, self._is_negated = "", False
            self._at += 1
        else:
            self._content(word)

    def _is_liking(self, word: str) -> bool:
        """Whether "like" is what somebody does, not what something resembles."""
        return (
            word == "like"
            and self._at > 0
            and self._words[self._at - 1] in ("you", "i", "to", "we", "people")
        )

    def _next(self, ahead: int = 1) -> str:
        at = self._at + ahead
        return self._words[at] if at < len(self._words) else ""

    def _turn(self, role: str, taken: int) -> None:
        if self._tokens and self._tokens[-1].is_negated:
            self._is_negated = False
        self._role, self._at = role, self._at + taken
        self._phrase += 1

    def _add(self, text: str, word: str, tag: Tag, taken: int = 1, is_plural: bool = False) -> None:
        token = Token(
            text, word, tag, self._role, self._phrase, self._is_negated, is_plural, is_joined=self._is_joined
        )
        self._tokens.append(token)
        if self._words[self._at - 1 : self._at] == ["non"]:
            self._is_negated = False
        self._is_joined = False
        self._is_head = self._is_head and (word.endswith("li") or tag is Tag.NAME)
        self._at += taken

    def _negate(self, word: str) -> None:
        self.negations += 1
        self._is_negated = True
        if word in ("without", "except", "excluding", "minus"):
            self._role = "with"
            self._phrase += 1
        self._at += 1

    def _quantify(self, word: str) -> None:
        if word in ("every", "each") and (self._is_number(self._next()) or quantities.unit_of(self._next())):
            self._every()
            return
        self.quantifiers.append("all" if word == "every" else word)
        if word in ("several", "multiple", "many", "most", "both"):
            self._add(word, "multiple" if word in ("several", "multiple") else word, Tag.WORD)
        else:
            self._at += 1

    def _every(self) -> None:
        """ "every 5 minutes" and "every day": how often, not how many."""
        self._turn("every", 1)
        unit = "" if self._is_number(self._words[self._at]) else quantities.unit_of(self._words[self._at])
        if unit:
            self._add(self._words[self._at], quantities.spelled(1, unit), Tag.NUMBER)

    def _relate(self, word: str) -> None:
        if word == "to" and lemma(self._next()) in _verb_lemmas() and self._next(2) != "":
            self._is_head = True
            self._turn("", 1)
            return
        is_doing = (
            word in ("by", "for") and self._next().endswith("ing") and self._next() not in _NOUNS_IN_ING
        )
        self._turn("" if is_doing else ROLES[word], 1)
        self._is_head = is_doing

    def _number(self, word: str) -> bool:
        if word in ("a", "an", "last", "past", "per") and word != "per":
            unit = quantities.unit_of(self._next())
            is_article = word in ("a", "an")
            if (
                unit
                and not self._next().endswith("s")
                and unit != "second"
                or unit == "second"
                and is_article
            ):
                if word in ("last", "past"):
                    self._add(word, "last", Tag.WORD, 0)
                self._add(self._next(), quantities.spelled(1, unit), Tag.NUMBER, 2)
                return True
            return False
        place = quantities.ordinal(word)
        if place and not (word == "second" and self._tokens and self._tokens[-1].tag is Tag.NUMBER):
            self._add(word, f"{place}th", Tag.NUMBER)
            return True
        found = quantities.number_at(self._words, self._at)
        if found is None or (word == "one" and not self._one()):
            return False
        value, taken = found
        unit = quantities.unit_of(self._next(taken))
        self._add(
            " ".join(self._words[self._at : self._at + taken]),
            quantities.spelled(value, unit),
            Tag.NUMBER,
            taken + bool(unit),
        )
        return True

    def _one(self) -> bool:
        following = self._next()
        return bool(following) and following not in STOPS and following not in ROLES

    def _comparator(self, word: str) -> bool:
        if word in ("gt", "lt", "atleast", "atmost", "upto") or (
            word == "exactly" and self._is_number(self._next())
        ):
            self._add(word, {"upto": "atmost"}.get(word, word), Tag.COMPARATOR)
            return True
        if word in ("over", "above", "exceeding", "under", "below") and self._is_number(self._next()):
            self._add(word, "lt" if word in ("under", "below") else "gt", Tag.COMPARATOR)
            return True
        return False

    def _is_number(self, word: str) -> bool:
        if word[:1] == "\x00":
            return self._pieces[int(word[1:])].tag is Tag.NUMBER
        return word in quantities.NUMBERS

    def _special(self, piece: Piece) -> None:
        if piece.tag is Tag.NUMBER:
            self._digits(piece)
            return
        self._add(piece.text, piece.word, piece.tag)

    def _digits(self, piece: Piece) -> None:
        value, ending, is_ordinal = quantities.glued(piece.text)
        if is_ordinal:
            self._add(piece.text, f"{value:.12g}th", Tag.NUMBER)
            return
        unit = quantities.unit_of(ending, is_glued=True)
        if ending and not unit:
            self._add(piece.text, piece.word, Tag.IDENTIFIER)
            return
        taken = 1
        following = self._next()
        if not unit and (quantities.unit_of(following) or following in quantities.SCALES):
            scale = quantities.SCALES.get(following)
            value, unit = (value * scale, "") if scale else (value, quantities.unit_of(following))
            taken = 2
        previous = self._tokens[-1] if self._tokens else None
        if previous is not None and previous.tag is Tag.NAME and not unit:
            self._add(piece.text, f"{value:.12g}" if "." not in piece.text else piece.text, Tag.VERSION)
            return
        spelled = (
            quantities.spelled(value, unit)
            if unit or len(piece.text) < 2 or piece.text[0] != "0"
            else piece.text
        )
        self._add(piece.text, spelled, Tag.NUMBER, taken)

    def _content(self, word: str) -> None:
        bare = word.removesuffix("'s").removesuffix("'")
        if bare in EXTENSIONS and lemma(self._next()) in _PATTERNED:
            self._add(word, "." + EXTENSIONS[bare], Tag.EXTENSION)
            return
        name = lexicon.name_of(bare)
        if name is not None:
            self._add(word, name, Tag.NAME)
            return
        is_plural = is_several(bare) and not self._is_head
        canonical = lexicon.strict(bare, self._is_head)
        if self._is_head and lexicon.looks(bare) and self._asks_property():
            canonical = "get"
        self._add(word, canonical, Tag.WORD, is_plural=is_plural)

    def _asks_property(self) -> bool:
        """Whether what is looked for next is a property that things have: their size, their version."""
        ahead = self._words[self._at + 1 : self._at + 4]
        for word in ahead:
            if word in ROLES or word[0] == "\x00" or word == ",":
                return False
            if lexicon.is_property(word):
                return True
        return False


@cache
def _verb_lemmas() -> frozenset[str]:
    return frozenset(lemma(verb) for verb in VERBS)


@cache
def _light_lemmas() -> frozenset[str]:
    return frozenset(lexicon.strict(noun, False) for noun in LIGHT)


@cache
def _motion_lemmas() -> frozenset[str]:
    return frozenset(lemma(verb) for verb in MOTION)


def _settled(tokens: list[Token]) -> tuple[Token, ...]:
    """The tokens with what only the whole question shows: a harmless "from", nouns that only announce."""
    is_moving = any(token.role == "to" for token in tokens) or any(
        token.word in _motion_lemmas() for token in tokens[:2]
    )
    done: list[Token] = []
    for token, following in zip(tokens, [*tokens[1:], None], strict=False):
        if token.role == "from" and not is_moving:
            token = replace(token, role="of")
        neighbours = [other for other in (following, done[-1] if done else None) if other is not None]
        if token.tag is Tag.WORD and any(_announces(token, other) for other in neighbours):
            token = replace(token, is_light=True)
        done.append(token)
    return tuple(done)


@cache
def _places() -> frozenset[str]:
    """What may hold a text or be called by it: "the file foo" is not "foo", but "the file foo.txt" is "foo.txt"."""
    return frozenset(lexicon.strict(noun, False) for noun in ("file", "directory"))


def _announces(noun: Token, named: Token) -> bool:
    if noun.word not in _light_lemmas() or noun.role != named.role:
        return False
    if noun.word == "user" and noun.role == "by":
        return True
    if noun.word in _places() and named.tag in (Tag.LITERAL, Tag.IDENTIFIER) and "." not in named.text:
        return False
    return named.tag in (Tag.LITERAL, Tag.IDENTIFIER, Tag.PATH, Tag.EXTENSION)


def _stands_alone(words: list[str], kind: str, tokens: list[Token]) -> bool:
    """Whether the question needs nothing that was said before it."""
    content = {word for token in tokens for word in token.text.split()}
    is_definition = kind in ("what", "who", "purpose") and bool(content) and not _POINTING & set(words)
    if not words or (len(content) + bool(kind) < 3 and not is_definition):
        return False
    if words[0] in ("and", "or", "but", "then", "also", "continue", "again", "so") and words[0] != "so":
        return False
    for at, word in enumerate(words):
        if word in _DEICTIC and not _is_relative(words, at):
            return False
    return True


_POINTING = frozenset("the my your our his her their this that these those it wrong".split())
"""What "what is a monad" has not, and "what is the error" has."""
_DEICTIC = frozenset(
    "it this that these those them they he she him above previous former latter again else".split()
)


_EXPLETIVE = re.compile(r"^it (?:\S+ ){0,3}(?:to|that|like|if)\b|^it (?:take|cost|feel|normally|usually)")


def _is_relative(words: list[str], at: int) -> bool:
    """Whether "that" or "it" points inside the sentence ("files that contain", "is it possible", "this directory")."""
    before = words[at - 1] if at else ""
    after = words[at + 1] if at + 1 < len(words) else ""
    if words[at] == "that":
        return at > 1 and after != "" and after != ","
    if words[at] == "it":
        return (
            (
                before in ("is", "does", "was", "can", "will")
                and after
                in ("possible", "ok", "okay", "safe", "good", "take", "bad", "worth", "mean", "legal", "true")
            )
            or _EXPLETIVE.search(" ".join(words[at : at + 5])) is not None
            or at > 4
        )
    if words[at] in ("this", "these", "those"):
        return after in ("directory", "folder", "machine", "computer", "year")
    if words[at] in ("above", "previous", "again", "else"):
        return at > 0 and after != ""
    return at > 2 if words[at] in ("them", "they", "he", "she", "him") else False


__all__ = ["CONTEXT", "Parsed", "Token", "parse"]
