"""Text as SQLite can hold it."""

import re

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def storable(text: str) -> str:
    """The same text, with U+FFFD for halves of characters, which no UTF-8 file can hold."""
    # Nearly every text passes here unchanged, and asking is quicker than searching.
    if text.isascii():
        return text
    return _LONE_SURROGATE.sub("\ufffd", text)
