"""A question's text as the exact key sees it: what cannot change its meaning is taken out.

White space, the capital at a sentence's start and the mark at its end go. Everything that may be code keeps
its case and its signs: what is quoted or in backticks, flags, paths, numbers, identifiers, words in capitals,
and every text of several lines that is not plainly prose which was wrapped. In doubt something stays: two
wordings of one question then merely miss each other, while one key for two questions would be a wrong answer.
"""

import re
from functools import lru_cache
from itertools import pairwise

_CODE_SIGNS = frozenset('{}()[]<>=;|\\`$#&~^*_"')
_LETTERS_ALONE = frozenset({"A", "I"})
_CLAUSE_BEGINNINGS = (
    "do did can could should would will shall must may might am was if when while that where how what why"
    " because so and or as than before after until unless whenever"
)
_BEFORE_I = frozenset(_CLAUSE_BEGINNINGS.split())
"""After these an I is the one who asks; elsewhere it may be a name (`grep -I`, `for I in`)."""

# Mid-sentence a capital may be a name in code (Any, Set, Optional); these mean one thing in any case.
_KNOWN_NAMES = (
    "android ansible apache api apis aws azure bash bitbucket centos chrome cpu css csv cuda curl debian"
    " django dns docker emacs fedora firefox flask ftp git github gitlab gpu gradle grpc helm homebrew html"
    " http https ios java javascript jenkins jira json jwt kafka kubernetes laravel linux lua mac macos"
    " mariadb markdown maven mongodb mysql nginx numpy ollama pandas pdf perl php postgres postgresql"
    " powershell pytest python pytorch ram redis rhel rsync sql sqlite ssh ssl tcp tensorflow terraform tls"
    " tmux toml typescript ubuntu udp unix url urls usb vim vscode webpack windows wsl xml yaml zsh"
)
_SAME_IN_ANY_CASE = frozenset(_KNOWN_NAMES.split())
_SENTENCE_ENDS = (".", "?", "!")
_WIDTHS = ("<wide>", "<narrow>")
_LIGATURES = range(0xFB00, 0xFB07)

# In a question about these a mark at the end may be what is asked about: "explain the regex ab?".
_ABOUT_SIGNS = (
    "character expression glob globs mark notation operator optional pattern quantifier question regex regexp"
    " regexes sign suffix symbol syntax type wildcard"
)
_NOTATIONS = frozenset(_ABOUT_SIGNS.split())
_LEAST_WIDTH = 40
"""Nobody wraps prose at less; shorter lines are ended for a reason."""


def normalised(text: str) -> str:
    """The text as the exact key sees it."""
    text = text.replace("\r\n", "\n").strip()
    if "\n" in text and not _is_wrapped_prose(text):
        return "\n".join(line.rstrip() for line in text.split("\n"))
    prose = _Prose()
    # Every second piece is a literal, and stays as it is.
    pieces = _literals().split(text) if _may_quote(text) else [text]
    for index, piece in enumerate(pieces):
        prose.take_literal(piece) if index % 2 else prose.take(piece)
    return prose.finish()


class _Prose:
    """Puts the pieces together; knows whether a sentence begins here."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._before = ""
        self._is_start = True
        self._has_signs = False

    def take_literal(self, piece: str) -> None:
        """What is quoted."""
        self._pieces.append(piece)
        self._before, self._is_start = piece, False

    def take(self, piece: str) -> None:
        """What is said."""
        words = _compatible(piece).split()
        self._has_signs = self._has_signs or not _CODE_SIGNS.isdisjoint(piece)
        told = []
        for word in words:
            told.append(self._fold(word))
            self._before, self._is_start = told[-1], word.endswith(_SENTENCE_ENDS)
        if piece[:1].isspace() and self._pieces:
            told.insert(0, "")
        if piece[-1:].isspace():
            told.append("")
        self._pieces.append(" ".join(told) if words else " " if piece else "")

    def finish(self) -> str:
        """The whole, without the mark that ends it."""
        text = "".join(self._pieces).strip()
        return text[:-1].rstrip() if text.endswith(("?", ".")) and self._is_told(text) else text

    def _is_told(self, text: str) -> bool:
        """Whether the last mark ends a sentence: `cd ..`, `$?`, `sort!` and `ab?` end in what they mean."""
        words = text[:-1].split()
        if self._has_signs or not words:
            return False
        if text[-1] == "." and len(words) == 1:
            return False  # `a.` may be anything
        is_plain = words[-1].isalpha() or (text[-2] == "`" and text[-1] == "?")
        return is_plain and _NOTATIONS.isdisjoint(word.lower().strip(",.:;") for word in words)

    def _fold(self, word: str) -> str:
        """The word in small letters where its capitals say nothing."""
        core = word.rstrip(".,;:!?…")
        lower = core.lower()
        if core == lower:
            return word
        if len(core) == 1:
            is_plain = core in _LETTERS_ALONE and (self._is_start or (core == "I" and self._is_speaker()))
        else:
            is_capitalised = core[0].isupper() and core[1:] == lower[1:] and _is_word(core)
            is_plain = (self._is_start and is_capitalised) or lower in _SAME_IN_ANY_CASE
        is_plain = is_plain or (core.startswith(("I'", "I’")) and _is_word(core) and core[1:].islower())
        return lower + word[len(core) :] if is_plain else word

    def _is_speaker(self) -> bool:
        return self._before in _BEFORE_I


@lru_cache(maxsize=1)
def _literals() -> re.Pattern[str]:
    # Compiled on first use: most questions quote nothing. An apostrophe inside a word opens no quotation.
    return re.compile(
        r"(```.*?(?:```|\Z)|`[^`]*`|\"[^\"]*\"|“[^”]{0,2000}”|'(?!(?:t|s|m|re|ve|ll|d)\b)[^']*')", re.DOTALL
    )


def _may_quote(text: str) -> bool:
    return "`" in text or '"' in text or "'" in text or "“" in text


def _is_wrapped_prose(text: str) -> bool:
    """Whether line ends say nothing: each line is as long as it could be, and there are only words in it."""
    lines = text.split("\n")
    width = max(map(len, lines))
    if width < _LEAST_WIDTH or any(line[:1].isspace() or not line for line in lines):
        return False
    if not all(_is_word(word.strip(".,;:!?")) for word in text.split()):
        return False
    return all(len(line) + 1 + len(after.split()[0]) > width for line, after in pairwise(lines))


def _is_word(core: str) -> bool:
    return core.replace("'", "").replace("’", "").replace("-", "").isalpha()


def _compatible(piece: str) -> str:
    """Other widths and ligatures are how a text was set; ², ½ and ℂ are what it says."""
    if piece.isascii():
        return piece
    import unicodedata

    kept = "".join(
        unicodedata.normalize("NFKC", character)
        if ord(character) in _LIGATURES or unicodedata.decomposition(character).startswith(_WIDTHS)
        else character
        for character in piece.replace("’", "'")
    )
    return unicodedata.normalize("NFC", kept)
