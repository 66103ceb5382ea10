"""The only use of the Markdown parser.

HTML is not Markdown here, so that ``Vec<T>`` and ``<div>`` stay what they are; definitions of links are
shown as they stand, and serve the blocks behind them, because a text that comes in pieces cannot look ahead.
"""

import re
from collections.abc import Mapping
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
_MAY_HOLD_CODE = re.compile(r"```|~~~|    |\t")


@lru_cache(maxsize=1)
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": DEEPEST})
    return parser.enable(["table", "strikethrough"]).disable(["reference", "html_block", "html_inline"])


def parse(source: str, references: References | None = None) -> list["Token"]:
    """The tokens of whole blocks."""
    return _parser().parse(source, {"references": references or {}})


def parse_words(source: str, references: References | None = None) -> list["Token"]:
    """The tokens of words within a paragraph."""
    return _parser().parseInline(source, {"references": references or {}})[0].children or []


def ends_in_table(source: str) -> bool:
    """Whether the last two lines are a table's header."""
    tokens = parse(source)
    if not tokens or tokens[-1].type != "table_close":
        return False
    lines = source.count("\n") + (not source.endswith("\n"))
    opened = next(token for token in reversed(tokens) if token.type == "table_open" and token.level == 0)
    return opened.map == [lines - 2, lines]


def count_codes(source: str) -> int:
    """How many code blocks are in some blocks."""
    if not _MAY_HOLD_CODE.search(source):
        return 0
    return sum(token.type in ("fence", "code_block") for token in parse(source))


def definitions(source: str) -> dict[str, dict[str, str]]:
    """What links may name from now on, when a block is nothing but definitions."""
    if not source.lstrip().startswith("["):
        return {}
    from markdown_it.common.utils import normalizeReference

    found: dict[str, dict[str, str]] = {}
    parser = _parser()
    for line in source.strip("\n").split("\n"):
        match = _DEFINITION.fullmatch(line)
        if match is None:
            return {}
        address = parser.normalizeLink(match["angled"] or match["bare"])
        if parser.validateLink(address):
            found.setdefault(normalizeReference(match["label"]), {"title": "", "href": address})
    return found
