"""Questions about finding files, which everybody words differently and one command answers.

"Search /etc for files owned by root", "find the files in /etc that belong to root": the wording is made one
before the words are compared. What changes the command stays: whether the tree below is meant, which
directory, and what is done with what was found.
"""

from dataclasses import replace

from core.cache.pieces import Tag
from core.cache.token import Token
from core.cache.vocabulary import words
from core.cache.vocabulary.files import REWORDINGS, SEARCHES, SEARCHING

FIND, SHOW, RECURSIVELY = "find", "show", "recursively"
_THINGS = words("file directory symlink link subdirectory")


def reworded(line: str) -> str:
    """A line about files in the one wording that stands for all."""
    if line.startswith("search"):
        line = SEARCHES.sub("find", SEARCHING.sub(r"find \2 in \1", line))
    for pattern, wording in REWORDINGS:
        line = pattern.sub(wording, line)
    return line


def _aged(tokens: list[Token]) -> list[Token]:
    """Make one of two wordings: "less than 7 days ago" is "in the last 7 days"."""
    done = list(tokens)
    for at in range(len(done) - 1):
        time = done[at + 1].word
        if done[at].word == "lt" and done[at].tag is Tag.COMPARATOR and time.endswith((" s", " months")):
            done[at] = replace(done[at], word="last", tag=Tag.WORD, role="")
            done[at + 1] = replace(done[at + 1], role="")
    return done


def searched(tokens: list[Token]) -> list[Token]:
    """The tokens of a search for files, without what every such search says."""
    if not _is_search(tokens):
        return tokens
    tokens = _aged(tokens)
    return [token for token in tokens if not _is_implied(token, tokens)]


def _is_search(tokens: list[Token]) -> bool:
    """Whether files or directories are looked for: the verb first, then the kind of thing."""
    head = [token for token in tokens[:2] if token.word != RECURSIVELY][:1]
    if not head or head[0].word not in (FIND, SHOW) or head[0].is_negated:
        return False
    for token in tokens[1:]:
        if token.role:
            return False
        if token.word in _THINGS or token.tag is Tag.EXTENSION:
            return True
    return False


def _is_implied(token: Token, tokens: list[Token]) -> bool:
    if token.word == "size" and not token.is_negated:
        return any(other.tag is Tag.NUMBER and other.word.endswith("bytes") for other in tokens)
    return token.word == "ago" and not token.is_negated
