"""The only use of the Markdown parser.

HTML is shown as it stands, so that ``Vec<T>`` and ``<div>`` stay what they are; so are definitions of links.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

DEEPEST = 60
"""So many containers within each other are laid out; Markdown-it leaves out what is deeper."""

References = Mapping[str, Mapping[str, str]]
"""Addresses by the label under which links may name them, as the parser wants it."""

_DEFINITION = re.compile(
    r" {0,3}\[(?P<label>(?:[^\[\]\\]|\\.){1,200})\]:[ \t]*(?:<(?P<angled>[^<>\n]+)>|(?P<bare>[^\s<]\S*))"
    r"(?:[ \t]+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?[ \t]*"
)
_LABEL = re.compile(r"(?=\[((?:[^\[\]\\]|\\.){1,200})\])")
_MAY_HOLD_CODE = re.compile(r"```|~~~|    |\t")


@lru_cache(maxsize=1)
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": DEEPEST})
    return parser.enable(["table", "strikethrough"]).disable("reference")


def parse(source: str, references: References | None = None) -> list["Token"]:
    """The tokens of whole blocks."""
    return _parser().parse(source, {"references": references or {}})


def parse_words(source: str, references: References | None = None) -> list["Token"]:
    """The tokens of words within a paragraph."""
    return _parser().parseInline(source, {"references": references or {}})[0].children or []


@dataclass(frozen=True, slots=True)
class Html:
    """What begins a block of HTML.

    Attributes:
        end: what ends it, on whatever line; None when a blank line does.
        may_interrupt: also where a paragraph could go on.
    """

    end: re.Pattern[str] | None
    may_interrupt: bool


def html_of(text: str) -> Html | None:
    """How a block of HTML that a line begins goes on; None when it begins none."""
    if not text.startswith("<"):
        return None
    from markdown_it.rules_block.html_block import HTML_SEQUENCES

    for begin, end, may_interrupt in HTML_SEQUENCES:
        if begin.search(text):
            return Html(None if end.match("") else end, may_interrupt)
    return None


def ends_in_table(source: str) -> bool:
    """Whether the last two lines are a table's header."""
    tokens = parse(source)
    if not tokens or tokens[-1].type != "table_close":
        return False
    lines = source.count("\n") + (not source.endswith("\n"))
    opened = next(token for token in reversed(tokens) if token.type == "table_open" and token.level == 0)
    return opened.map == [lines - 2, lines]


def ends_in_heading(source: str) -> bool:
    """Whether the last line makes a heading, in no list, of what stands above it."""
    tokens = parse(source)
    return bool(tokens) and tokens[-1].type == "heading_close" and tokens[-1].level == 0


def count_codes(source: str) -> int:
    """How many code blocks are in some blocks."""
    if not _MAY_HOLD_CODE.search(source):
        return 0
    return sum(token.type in ("fence", "code_block") for token in parse(source))


def definitions(source: str) -> tuple[list[str], str]:
    """The definitions of links that a block begins with, line by line, and the rest of it."""
    lines = source.lstrip("\n").split("\n")
    count = 0
    while (
        count < len(lines) and lines[count].lstrip().startswith("[") and _DEFINITION.fullmatch(lines[count])
    ):
        count += 1
    return (lines[:count], "\n".join(lines[count:])) if count else ([], source)


def references_in(source: str) -> dict[str, dict[str, str]]:
    """What links may name because of a block."""
    lines, _ = definitions(source)
    if not lines:
        return {}
    from markdown_it.common.utils import normalizeReference

    found: dict[str, dict[str, str]] = {}
    parser = _parser()
    for match in filter(None, map(_DEFINITION.fullmatch, lines)):
        address = parser.normalizeLink(match["angled"] or match["bare"])
        if parser.validateLink(address):
            found.setdefault(normalizeReference(match["label"]), {"title": "", "href": address})
    return found


def may_name(source: str, references: References) -> bool:
    """Whether a block may hold a link that names one of these."""
    if "]" not in source:
        return False
    from markdown_it.common.utils import normalizeReference

    return any(normalizeReference(label) in references for label in _LABEL.findall(source))
