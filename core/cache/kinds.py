"""How long an answer stays true, by the kind of its question."""

import re
from dataclasses import dataclass

_DAY_S = 86_400.0
_ASKED_WITHIN = 2000


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of question."""

    name: str
    days: int

    @property
    def lifetime_s(self) -> float:
        """How long an answer to it may be served."""
        return self.days * _DAY_S


VERSIONED = Kind("version", 7)
FAULT = Kind("fault", 7)
ATTACHED = Kind("attached", 30)
HOW_TO = Kind("how-to", 30)
DEFINITION = Kind("definition", 90)
OTHER = Kind("other", 30)

# A release is named by a number behind a name, or with two points; "port 8080" and "2 files" name none.
_VERSION = re.compile(
    r"\bv\d+(?:\.\d+)*\b|\b\d+\.\d+\.\d+\b|\b(?:version|release)s?\b"
    r"|\b(?:angular|bootstrap|debian|django|dotnet|electron|fedora|flask|go|ios|java|kubernetes|laravel|llama"
    r"|macos|mysql|next(?:\.?js)?|node(?:\.?js)?|nuxt|pandas|php|postgres(?:ql)?|pydantic|python|rails|react"
    r"|ruby|rust|spring|sqlalchemy|sqlite|swift|tailwind|tensorflow|typescript|ubuntu|vue|windows)"
    r"\s?\d+(?:\.\d+)*\b",
    re.IGNORECASE,
)
_FAULT = re.compile(
    r"\b(?i:errors?|exceptions?|traceback|segfaults?|fails?|failed|failing|failure|crash(?:es|ed|ing)?|panics?"
    r"|broken|denied|refused|not\s+found|cannot|can't|undefined|stack\s?trace|warnings?)\b|\w{1,60}Error\b"
    r"|\bE[A-Z]{4,}\b"
)
_DEFINITION = re.compile(
    r"\s*(?:what(?:'s|\s+is|\s+are|\s+does)|define|explain|describe|meaning\s+of|difference\s+between"
    r"|why\s+(?:is|are|do|does))\b",
    re.IGNORECASE,
)
_HOW_TO = re.compile(r"\b(?:how|command|write|make|create|convert|list|show|find|regex)\b", re.IGNORECASE)


def kind_of(question: str, has_attachments: bool) -> Kind:
    """The kind of a question; the one that lives shortest wins."""
    question = question[:_ASKED_WITHIN]  # what follows is a log or a file
    if _VERSION.search(question):
        return VERSIONED
    if _FAULT.search(question):
        return FAULT
    if has_attachments:
        return ATTACHED
    if _DEFINITION.match(question):
        return DEFINITION
    return HOW_TO if _HOW_TO.search(question) else OTHER
