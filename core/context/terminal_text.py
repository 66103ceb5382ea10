"""Takes out of a program's output what only a terminal would act on: colours, cursor moves, titles.

What is left still goes through `core.sanitise`; this is so that it does not have to show each colour as a
sign that something was wrong.
"""

import re

_LONGEST = 4096
_SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    r"|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # OSC, DCS, SOS, PM, APC
    r"|\x1b[ -/]+[0-~]|\x1b[0-OQ-WYZ\\`-~]"  # character sets, single functions
    r"|[^\n\x1b\x08]\x08"  # overstruck, as manual pages are
)
_OPEN = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b\x9c]*\x1b?|[ -/]*)\Z|\r\Z")


class PlainText:
    """Strips a program's output that arrives in pieces; a sequence may be cut anywhere."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        """The next piece, without sequences; what may be the beginning of one is held."""
        text = self._held + piece
        if "\x1b" not in text and "\x08" not in text and not text.endswith("\r"):
            self._held = ""
            return text
        tail = text[-_LONGEST:]
        begun = _OPEN.search(tail)
        cut = len(text) if begun is None else len(text) - len(tail) + begun.start()
        self._held = text[cut:]
        return _SEQUENCE.sub("", text[:cut])

    def finish(self) -> str:
        """What was still held."""
        held, self._held = self._held, ""
        return held


def last_written(text: str) -> str:
    """A text as the terminal would show it in the end: lines that were overwritten by others are gone."""
    if "\r" not in text:
        return text
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
