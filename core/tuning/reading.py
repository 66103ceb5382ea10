"""What an answer says once its wrapping is taken off: fences, quotes, bold, a lead-in, a full stop.

Small models wrap the same answer in many ways. Each layer that comes off leaves one more *reading*; a rule
accepts an answer when one reading is right *as a whole*. So no answer is right only because the right words
occur in it somewhere.
"""

import re
from collections.abc import Iterator
from itertools import islice

from core.sanitise import clean

MOST_CHARS = 600
"""Beyond it a text is a lecture, whatever it says."""
_MOST_AROUND = 120
"""Of words around the one thing that is marked as the answer."""
_MOST_JOINED = 60
"""Of lines that are read as one: a printed row that was broken up."""
_MOST_LAYERS = 8
_MOST_LEADS = 8
_MOST_READINGS = 60
_MOST_OUTER = 3
"""Layers around a lead-in, as in ``**Answer: 5**``."""

_THOUGHT = "</think>"
_FENCE = re.compile(r"^\s*(?:```|~~~)")
_WRAPPERS = tuple(
    re.compile(left + r"(?P<inner>.+)" + right)
    for left, right in (
        (r"```", r"```"),
        (r"``?", r"``?"),
        (r"\*\*\*?", r"\*\*\*?"),
        (r"\*", r"\*"),
        (r"__", r"__"),
        (r'"', r'"'),
        (r"'", r"'"),
        (r"[“„«‘]", r"[”“»’]"),
        (r"\\\(\s*", r"\s*\\\)"),
        (r"\$\$?", r"\$\$?"),
        (r"\\boxed\{", r"\}"),
    )
)
_MARKED = re.compile(r"(?<!`)`(?P<code>[^`\n]+)`(?!`)|\*\*(?P<bold>[^*\n]+)\*\*")
_ENDS = re.compile(r"\s*(?:[.!,;:]|\\\\)$")
_PROMPT = re.compile(r"^(?:[$%>#]|[-*•])\s+")
_GREETING = re.compile(r"^(?:sure|certainly|of course|okay)[!,.:]\s+", re.IGNORECASE)
_LEAD = re.compile(
    r"\b(?:is called|is|are|was|be|prints?|outputs?|returns?|raises?|throws?|use|run|type|enter|with|called|"
    r"gives|yields|shows|has|contains|means|it's|equals|evaluates to|takes|lists|need)\s+"
    r"|:\*{0,3}(?:\s+|(?=[*`]))|(?<![=!<>])=(?!=)\s*|→\s*|⇒\s*",
    re.IGNORECASE,
)
_HEDGE = re.compile(
    r"\b(?:or|nor|not|never|maybe|perhaps|either|neither|unless|except|instead|avoid|rather|possibly|depends|then|also|both)\b"
    r"|n[’']t\b|[/|]\s|\s[/|]",
    re.IGNORECASE,
)
_BREAK = re.compile(r"[.!?]\s")


def readings(answer: str) -> tuple[str, ...]:
    """An answer as it came, and with each layer of its wrapping taken off; empty for what is no answer."""
    text = answer.strip()
    if text.startswith("<think>"):
        text = text.partition(_THOUGHT)[2].strip()
    if not text or len(text) > MOST_CHARS:
        return ()
    line = _one_line(clean(text))
    return tuple(dict.fromkeys(islice(_layers(line), _MOST_READINGS))) if line else ()


def is_hedged(words: str) -> bool:
    """Whether words leave it open what the answer is."""
    return _HEDGE.search(words) is not None


def _one_line(text: str) -> str:
    """The line that holds the answer; empty where it is spread out."""
    lines = _unfenced([line.strip() for line in text.splitlines() if line.strip()])
    if len(lines) == 2 and lines[0].rstrip("*").endswith(":") and not is_hedged(lines[0]):
        lines = lines[1:]
    joined = " ".join(lines)
    return joined if len(lines) == 1 or len(joined) <= _MOST_JOINED else ""


def _unfenced(lines: list[str]) -> list[str]:
    """What one fenced block holds, when little is said around it."""
    marks = [index for index, line in enumerate(lines) if _FENCE.match(line)]
    if not marks or (len(marks) == 1 and lines[marks[0]].endswith("```", 4)):
        return lines
    if len(marks) > 2:
        return []
    start, end = marks[0], marks[1] if len(marks) == 2 else len(lines)
    around = " ".join(lines[:start] + lines[end + 1 :])
    return lines[start + 1 : end] if len(around) <= _MOST_AROUND and not is_hedged(around) else []


def _layers(line: str) -> Iterator[str]:
    for index, outer in enumerate(_peeled(line)):
        yield outer
        for inner in _led_to(_GREETING.sub("", outer)) if index < _MOST_OUTER else ():
            yield from _peeled(inner)
    if (marked := _marked(line)) is not None:
        yield from _peeled(marked)


def _peeled(text: str) -> Iterator[str]:
    for _ in range(_MOST_LAYERS):
        text = text.strip()
        if not text:
            return
        yield text
        outer, text = text, _without_layer(text)
        if text == outer:
            return


def _without_layer(text: str) -> str:
    for wrapper in _WRAPPERS:
        if match := wrapper.fullmatch(text):
            return match["inner"]
    for layer in (_ENDS, _PROMPT):
        if match := layer.search(text):
            return text[: match.start()] + text[match.end() :]
    return text


def _led_to(line: str) -> Iterator[str]:
    """What follows a lead-in, as in "The command is …"."""
    for lead in islice(_LEAD.finditer(line[:_MOST_AROUND]), _MOST_LEADS):
        before = line[: lead.start()]
        if is_hedged(before) or _BREAK.search(before):
            return
        yield line[lead.end() :]


def _marked(line: str) -> str | None:
    """The one thing that is marked as code or as bold in a sentence about it."""
    found = list(_MARKED.finditer(line))
    if len(found) != 1:
        return None
    match = found[0]
    around = line[: match.start()] + line[match.end() :]
    inner: str = match["code"] or match["bold"]
    return inner if len(around) <= _MOST_AROUND and not is_hedged(around) else None
