"""Which texts may be offered as a follow-up: short, of one line, and nothing that would act when it is asked.

Texts come from a model, so anything may stand there. A chip is asked by one key, as if the person had typed
it: a sigil in it could run a command or send a file along, so a text with one is never offered.
"""

import re
from collections.abc import Iterable

from core.sanitise import REPLACEMENT, clean_line

MOST_WORDS = 12
MOST_CHARACTERS = 90

_NUMBERING = re.compile(r"^(?:[-*•]|\(?\d{1,2}[.):])\s+")
_STRONG = re.compile(r"\*\*([^*]{1,80})\*\*")
_SIGIL = re.compile(r"^[/!]|(?<!\w)@")
_LETTER = re.compile(r"[^\W_]")
_SPACES = re.compile(r"\s+")
_BEYOND = re.compile(r"[^\w\s]+")
_TO_THE_PERSON = re.compile(
    r"^(?:would you like|do you (?:want|need|have|prefer|mean)|have you|are you (?:using|looking|trying)"
    r"|did you|shall i|let me know|what would you|what do you (?:want|need)|which (?:one )?(?:would|do) you"
    r"|please (?:provide|share|clarify|specify)|could you (?:provide|share|clarify|specify)"
    r"|can you (?:provide|share|clarify|specify)|can i help|how can i (?:help|assist)"
    r"|is there anything else)\b",
    re.IGNORECASE,
)
_YOURS = re.compile(
    r"\byour\b(?! (?:\w+ )?(?:answer|example|code|explanation|suggestion|solution|version|function|command))",
    re.IGNORECASE,
)
_OF_ITSELF = ("as an ai", "language model", "i cannot", "i can't", "i'm sorry")


def offerable(text: str, taken: Iterable[str] = ()) -> str:
    """The text as it may be offered; empty when it may not be.

    Args:
        taken: what is on offer already, or was asked: the same in other letters is not offered again.
    """
    if len(text) > 4 * MOST_CHARACTERS:
        return ""
    # What hides or acts stands as its replacement afterwards; who writes such a text has nothing to offer.
    line = clean_line(text)
    if REPLACEMENT in line:
        return ""
    line = _NUMBERING.sub("", _SPACES.sub(" ", line).strip()).replace("`", "")
    line = _STRONG.sub(r"\1", line).strip(" \"'“”")
    if not line or len(line) > MOST_CHARACTERS or len(line.split()) > MOST_WORDS:
        return ""
    if _SIGIL.search(line) or not _LETTER.search(line) or _is_misplaced(line):
        return ""
    folded = same(line)
    return "" if any(folded == same(other) for other in taken) else line


def same(text: str) -> str:
    """What two texts have in common that would be the same question to a reader."""
    return _SPACES.sub(" ", _BEYOND.sub("", text.casefold())).strip()


def _is_misplaced(line: str) -> bool:
    """Whether the model speaks of itself, or asks the person, instead of asking in their place."""
    folded = line.casefold()
    if any(words in folded for words in _OF_ITSELF):
        return True
    return _TO_THE_PERSON.match(line) is not None or _YOURS.search(line) is not None
