"""What is never stored in the answer cache, and why not."""

import re
from enum import StrEnum
from functools import lru_cache

_ASKED_WITHIN = 1000


class Refusal(StrEnum):
    """Why an answer is not stored."""

    EMPTY = "empty"
    UNFINISHED = "not finished"
    TIME_BOUND = "bound to its time"
    SECRET = "looks like a secret"
    GONE = "not there any more"
    PINNED = "a pinned answer stands there"


# What goes on changing, whoever asks and however it is put.
_CHANGING = (
    r"latest|newest|up[- ]to[- ]date|just\s+released|still\s+supported|news|weather|stock\s+price"
    r"|exchange\s+rate|end\s+of\s+life|eol\s+date|is\s+\S+\s+down|nowadays|these\s+days|as\s+of|so\s+far"
    r"|current\s+(?:\w+\s+)?(?:version|release|state|status|price|ceo|president|lts)"
    r"|(?:most\s+)?recent\s+(?:\w+\s+)?(?:version|release)"
    r"|which\s+version\s+(?:is|should|of)|what\s+version\s+(?:is|of)"
    r"|what(?:'s|\s+is)\s+the\s+(?:current\s+)?(?:date|time|day|year)|what\s+(?:time|day|year|date)\s+is\s+it"
    r"|when\s+(?:is|will|does)\b[^?]*\b(?:released?|come\s+out|end|eol|happen)"
)
# A moment in a question about the world; in a command ("delete what changed today") it is a parameter.
_MOMENTS = (
    r"today(?:'s)?|tonight|tomorrow|yesterday(?:'s)?|currently|recent(?:ly)?|lately|how\s+(?:old|long\s+ago)"
    r"|this\s+(?:week|month|year|morning|evening|quarter)|at\s+(?:the|this)\s+moment|at\s+present"
    r"|(?:last|next)\s+(?:week|month|year|night|monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
    r"|(?:right|by|until|till|from)\s+now"
)
# "now" is mostly the present ("is it safe to upgrade now"); in code it is a name (`now()`, Date.now).
_NOW = r"(?<![\w.`:])now(?![\w(.`]|\s*\()"
_ABOUT_THE_WORLD = (
    r"\W*(?:(?:hey|hi|hello|so|and|please|ok)\W+)*(?:what|which|who|whose|when|where|is|are|was|were|did|does"
    r"|do|has|have|had|will|why|should|tell|give|say|how\s+(?:old|long|many|much|is|are))\b"
)
_ABOUT_A_COMMAND = r"\b(?:command|regex|script|syntax|function|code|query|one-?liner|alias)\b"
# These are commands, names and properties of one's own things, not moments: as true next year.
_NO_MOMENTS = (
    r":latest\b|@latest\b|`[^`]*`|--\S+|docker\s+\w*\s*latest\s+image"
    r"|(?:get|print|show|format|insert|add|use|compare|parse|convert)\s+(?:\w+\s+){0,2}current\s+"
    r"(?:date|time|day|year|month|timestamp)"
    r"|current\s+(?:directory|branch|user|line|working|process|shell|folder)"
    r"|(?:latest|newest|(?:most\s+)?recent(?:ly)?)\s+(?:git\s+|modified\s+|changed\s+|log\s+|n\s+|\d+\s+){0,2}(?:commits?|tags?|files?"
    r"|branch(?:es)?|lines?|entr(?:y|ies)|logs?|rows?|records?|director(?:y|ies)|folders?|backups?|stash(?:es)?|ones?)"
    r"|(?:files?|folders?|director(?:y|ies)|commits?|lines?|logs?|entries|rows|records|images|processes)\b"
    r"[^.?!]{0,40}\b(?:modified|changed|created|accessed|updated|edited|added|made|written|since|from|before"
    r"|after)\s+(?:only\s+)?(?:today|yesterday|recently|(?:in\s+|since\s+)?(?:the\s+)?(?:last|this)\s+"
    r"(?:week|month|year|night|\w+day))\b"
)


def refusal_of(question: str, answer: str) -> Refusal | None:
    """Why a whole answer is not to be stored; None when it may be."""
    if not question.strip() or not answer.strip():
        return Refusal.EMPTY
    if is_time_bound(question):
        return Refusal.TIME_BOUND
    # Only here: it is asked in the writer's thread, behind an answer.
    from core.secrets import find_secrets

    return Refusal.SECRET if find_secrets(question) or find_secrets(answer) else None


def is_time_bound(question: str) -> bool:
    """Whether the right answer changes from day to day."""
    # What is asked stands at the beginning; "today" somewhere in a pasted log says nothing.
    text = _compiled(_NO_MOMENTS).sub(" ", question[:_ASKED_WITHIN])
    if _compiled(rf"\b(?:{_CHANGING})\b").search(text):
        return True
    if _compiled(_ABOUT_THE_WORLD).match(text) is None or _compiled(_ABOUT_A_COMMAND).search(text):
        return False
    return _compiled(rf"\b(?:{_MOMENTS})\b|{_NOW}").search(text) is not None


@lru_cache(maxsize=8)
def _compiled(pattern: str) -> "re.Pattern[str]":
    return re.compile(pattern, re.IGNORECASE)
