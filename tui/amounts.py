"""How sizes, waits and what goes along are written, on the screen and beside an answer."""

from collections.abc import Sequence

from core.amounts import tokens_text
from core.context.budget import estimate_tokens
from core.messages import Attachment
from core.sanitise import clean_line

_MOST_NAMED = 5


def bytes_text(count: int) -> str:
    """``2.0 GB``, in decimal units, as model libraries give them."""
    amount = float(count)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


def seconds_text(milliseconds: float) -> str:
    """``0.2 s``, ``1:04``."""
    seconds = milliseconds / 1000
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)}:{int(seconds % 60):02}"


def weight_text(sources: Sequence[Attachment]) -> str:
    """``1.2k tok``, of all of them together."""
    return f"{tokens_text(sum(estimate_tokens(each.text) for each in sources))} tok"


def sources_texts(sources: Sequence[Attachment]) -> tuple[str, ...]:
    """Each of them with how much it is; of many the first few, and the rest in one word."""
    if len(sources) <= _MOST_NAMED:
        return tuple(map(source_text, sources))
    rest = sources[_MOST_NAMED:]
    return (*map(source_text, sources[:_MOST_NAMED]), f"{len(rest)} more {weight_text(rest)}")


def source_text(source: Attachment) -> str:
    """What went along with a question, and how much it was: ``a.py 1.2k tok``."""
    return f"{clean_line(source.name)} {weight_text((source,))}"
