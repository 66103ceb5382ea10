"""Whether a question stands alone: nothing that was said before it is needed to understand it."""

from itertools import pairwise

from core.cache.token import Token
from core.cache.vocabulary import words
from core.cache.vocabulary.late import Late

_LEAST = 3
"""Content words, the question word among them: with fewer, the context says what is meant."""
_CONTINUING = words("and or but then also continue again")
_POINTING = words("the my your our his her their this that these those it wrong")
"""What "what is a monad" has not, and "what is the error" has."""
_DEICTIC = words("it this that these those them they he she him above previous former latter again else")
_OWN = words("my our")
_OWN_WORK = words("code program script function class snippet")
"""What only the one who wrote it knows."""
_CHOOSING = words("other first second third last next same")
_HERE = words("directory folder machine computer year")
_IT_IS = words("is does was can will")
_IT_IS_SO = words("possible ok okay safe good take bad worth mean legal true")
_EXPLETIVE = Late(r"^it\ (?:\S+\ ){0,3}(?:to|that|like|if)\b|^it\ (?:take|cost|feel|normally|usually)")


def stands_alone(said: list[str], kind: str, tokens: list[Token]) -> bool:
    """Whether the question needs nothing that was said before it."""
    if not said or said[0] in _CONTINUING:
        return False
    content = {word for token in tokens for word in token.text.split()}
    pointing = _POINTING - {"the"} if kind == "purpose" else _POINTING
    is_definition = kind in ("what", "who", "purpose") and bool(content) and not pointing & set(said)
    if len(content) + bool(kind) < _LEAST and not is_definition:
        return False
    if _asks_about_own(said):
        return False
    return all(word not in _DEICTIC or _points_inside(said, at) for at, word in enumerate(said))


def _asks_about_own(said: list[str]) -> bool:
    """Whether the answer depends on something not shown ("my code"), or on what was named before ("one")."""
    for word, after in pairwise(said):
        if (word in _OWN and after in _OWN_WORK) or (word in _CHOOSING and after in ("one", "ones")):
            return True
    return said[:2] in (["what", "about"], ["how", "about"]) or said[-1] in ("one", "ones")


def _points_inside(said: list[str], at: int) -> bool:
    """Whether "that" or "it" points at something in the question, or at nothing ("is it possible to")."""
    word = said[at]
    before = said[at - 1] if at else ""
    after = said[at + 1] if at + 1 < len(said) else ""
    match word:
        case "that":
            return at > 1 and after not in ("", ",")
        case "it":
            is_idle = before in _IT_IS and after in _IT_IS_SO
            return is_idle or at > 4 or _EXPLETIVE.search(" ".join(said[at : at + 5])) is not None
        case "this" | "these" | "those":
            return after in _HERE
        case "above" | "previous" | "again" | "else":
            return at > 0 and after != ""
        case "them" | "they" | "he" | "she" | "him":
            return at > 2
        case _:
            return False
