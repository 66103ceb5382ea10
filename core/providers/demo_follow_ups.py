"""What the demo model says to questions about its own last answer, and what may be asked next.

It does not follow a conversation. But under an answer with code "explain this code" is always a good
question, and it can say what was prepared for it, or what the comments in the code say.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from core.messages import Message, Role
from core.providers.demo_answers import COURTESY, Prepared, Repertoire

_MOST_READ = 20_000
_MOST_LINES = 12
_FENCE = re.compile(r"^ {0,3}```(?P<language>\w*)\n(?P<code>.*?)^ {0,3}```$", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"^\s*(?P<code>\S.{0,200}?)\s{2,}(?:#|//|--)\s(?P<says>.{1,200})$")
_MARKS = re.compile(r"[^\w\s]+")
_SHELLS = frozenset(("bash", "sh", "zsh", "shell", "console"))

_RUN = {
    "python": "Put it into a file, `try_it.py`, and run that:\n\n```bash\npython try_it.py\n```\n\n"
    "Or paste it into `python` itself; in the newer ones (3.13 and later) a block may be pasted whole.",
    "js": "In a browser, paste it into the console (F12). With Node, put it into a file:\n\n"
    "```bash\nnode try_it.js\n```\n\nWhat touches `document` only works in a page.",
    "sql": "In the shell of your database, for example:\n\n"
    "```bash\nsqlite3 shop.db < try_it.sql\npsql -f try_it.sql shop\n```\n\nOn a copy first.",
    "shell": "Paste one line at a time into your terminal, and read what it says before the next one.",
}
_LANGUAGES = {"py": "python", "javascript": "js"} | dict.fromkeys(_SHELLS, "shell")


class Kind(StrEnum):
    """What is wanted of the last answer."""

    EXPLAIN = "explain"
    TESTS = "tests"
    RUN = "run"
    CONTINUE = "continue"
    YES = "yes"
    NO = "no"


_WORDINGS = (
    (
        Kind.EXPLAIN,
        r"(please )?explain (it|(this|that|the|these|each|every) (code|commands?|change|settings|lines?))",
    ),
    (Kind.TESTS, r"(please )?write (a |some )?(unit )?tests?( for (it|this|that|this code))?"),
    (Kind.RUN, r"how (do|can|would) i run (it|this|that|this code|that code)"),
    (Kind.CONTINUE, r"(please )?(continue|go on|carry on|keep going|and then|more)"),
    (Kind.YES, r"(yes|yep|yup|yeah|sure|please do|yes please|do it)"),
    (Kind.NO, r"(no|nope|no thanks|no thank you)"),
)


@dataclass(frozen=True, slots=True)
class FollowUps:
    """What was prepared about the code of an answer, by the answer's id."""

    explained: Mapping[str, str]
    tests: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a follow-up is about: an answer, and the prepared one it was, if it was one."""

    text: str
    known: Prepared | None


def load_follow_ups() -> FollowUps:
    """Read what lies beside this module."""
    import tomllib

    with Path(__file__).with_suffix(".toml").open("rb") as file:
        table = tomllib.load(file)
    explained, tests = (
        {id_: text.strip() for id_, text in table[name].items()} for name in ("explain", "tests")
    )
    return FollowUps(explained, tests)


def follow_up(repertoire: Repertoire, prepared: FollowUps, messages: tuple[Message, ...]) -> str:
    """What is said to a question about the last answer; empty when it is none, or there was none."""
    kind = _kind(messages[-1].text) if messages else None
    subject = _subject(repertoire, messages[:-1], has_code=kind in (Kind.EXPLAIN, Kind.TESTS, Kind.RUN))
    if kind is None or subject is None:
        return ""
    id_ = subject.known.id if subject.known else ""
    asks = next_questions(repertoire, messages, 3)
    match kind:
        case Kind.EXPLAIN:
            return prepared.explained.get(id_) or _commented(subject.text)
        case Kind.TESTS:
            return prepared.tests.get(id_) or "I have no tests prepared for this one." + _known(asks)
        case Kind.RUN:
            return _run(subject.text)
        case Kind.CONTINUE:
            return _rest(subject) or "That was all I had prepared on it." + _known(asks)
        case Kind.YES:
            return "Good. I can only go on with what I know, though." + _known(asks)
        case Kind.NO:
            return "Then not. Ask me something else whenever you like."


def next_questions(repertoire: Repertoire, messages: tuple[Message, ...], most: int) -> list[str]:
    """Known questions that may come next: of the last answer's topic first, none that was asked already."""
    asked = [message.text for message in messages if message.role is Role.USER]
    known = [found for text in asked if (found := repertoire.find(text)) is not None]
    there = {one.id for one in known}
    offered = [one for one in repertoire.prepared if one.topic != COURTESY and one.id not in there]
    last = next((one for one in reversed(known) if one.topic != COURTESY), None)
    if last is None:
        near = (repertoire.find(ask) for ask in repertoire.nearest(asked[-1] if asked else "", most))
        return [_brief(one) for one in near if one is not None]
    at = repertoire.prepared.index(last)
    places = {one.id: place for place, one in enumerate(repertoire.prepared)}
    offered.sort(key=lambda one: (one.topic != last.topic, (places[one.id] - at) % len(places)))
    return [_brief(one) for one in offered[:most]]


def _brief(one: Prepared) -> str:
    """A short wording that is still a question to a reader; three of them stand in one row."""
    return min((ask for ask in one.asks[:3] if ask.count(" ") >= 2), key=len)


def _kind(text: str) -> Kind | None:
    if len(text) > 80:
        return None
    words = " ".join(_MARKS.sub(" ", text.casefold()).split())
    return next((kind for kind, pattern in _WORDINGS if re.fullmatch(pattern, words)), None)


def _subject(repertoire: Repertoire, messages: tuple[Message, ...], *, has_code: bool) -> _Subject | None:
    """The last answer, or the last one with code; a question about one is about what that one was about."""
    for place in range(len(messages) - 1, 0, -1):
        answer, question = messages[place], messages[place - 1]
        if answer.role is not Role.ASSISTANT or question.role is not Role.USER:
            continue
        if not has_code or "```" in answer.text:
            return _Subject(answer.text[:_MOST_READ], repertoire.find(question.text))
    return None


def _commented(text: str) -> str:
    """What the comments of its code say, line by line."""
    found = [match for code in _codes(text) for line in code.splitlines() if (match := _COMMENT.match(line))]
    if not found:
        return "I have no explanation prepared for this one; a real model would read it line by line."
    lines = [f"- `{match['code'].replace('`', chr(39))}`: {match['says']}" for match in found[:_MOST_LINES]]
    return "Line by line:\n\n" + "\n".join(lines)


def _codes(text: str) -> Iterator[str]:
    return (found["code"] for found in _FENCE.finditer(text))


def _run(text: str) -> str:
    languages = [found["language"].casefold() for found in _FENCE.finditer(text)]
    language = next((each for each in (_LANGUAGES.get(each, each) for each in languages) if each in _RUN), "")
    return _RUN.get(language, "That depends on where it belongs; I cannot tell from here.")


def _rest(subject: _Subject) -> str:
    """What was cut off of a prepared answer."""
    whole = subject.known.text if subject.known else ""
    return whole[len(subject.text) :].lstrip("\n") if whole.startswith(subject.text) else ""


def _known(asks: list[str]) -> str:
    return "\n\nWhat I do know:\n\n" + "\n".join(f"- {ask}" for ask in asks)
