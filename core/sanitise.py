"""Makes text from outside harmless for a terminal: what acts or hides becomes visible, nothing vanishes.

Every text that this program did not write itself (an answer, an error, a title, a file's name) passes
here once, before it is stored or shown. Afterwards it holds printable characters, tabs and newlines.
What is taken out leaves U+FFFD in its place, one for one.
"""

import re
from functools import lru_cache

REPLACEMENT = "�"

_ZWJ = "\u200d"

# What a joiner or a presentation selector may follow: pictographs, and the older symbols among them.
_EMOJI = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf"
    "\u2934\u2935\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)

_NEWLINES = "\u000b\u000c\u0085\u2028\u2029"

_FORBIDDEN = "".join(
    (
        "\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f",  # C0, DEL and C1, but tab and newlines
        "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069",  # bidirectional controls reorder what is read
        "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u3164\uffa0",  # blank or of no width
        "\u200b\u200c\u2060-\u2065\u206a-\u206f\ufeff\ufff0-\ufffb",
        "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a",
        "\ufe00-\ufe0d\U000e0000-\U000e0fff",  # selectors and tags can carry a hidden message
        "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff",  # what no encoder or terminal takes
        *(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(1, 17)),
    )
)

# One search of one class is the whole cost of a clean text; in ASCII few characters can be at fault.
_suspect_in_ascii = re.compile("[\u0000-\u0008\u000b-\u001f\u007f]").search


# Compiling these takes longer than a short command may wait for what it may never need.
@lru_cache(maxsize=1)
def _suspect() -> re.Pattern[str]:
    return re.compile(f"[\r{_ZWJ}\ufe0e\ufe0f{_NEWLINES}{_FORBIDDEN}]")


@lru_cache(maxsize=1)
def _fault() -> re.Pattern[str]:
    return re.compile(
        f"(?P<swallowed>(?<=\r)\n)"
        f"|(?P<newline>[\r{_NEWLINES}])"
        f"|[{_FORBIDDEN}]"
        f"|(?<![0-9#*{_EMOJI}])[\ufe0e\ufe0f]"
        f"|{_ZWJ}(?![{_EMOJI}])"
        f"|(?<![{_EMOJI}])(?<![{_EMOJI}]\ufe0f){_ZWJ}"
    )


# A fault is known from so many characters before it; the joiner alone needs the one behind it.
_LOOKBEHIND = 2

_LINE_SPACES = str.maketrans("\n\t", "  ")


def clean(text: str) -> str:
    """The text, harmless; the same object when there was nothing to do."""
    if not _is_suspect(text):
        return text
    return _fault().sub(_mend, text)


def clean_line(text: str) -> str:
    """The text, harmless and on one line: for titles, names and error messages."""
    return clean(text).translate(_LINE_SPACES)


class Cleaner:
    """Cleans a text that arrives in pieces, exactly as `clean` would clean it whole."""

    def __init__(self) -> None:
        self._before = ""
        self._held = ""

    def feed(self, delta: str) -> str:
        """The next piece, harmless; a joiner at its end is held until its neighbour is known."""
        if not delta:
            return ""
        if not self._held and self._before[-1:] != "\r" and not _is_suspect(delta):
            self._before = (self._before + delta[-_LOOKBEHIND:])[-_LOOKBEHIND:]
            return delta
        text = self._before + self._held + delta
        start = len(self._before)
        end = len(text) - 1 if text[-1] == _ZWJ else len(text)
        self._held = text[end:]
        self._before = text[max(0, end - _LOOKBEHIND) : end]
        # The text goes in whole, because the pattern looks across both borders.
        return _mended(text, start, end)

    def finish(self) -> str:
        """What was still held; the cleaner is then ready for another text."""
        rest = clean(self._held)
        self._before = self._held = ""
        return rest


def _is_suspect(text: str) -> bool:
    search = _suspect_in_ascii if text.isascii() else _suspect().search
    return search(text) is not None


def _mend(fault: re.Match[str]) -> str:
    if fault.lastgroup is None:
        return REPLACEMENT
    return "\n" if fault.lastgroup == "newline" else ""


def _mended(text: str, start: int, end: int) -> str:
    pieces: list[str] = []
    at = start
    for fault in _fault().finditer(text, start):
        if fault.start() >= end:
            break
        pieces += text[at : fault.start()], _mend(fault)
        at = fault.end()
    pieces.append(text[at:end])
    return "".join(pieces)
