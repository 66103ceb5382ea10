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
    CHANCE = "wanted anew each time"
    SECRET = "looks like a secret"
    GONE = "not there any more"
    PINNED = "a pinned answer stands there"


# What goes on changing, whoever asks and however it is put.
_CHANGING = (
    r"latest|newest|up[- ]to[- ]date|just\s+released|still\s+supported|news|weather|stock\s+price"
    r"|exchange\s+rate|end\s+of\s+life|eol\s+date|is\s+\S+\s+down|nowadays|these\s+days|as\s+of|so\s+far"
    r"|current\s+(?:\w+\s+)?(?:version|release|state|status|price|ceo|president|lts)"
    r"|(?:most\s+)?recent\s+(?:\w+\s+)?(?:version|release)"
    r"|(?:which|what)\s+(?:\w+\s+){0,2}(?:version|release|lts)\s+(?:is|of|should|to\s+use|do\s+(?:i|we)\s+need)"
    r"|stable\s+(?:version|release)\s+of|what(?:'s|\s+is)\s+new\s+(?:in|with)(?!\s[\w.+# -]{0,30}\d)"
    r"|(?:ceo|cto|cfo|president|prime\s+minister|chancellor|mayor)\s+of"
    r"|what(?:'s|\s+is)\s+the\s+(?:current\s+)?(?:date|time|day|year)|what\s+(?:time|day|date|week|month|year)(?:\s+of\s+the\s+\w+)?\s+is\s+it"
    r"|when\s+(?:is|will|does)\b[^?]*\b(?:released?|come\s+out|end|eol|happen)"
)
# A moment in a question about the world; in a command ("delete what changed today") it is a parameter.
_MOMENTS = (
    r"today(?:'s)?|tonight|tomorrow|yesterday(?:'s)?|currently|recent(?:ly)?|lately|how\s+(?:old|long\s+ago)"
    r"|this\s+(?:week|month|year|morning|evening|quarter)|at\s+(?:the|this)\s+moment|at\s+present"
    r"|(?:last|next)\s+(?:week|month|year|night|monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
    r"|(?:right|by|until|till|from)\s+now|prices?\s+(?:of|for)|how\s+(?:many\s+\w+|long)\s+until|how\s+much\s+(?:is|are|does|do)\b[^?]{0,80}\bcosts?"
)
# "now" is mostly the present ("is it safe to upgrade now"); in code it is a name (`now()`, Date.now).
_NOW = r"(?<![\w.`:])now(?![\w(.`]|\s*\()"
_ABOUT_THE_WORLD = (
    r"\W*(?:(?:hey|hi|hello|so|and|please|ok)\W+)*(?:what|which|who|whose|when|where|is|are|was|were|did|does"
    r"|do|has|have|had|will|why|should|tell|give|say|how\s+(?:old|long|many|much|is|are))\b"
)
_ABOUT_A_COMMAND = r"\b(?:command|regex|script|syntax|function|code|query|one-?liner|alias)\b"
# Whether something runs, or what the clock says somewhere: nothing else is asked.
_AT_THIS_MOMENT = (
    r"\W*(?:hey\W+|so\W+)?(?:is|are)\s+(?!it\s+possible|there\b)(?:[^\s?]+\s+){1,3}(?:up|down|offline|online)"
    r"(?:\s+(?:now|right\s+now|again|yet|for\s+(?:everyone|you)))?\s*[?.!]*\s*$"
    r"|\W*(?:the\s+)?current\s+(?:date|time)(?:\s+and\s+(?:date|time))?(?:\s*[?.!]*\s*$|\s+(?:in|at)\s+(?!{tools}|(?:iso|epoch|unix|seconds|milliseconds|\w+\s+format|a)\b))"
    r"|\W*(?:the\s+)?prices?\s+of\b"
)
# Who asks for code that throws a coin can have the same code again; who asks for a throw wants another one.
_TOOLS = (
    r"(?:a\s+|the\s+|pure\s+|plain\s+|vanilla\s+)?(?:ansible|awk|bash|c|clojure|dart|django|docker|elixir|excel|faker"
    r"|fish|git|go|golang|haskell|java|javascript|jq|js|julia|kotlin|linux|lua|macos|mongo|mongodb|mysql|nginx|node"
    r"|node\.?js|numpy|openssl|oracle|pandas|perl|php|postgres|postgresql|powershell|pwgen|python|r|rails|react|redis"
    r"|ruby|rust|scala|shell|sql|sqlite|swift|terraform|typescript|ts|unix|vba|vim|vue|windows|zig|zsh)\b"
)
_ASKED_TO = (
    r"\W*(?:(?:please|hey|ok|now|can\s+you|could\s+you|would\s+you|i\s+(?:need|want)(?:\s+you\s+to)?)\W+)*"
)
_THING = (
    r"(?:(?:strong|secure|safe|long|short|good|new|fresh|unique|valid|{n})\W+)*(?:uuids?|guids?|ulids?|passwords?"
    r"|passphrases?|nonces?|random\W+(?:\w+\W+)?(?:numbers?|integers?|ints?|digits?|strings?|words?|names?"
    r"|passwords?|passphrases?|uuids?|colou?rs?|keys?|tokens?|hex|bytes?|ports?|dates?|facts?|letters?|characters?"
    r"|secrets?|quotes?))"
).replace("{n}", r"\d+")
_BY_CHANCE = (
    rf"(?:(?:(?:give|generate|make|create|get|tell|show|pick|choose|draw|invent)\s+(?:me\s+)?)?"
    rf"(?:(?:a|an|another|some|one|two|three|\d+)\s+)?{_THING}"
    r"(?:\s*[.?!,:]|\s*$|\s+(?:with|of|that|which|for|between|from|to|containing|please|in|at|using)\b)"
    r"|(?:roll|throw)\s+(?:(?:a|the|some|two|\d+)\s+)?(?:dice|die|\d*d\d+)\b|(?:flip|toss)\s+(?:a|the)\s+coin\b"
    r"|shuffle\s+(?:these|this|the\s+following)\b|draw\s+a\s+card\b"
    r"|(?:pick|choose|select)\b[^.?!]{0,80}\bat\s+random\b|(?:pick|choose)\s+a\s+number\b"
    r"|tell\s+me\s+(?:a|another)\s+(?:joke|story|fun\s+fact)\b)"
)
_BY_A_TOOL = rf"\b(?:in|with|using|via)\s+{_TOOLS}|\b(?:class|method|snippet|program|generator)\b"
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
    if is_by_chance(question):
        return Refusal.CHANCE
    # Only here: it is asked in the writer's thread, behind an answer.
    from core.secrets import find_secrets

    return Refusal.SECRET if find_secrets(question) or find_secrets(answer) else None


def is_time_bound(question: str) -> bool:
    """Whether the right answer changes from day to day."""
    # What is asked stands at the beginning; "today" somewhere in a pasted log says nothing.
    text = _compiled(_NO_MOMENTS).sub(" ", question[:_ASKED_WITHIN])
    if _compiled(rf"\b(?:{_CHANGING})\b").search(text):
        return True
    if _compiled(_AT_THIS_MOMENT.replace("{tools}", _TOOLS)).match(text):
        return True
    if _compiled(_ABOUT_THE_WORLD).match(text) is None or _compiled(_ABOUT_A_COMMAND).search(text):
        return False
    return _compiled(rf"\b(?:{_MOMENTS})\b|{_NOW}").search(text) is not None


def is_by_chance(question: str) -> bool:
    """Whether who asks again wants another answer: a throw, a password; but not the code that makes one."""
    text = question[:_ASKED_WITHIN]
    if _compiled(_ASKED_TO + _BY_CHANCE).match(text) is None:
        return False
    return _compiled(_BY_A_TOOL).search(text) is None and _compiled(_ABOUT_A_COMMAND).search(text) is None


@lru_cache(maxsize=16)
def _compiled(pattern: str) -> "re.Pattern[str]":
    return re.compile(pattern, re.IGNORECASE)
