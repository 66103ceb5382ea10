"""What a field of a JSON object holds, when it may be missing, of another type, or nonsense."""

from typing import Any

_LARGEST_NUMBER = 2**53


def text_of(fields: dict[str, Any], name: str) -> str:
    """A field's text; empty when it is none."""
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def number_of(fields: dict[str, Any], name: str) -> int | float:
    """A field's number; 0 for what nobody can have counted."""
    value = fields.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return 0
    # JSON as Python reads it has Infinity and NaN, and whole numbers without end.
    return value if 0 < value <= _LARGEST_NUMBER else 0


def object_in(fields: dict[str, Any], name: str) -> dict[str, Any]:
    """A field's object; empty when it is none."""
    value = fields.get(name)
    return value if isinstance(value, dict) else {}
