r"""Bytes to JSON values, one a line; a line ends at the byte ``\n`` and nowhere else.

Text-mode line splitting also breaks at U+0085 and U+2028, which models do write inside a token.
"""

import json
from typing import Any

from core.errors import ProtocolBroken

MAX_LINE_BYTES = 8 * 1024 * 1024


class LineReader:
    """Collects bytes and gives back the JSON objects that are whole."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._held = 0

    @property
    def has_rest(self) -> bool:
        """Whether bytes are held that do not end in a newline."""
        return self._held > 0

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """Take bytes as they came; give the objects they complete.

        Raises:
            ProtocolBroken: A line is not a JSON object, or longer than `MAX_LINE_BYTES`.
        """
        if b"\n" not in data:
            self._hold(data)
            return []
        head, *lines, rest = data.split(b"\n")
        first = b"".join((*self._parts, head))
        self._parts, self._held = [], 0
        self._hold(rest)
        return [_parse(line) for line in (first, *lines) if line.strip()]

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

    def _hold(self, data: bytes) -> None:
        if not data:
            return
        self._parts.append(data)
        self._held += len(data)
        if self._held > MAX_LINE_BYTES:
            raise _broken("a line is longer than 8 MiB")


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
