"""One thing the doctor found."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

State = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes:
        check: a stable word for what was looked at.
        state: a ``problem`` keeps something from working, a ``warning`` makes it worse than it need be.
        remedy: what to do about it; empty only when all is well.
    """

    check: str
    state: State
    message: str
    remedy: str = ""


def to_json(findings: Iterable[Finding]) -> str:
    """The findings as a JSON list, for scripts and for issues."""
    # Here, because the screen's doctor needs none.
    import json

    return json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2)


def size_in_words(size: int) -> str:
    """A number of bytes for people."""
    for unit, least in (("GiB", 1024**3), ("MiB", 1024**2)):
        if size >= least:
            return f"{size / least:.1f} {unit}"
    return f"{size / 1024:.0f} KiB"
