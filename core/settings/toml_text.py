"""Changes one setting in the text of a TOML file, and leaves every other byte of it as a person wrote it.

The text is valid TOML already, so this only needs to find where statements begin and end. Whatever comes out
is read once more, and must say what was meant: a way of writing that this does not follow is refused, never
mangled.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_PART = re.compile(
    r"""[ \t]*(?:"(?P<double>(?:[^"\\\n]|\\.)*)"|'(?P<single>[^'\n]*)'|(?P<bare>[\w-]+))[ \t]*"""
)
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\b": "\\b", "\f": "\\f"}
_QUOTES = ('"""', "'" * 3, '"', "'")


class NotFollowed(Exception):
    """The file is written in a way in which this cannot change it."""


@dataclass(frozen=True, slots=True)
class _Statement:
    """One assignment, or a header.

    Attributes:
        path: what is set, or the table that begins.
        start, end: of its lines in the text, the last newline included.
        value: where the value begins and ends; None for a header.
    """

    path: tuple[str, ...]
    start: int
    end: int
    value: tuple[int, int] | None
    table: tuple[str, ...] = ()


def with_value(text: str, section: str, key: str, value: object) -> str:
    """The text with one setting set.

    Raises:
        NotFollowed: It stands in an inline table, or the like.
    """
    statements = list(_statements(text))
    written = toml_value(value)
    for each in statements:
        if each.value is not None and (*each.table, *each.path) == (section, key):
            begin, end = each.value
            return _verified(text, text[:begin] + written + text[end:], section, key, value)
    newline = "\r\n" if "\r\n" in text else "\n"
    name = _name(key)
    inside = [each for each in statements if each.table == (section,)]
    dotted = [each for each in statements if not each.table and each.value and each.path[0] == section]
    if inside:
        place, line = inside[-1].end, f"{name} = {written}"
    elif dotted and len(dotted[-1].path) > 1:
        place, line = dotted[-1].end, f"{_name(section)}.{name} = {written}"
    else:
        place, line = len(text), f"[{_name(section)}]{newline}{name} = {written}"
        line = newline + line if text.strip() else line
    before = text[:place]
    if before and not before.endswith("\n"):
        before += newline
    return _verified(text, before + line + newline + text[place:], section, key, value)


def without_value(text: str, section: str, key: str) -> str:
    """The text with one setting taken away, its whole line; as it was when it is not set.

    Raises:
        NotFollowed: It stands in an inline table, or the like.
    """
    for each in _statements(text):
        if each.value is not None and (*each.table, *each.path) == (section, key):
            return _verified(text, text[: each.start] + text[each.end :], section, key, None)
    return _verified(text, text, section, key, None)


def toml_value(value: object) -> str:
    """A value as TOML has it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(toml_value, value))}]"
    return '"' + "".join(map(_escaped, str(value))) + '"'


def _escaped(character: str) -> str:
    if known := _ESCAPES.get(character):
        return known
    is_control = ord(character) < 0x20 or ord(character) == 0x7F
    return f"\\u{ord(character):04x}" if is_control else character


def _name(key: str) -> str:
    return key if _BARE.fullmatch(key) else toml_value(key)


def _verified(before: str, after: str, section: str, key: str, value: object) -> str:
    """What was written, if it says what was meant and nothing else has changed."""
    meant = tomllib.loads(before)
    table = meant.setdefault(section, {})
    if not isinstance(table, dict):
        raise NotFollowed
    table.pop(key, None)
    if value is not None:
        table[key] = list(value) if isinstance(value, tuple) else value
    try:
        is_so = _full(tomllib.loads(after)) == _full(meant)
    except (ValueError, RecursionError):
        is_so = False
    if not is_so:
        raise NotFollowed
    return after


def _full(tables: dict[str, object]) -> dict[str, object]:
    """The tables that say something."""
    return {name: table for name, table in tables.items() if table != {}}


def _statements(text: str) -> Iterator[_Statement]:
    """Every header and assignment, in order, with the lines it takes."""
    at = 0
    table: tuple[str, ...] = ()
    while at < len(text):
        begin = at
        while at < len(text) and text[at] in " \t\r\n":
            at += 1
            if text[at - 1] == "\n":
                begin = at
        if at == len(text):
            return
        if text[at] == "#":
            at = _line_end(text, at)
            continue
        if text[at] == "[":
            at += 2 if text.startswith("[[", at) else 1
            table, at = _path(text, at)
            at = _line_end(text, at)
            yield _Statement(table, begin, at, None, table)
            continue
        path, at = _path(text, at)
        first = at = _after_blanks(text, at + 1)
        at = _value_end(text, at)
        last = first + len(text[first:at].rstrip(" \t\r"))
        at = _line_end(text, at)
        yield _Statement(path, begin, at, (first, last), table)


def _path(text: str, at: int) -> tuple[tuple[str, ...], int]:
    """A dotted name, and where it ends."""
    parts: list[str] = []
    while match := _PART.match(text, at):
        at = match.end()
        double = match["double"]
        parts.append(
            match["single"] or match["bare"] or ""
            if double is None
            else next(iter(tomllib.loads(f'"{double}" = 0')))
        )
        if not text.startswith(".", at):
            return tuple(parts), at
        at += 1
    raise NotFollowed


def _value_end(text: str, at: int) -> int:
    """Where a value ends: before its comment, or its newline; brackets may hold newlines."""
    depth = 0
    while at < len(text):
        quote = next((each for each in _QUOTES if text.startswith(each, at)), "")
        if quote:
            at = _quoted_end(text, at, quote)
            continue
        match text[at]:
            case "[" | "{":
                depth += 1
            case "]" | "}":
                depth -= 1
            case "#" if depth:
                at = _line_end(text, at) - 1
            case "#" | "\n" if not depth:
                return at
        at += 1
    return at


def _quoted_end(text: str, at: int, quote: str) -> int:
    """Behind the closing quotation mark."""
    at += len(quote)
    while at < len(text):
        if text[at] == "\\" and quote[0] == '"':
            at += 2
        elif text.startswith(quote, at):
            at += len(quote)
            while len(quote) == 3 and text.startswith(quote[0], at):
                at += 1  # marks that belong to the text stand before the closing three
            return at
        else:
            at += 1
    raise NotFollowed


def _after_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t":
        at += 1
    return at


def _line_end(text: str, at: int) -> int:
    """Behind the newline."""
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1
