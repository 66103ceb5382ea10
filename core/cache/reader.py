"""Goes through the words of a question once, and notes what each does to those behind it."""

from core.cache import lexicon, numbers
from core.cache.inflection import is_several
from core.cache.numbers import Number
from core.cache.pieces import Piece, Tag
from core.cache.quantities import spelled, unit_of
from core.cache.token import Token
from core.cache.vocabulary import words
from core.cache.vocabulary.names import EXTENSIONS
from core.cache.vocabulary.stops import NEGATIONS, QUANTIFIERS, ROLES, STOPS
from core.cache.vocabulary.units import NUMBERS
from core.cache.vocabulary.verbs import VERBS

_ASKING = words("what why how when where who which")
"""They open a second question when a first one has ended."""
_SUBJECTS = words("i you we they people one")
_LIKING = words("you i to we people and or")
_NOUNS_IN_ING = words("string thing something nothing anything everything king ring spring ping")
_LEAVING_OUT = words("without except excluding minus")
_PATTERNED = words("files images pictures documents sources")
"""Several, which a pattern finds; a "csv file" is one thing that has no name yet."""
_COMPARING = {"gt": "gt", "lt": "lt", "atleast": "atleast", "atmost": "atmost", "upto": "atmost"}
_BOUNDING = {
    "over": "gt",
    "above": "gt",
    "exceeding": "gt",
    "under": "lt",
    "below": "lt",
    "exactly": "exactly",
}
"""Comparators where a number follows, and only there."""


class Reader:
    """Reads one question; afterwards it knows its tokens, negations, joins and quantifiers."""

    def __init__(self, said: list[str], pieces: list[Piece]) -> None:
        self._said = said
        self._pieces = pieces
        self._at = 0
        self._role = ""
        self._phrase = 0
        self._is_negated = False
        self._is_joined = False
        self._is_head = True
        self.tokens: list[Token] = []
        self.negations = 0
        self.joins: set[str] = set()
        self.quantifiers: list[str] = []

    def read(self) -> "Reader":
        """Read all words, in order."""
        while self._at < len(self._said):
            self._step(self._said[self._at])
        return self

    def _step(self, word: str) -> None:
        if word[0] == "\x00":
            self._special(self._pieces[int(word[1:])])
        elif word == ",":
            self._turn("")
            self._is_head = all(token.role or token.tag is Tag.NAME for token in self.tokens)
        elif word in NEGATIONS:
            self._negate(word)
        elif self._number(word) or self._comparator(word):
            return
        elif word in ROLES and not (word == "like" and self._before() in _LIKING):
            self._relate(word)
        elif word in ("and", "or", "then", "&"):
            self._join(word)
        elif word in QUANTIFIERS:
            self._quantify(word)
        elif self._means_something(word):
            self._content(word)
        else:
            if word in ("that", "which", "who"):
                self._role, self._is_negated = "", False
            self._at += 1

    def _means_something(self, word: str) -> bool:
        """Whether the word is content here, though it may be none elsewhere ("what to do", "loves me")."""
        if word not in STOPS:
            return True
        if word in ("do", "did", "does"):
            return self._before() in _SUBJECTS and self._next() != "not"
        if word in ("me", "you"):
            return self._next() == ""
        return word in _ASKING and self._before() == ","

    def _before(self) -> str:
        return self._said[self._at - 1] if self._at else ""

    def _next(self, ahead: int = 1) -> str:
        at = self._at + ahead
        return self._said[at] if at < len(self._said) else ""

    def _turn(self, role: str) -> None:
        """A new phrase begins, in a role of its own."""
        if self.tokens and self.tokens[-1].is_negated:
            self._is_negated = False
        self._role = role
        self._phrase += 1
        self._at += 1

    def _add(self, text: str, word: str, tag: Tag, taken: int = 1, is_plural: bool = False) -> None:
        self.tokens.append(
            Token(
                text=text,
                word=word,
                tag=tag,
                role=self._role,
                phrase=self._phrase,
                is_negated=self._is_negated,
                is_plural=is_plural,
                is_joined=self._is_joined,
            )
        )
        if self._before() == "non":
            self._is_negated = False
        self._is_joined = False
        self._is_head = self._is_head and (word.endswith("ly") or tag is Tag.NAME)
        self._at += taken

    def _negate(self, word: str) -> None:
        self.negations += 1
        self._is_negated = True
        if word in _LEAVING_OUT:
            self._role = "with"
            self._phrase += 1
        self._at += 1

    def _join(self, word: str) -> None:
        self.joins.add("or" if word == "or" else "and")
        self._is_joined = True
        self._is_head = self._next() in VERBS
        self._at += 1

    def _quantify(self, word: str) -> None:
        if word in ("every", "each") and (self._is_number(self._next()) or unit_of(self._next())):
            self._every()
            return
        self.quantifiers.append("all" if word == "every" else word)
        if word in ("several", "multiple", "many", "most", "both"):
            self._add(word, "multiple" if word == "several" else word, Tag.WORD)
        else:
            self._at += 1

    def _every(self) -> None:
        """Tell how often from how many: "every 5 minutes" and "every day"."""
        self._turn("every")
        word = self._said[self._at]
        if not self._is_number(word):
            self._add(word, spelled(1, unit_of(word)), Tag.NUMBER)

    def _relate(self, word: str) -> None:
        """A preposition gives what follows its role; before a verb it has none ("to sort", "by sorting")."""
        following = self._next()
        if word == "to":
            is_doing = lexicon.is_verb(following) and self._next(2) != ""
        else:
            is_doing = word in ("by", "for") and following.endswith("ing") and following not in _NOUNS_IN_ING
        role = self._role if word == "of" and self._before() in ROLES else ROLES[word]
        self._turn("" if is_doing else role)
        self._is_head = is_doing

    def _number(self, word: str) -> bool:
        previous = self.tokens[-1] if self.tokens else None
        found = numbers.after_article(self._said, self._at)
        if found is not None and word in ("last", "past"):
            self._add(word, "last", Tag.WORD, 0)
        found = found or numbers.in_words(self._said, self._at, previous)
        if found is not None:
            self._add_number(found)
        return found is not None

    def _add_number(self, number: Number) -> None:
        self._add(number.text, number.word, number.tag, number.taken)

    def _comparator(self, word: str) -> bool:
        compared = _COMPARING.get(word) or (_BOUNDING.get(word) if self._is_number(self._next()) else None)
        if compared is not None:
            self._add(word, compared, Tag.COMPARATOR)
        return compared is not None

    def _is_number(self, word: str) -> bool:
        if word[:1] == "\x00":
            return self._pieces[int(word[1:])].tag is Tag.NUMBER
        return word in NUMBERS

    def _special(self, piece: Piece) -> None:
        if piece.tag is Tag.NUMBER:
            previous = self.tokens[-1] if self.tokens else None
            self._add_number(numbers.in_digits(piece, self._next(), previous))
        else:
            self._add(piece.text, piece.word, piece.tag)

    def _content(self, word: str) -> None:
        bare = word.removesuffix("'s").removesuffix("'")
        name = lexicon.name_of(bare)
        if bare in EXTENSIONS and self._next() in _PATTERNED:
            self._add(word, "." + EXTENSIONS[bare], Tag.EXTENSION)
        elif name is not None:
            self._add(word, name, Tag.NAME)
        elif self._is_head and lexicon.looks(bare) and self._asks_property():
            self._add(word, "get", Tag.WORD)
        else:
            is_plural = is_several(bare) and not self._is_head
            self._add(word, lexicon.strict(bare, self._is_head), Tag.WORD, is_plural=is_plural)

    def _asks_property(self) -> bool:
        """Whether what is looked for next is a property that things have: their size, their version."""
        for word in self._said[self._at + 1 : self._at + 4]:
            if word in ROLES or word[0] == "\x00" or word == ",":
                return False
            if lexicon.is_property(word):
                return True
        return False
