"""How a question is put: the frame goes, its kind stays ("what is the best way to" is "how")."""

import re
from dataclasses import dataclass

from core.cache.vocabulary import frames as said


@dataclass(frozen=True, slots=True)
class Framed:
    """The kind of a question, its time, whom it is about, and the words inside its frame."""

    kind: str
    tense: str
    asks_you: bool
    inside: str


def framed(line: str) -> Framed:
    """Take the frame off a line in lower case."""
    bare = said.TOPIC.sub(r"\1 , ", said.POLITE.sub("", line))
    bare = said.OPINION.sub("", said.TAIL.sub("", bare))
    kind, is_timed, inside = _opened(bare)
    tense = next((name for name, pattern in said.TENSES if pattern.match(bare)), "") if is_timed else ""
    return Framed(kind, tense, kind != "how" and bool(said.YOU.search(said.OPINION.sub("", line))), inside)


def _opened(line: str) -> tuple[str, bool, str]:
    """The kind, whether time matters to it, and the rest; the most special frame is tried first."""
    differ = said.DIFFER.match(line)
    if differ:
        return "difference", False, f"{differ[1]} and {differ[2]}"
    how = said.HOW.search(line)
    if how:
        return "how", False, (line[: how.start()] + line[how.end() :]).strip()
    quantity = said.QUANTITY.search(line)
    if quantity:
        return f"how {quantity[1]}", True, line[: quantity.start()] + line[quantity.end() :]
    if said.HAS_DIFFERENCE.search(line):
        return "difference", False, said.DIFFERENCE.sub("", line)
    if said.VERSUS.fullmatch(line):
        return "difference", False, re.sub(r" (?:vs|versus) ", " and ", line)
    used = said.USED_FOR.match(line)
    if used:
        return "purpose", False, f"{used[1]}{used[2]}"
    use = said.PURPOSE.match(line)
    if use:
        return "purpose", False, re.sub(r"(?: used| good| meant)? for$", "", line[use.end() :])
    return _asked(line)


def _asked(line: str) -> tuple[str, bool, str]:
    why = said.WHY.match(line)
    if why:
        return "why", True, line[why.end() :]
    stands = said.STANDS.match(line)
    if stands:
        return "what", False, f"{stands[1]}{stands[2]}"
    what = said.WHAT.match(line)
    if what:
        kind = "what does" if said.DOES.search(line) else "what"
        return kind, True, said.WHAT_TAIL.sub("", line[what.end() :])
    if said.ENDS_IN_SENSE.search(line):
        return "what", False, said.WHAT_TAIL.sub("", line)
    for kind, opener in said.OPENERS:
        found = opener.match(line)
        if found:
            return kind, True, line[found.end() :]
    return "", False, line
