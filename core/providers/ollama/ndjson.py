r"""Bytes to JSON values, one a line; a line ends at the byte ``\n`` and nowhere else.

Text-mode line splitting also breaks at U+0085 and U+2028, which models do write inside a token.
"""

import json
from collections.abc import Iterator
from typing import Any

from core.errors import ProtocolBroken

MAX_LINE_BYTES = 8 * 1024 * 1024


class LineReader:
    """Collects bytes and gives back the JSON objects that are whole."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._held = 0

    def feed(self, data: bytes) -> Iterator[dict[str, Any]]:
        """Take bytes as they came; give the objects they complete, so that good ones precede an error.

        Raises:
            ProtocolBroken: A line is not a JSON object, or longer than `MAX_LINE_BYTES`.
        """
        *lines, rest = data.split(b"\n")
        for line in lines:
            whole = b"".join((*self._parts, line)) if self._parts else line
            self._parts, self._held = [], 0
            if whole.strip():
                yield _parse(whole)
        if rest:
            self._parts.append(rest)
            self._held += len(rest)
            if self._held > MAX_LINE_BYTES:
                raise _broken("a line is longer than 8 MiB")

    def finish(self) -> list[dict[str, Any]]:
        """Take the end: a last line without its newline counts if it is whole, else it was cut."""
        line = b"".join(self._parts)
        self._parts, self._held = [], 0
        if not line.strip():
            return []
        try:
            return [_parse(line)]
        except ProtocolBroken:
            return []


def _parse(line: bytes) -> dict[str, Any]:
    if len(line) > MAX_LINE_BYTES:
        raise _broken("a line is longer than 8 MiB")
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise _broken("a line is not JSON") from None
    if not isinstance(value, dict):
        raise _broken("a line is not a JSON object")
    return value


def _broken(what: str) -> ProtocolBroken:
    return ProtocolBroken(
        f"what arrived is not Ollama's protocol: {what}",
        "Check that the address is Ollama's own and that nothing in between changes its answers.",
    )
