"""Follow-ups that an answer itself suggests, without asking a model."""

import re
from collections.abc import Iterator

from core.speculation.chip import Chip
from core.speculation.sifting import offerable, same

_TAIL = 600
"""Characters at an answer's end that its last sentence is looked for in."""
_SCANNED = 50_000
"""Characters of an answer that are looked through for code; the rest of a longer one is left."""
_MOST_OPTION_WORDS = 5
_MOST_BARE_WORDS = 2
"""Before "or", where no verb says that what follows is to be chosen: "Tabs or spaces?"."""
_FEWEST_LINES = 3
"""A shorter block is a command or a name, and needs no explanation."""

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})[ \t]{0,8}([\w+#.-]{0,20})[^\n]{0,200}$", re.MULTILINE)
_SENTENCE_END = re.compile(r"[.!?:;]\s+|\n")
_YES_OR_NO = re.compile(
    r"^(?:(?:so|and|but|or|ok|okay|well|then|great|if you want|by the way)[, ]+)?"
    r"(?:would|do|does|did|should|shall|is|are|was|were|can|could|may|will|have|has|want|ready|need)\b",
    re.IGNORECASE,
)
_BEFORE_OPTIONS = re.compile(
    r"\b(?:use|using|prefer|want|like|with|in|for|on|between|choose|need|run|have|keep|to|is it|as|it be)\s",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"^(?:the|a|an|to|just|rather)\s", re.IGNORECASE)
_POLITE = re.compile(
    r"anything else|any (?:other |more )?questions|does (?:that|this) (?:help|make sense|answer)"
    r"|how can i (?:help|assist)|was this helpful|\bor not\b",
    re.IGNORECASE,
)
_NOT_A_CHOICE = frozenset(
    ("", "not", "no", "both", "neither", "else", "something else", "other", "more", "so")
)

_SHELLS = frozenset(("bash", "sh", "shell", "zsh", "fish", "console", "powershell", "ps1", "cmd", "bat"))
_DATA = frozenset(("json", "yaml", "yml", "toml", "ini", "xml", "csv", "env", "dockerfile", "nginx", "conf"))
_TEXTS = frozenset(("text", "txt", "plain", "plaintext", "output", "log", "markdown", "md", "mermaid"))


def rule_chips(question: str, answer: str, reason: str, most: int) -> tuple[Chip, ...]:
    """The chips that come at once, best first, places from 1; none when nothing is plain.

    It asks something → "yes", "no" or its options; it has code → "explain", "write tests"; it was cut →
    "continue".
    """
    chips: list[Chip] = []
    for kind, text in _suggested(question, answer[-_SCANNED:], reason):
        if len(chips) >= most:
            break
        if line := offerable(text, [question, *(chip.question for chip in chips)]):
            chips.append(Chip(len(chips) + 1, line, kind))
    return tuple(chips)


def _suggested(question: str, answer: str, reason: str) -> Iterator[tuple[str, str]]:
    """Kinds and texts, best first."""
    if reason == "length":
        # Its last sentence is no question to the person: it merely ends there.
        yield "continue", "continue"
        return
    languages, is_open = _languages(answer)
    if not is_open:
        yield from _to_its_question(answer)
    yield from _about_code(question, languages)


def _to_its_question(answer: str) -> Iterator[tuple[str, str]]:
    """What could be answered to the question at an answer's end."""
    asked = _last_question(answer)
    if not asked or _POLITE.search(asked):
        return
    if " or " in asked:
        # "yes" says nothing to a choice, so it is its options or nothing.
        yield from (("option", option) for option in _options(asked))
    elif _YES_OR_NO.match(asked):
        yield "yes", "yes"
        yield "no", "no"


def _last_question(answer: str) -> str:
    tail = answer[-_TAIL:].rstrip().rstrip("*_`)]\"'”’ ")
    if not tail.endswith("?"):
        return ""
    last = _SENTENCE_END.split(tail[:-1])[-1]
    return last.strip().lstrip("#>*-_ ").replace("*", "").replace("`", "") + "?"


def _options(asked: str) -> tuple[str, ...]:
    """The two things to choose from, where both are short and named."""
    before, _, second = asked.rstrip("?").rpartition(" or ")
    first = _BEFORE_OPTIONS.split(before)[-1]
    if first == before and len(before.split()) > _MOST_BARE_WORDS:
        return ()
    both = tuple(_ARTICLE.sub("", each.strip(" ,")) for each in (first, second))
    if any(
        "," in each or same(each) in _NOT_A_CHOICE or not 0 < len(each.split()) <= _MOST_OPTION_WORDS
        for each in both
    ):
        return ()
    return both if same(both[0]) != same(both[1]) else ()


def _languages(answer: str) -> tuple[list[str], bool]:
    """The languages of an answer's blocks of some length, and whether its last one is still open."""
    languages: list[str] = []
    fence, language, begun = "", "", 0
    for found in _FENCE.finditer(answer):
        if not fence:
            fence, language, begun = found[1], found[2].casefold(), found.end()
        elif found[1][0] == fence[0] and len(found[1]) >= len(fence) and not found[2]:
            if len(answer[begun : found.start()].strip().splitlines()) >= _FEWEST_LINES:
                languages.append(language)
            fence = ""
    return languages, bool(fence)


def _about_code(question: str, languages: list[str]) -> Iterator[tuple[str, str]]:
    """What is asked of code; not what was just asked."""
    asked = same(question)
    programs = [each for each in languages if each not in _SHELLS | _DATA | _TEXTS | {"diff", "patch"}]
    if programs:
        if "explain" not in asked:
            yield "explain", "explain this code"
        if "test" not in asked:
            yield "tests", "write tests for it"
        if "run" not in asked.split():
            yield "run", "how do I run it?"
    elif any(each in _SHELLS for each in languages):
        if "explain" not in asked:
            yield "explain", "explain each command"
    elif any(each in ("diff", "patch") for each in languages):
        yield "explain", "explain this change"
    elif any(each in _DATA for each in languages) and "explain" not in asked:
        yield "explain", "explain these settings"
