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


# A word that names a moment, or a state of the world that goes on changing.
_MOMENTS = (
    r"latest|newest|today(?:'s)?|tonight|tomorrow|yesterday|nowadays|currently|recent(?:ly)?|lately"
    r"|up[- ]to[- ]date|this\s+(?:week|month|year|morning|evening|quarter)|so\s+far|as\s+of|just\s+released"
    r"|(?:last|next)\s+(?:week|month|year|night|monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
    r"|(?:right|by|until|till|from)\s+now|these\s+days|at\s+(?:the|this)\s+moment|at\s+present|still\s+supported"
    r"|breaking\s+news|news|weather|stock\s+price|exchange\s+rate|uptime"
)
_CURRENT = (
    r"current\s+(?:\w+\s+)?(?:version|release|date|time|day|year|month|state|status|price|ceo|president|lts)"
    r"|(?:most\s+)?recent\s+(?:\w+\s+)?(?:version|release)|what(?:'s|\s+is)\s+the\s+(?:date|time|day|year)"
    r"|what\s+(?:time|day|year|date)\s+is\s+it|which\s+version\s+(?:is|should|of)|what\s+version\s+(?:is|of)"
    r"|how\s+(?:old|long\s+ago)|when\s+(?:is|will|does)\b[^?]*\b(?:released?|come\s+out|end|eol|happen)"
    r"|end\s+of\s+life|eol\s+date|is\s+\S+\s+down"
)
# "now" is mostly the present ("is it safe to upgrade now"); in code it is a name (`now()`, Date.now).
_NOW = r"(?<![\w.`:])now(?![\w(.`]|\s*\()"
# These are commands, names and properties of one's own things, not moments: as true next year.
_NO_MOMENTS = (
    r":latest\b|@latest\b|`[^`]*`|--\S+|docker\s+\w*\s*latest\s+image"
    r"|(?:get|print|show|format|insert|add|use|compare|parse|convert)\s+(?:\w+\s+){0,2}current\s+"
    r"(?:date|time|day|year|month|timestamp)"
    r"|current\s+(?:directory|branch|user|line|working|process|shell|folder)"
    r"|(?:latest|newest|(?:most\s+)?recent)\s+(?:git\s+|log\s+|n\s+|\d+\s+){0,2}(?:commits?|tags?|files?"
    r"|branch(?:es)?|lines?|entr(?:y|ies)|logs?|rows?|records?|director(?:y|ies)|folders?|backups?|stash(?:es)?)"
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
    return _time_bound().search(_timeless().sub(" ", question[:_ASKED_WITHIN])) is not None


@lru_cache(maxsize=1)
def _time_bound() -> "re.Pattern[str]":
    return re.compile(rf"\b(?:{_MOMENTS}|{_CURRENT})\b|{_NOW}", re.IGNORECASE)


@lru_cache(maxsize=1)
def _timeless() -> "re.Pattern[str]":
    return re.compile(_NO_MOMENTS, re.IGNORECASE)
