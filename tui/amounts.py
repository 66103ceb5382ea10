"""How amounts are written: the same everywhere."""

from core.context.budget import estimate_tokens
from core.messages import Attachment
from core.sanitise import clean_line


def bytes_text(count: int) -> str:
    """``2.0 GB``, in decimal units, as model libraries give them."""
    amount = float(count)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


def tokens_text(count: int) -> str:
    """``6.1k``."""
    return f"{count / 1000:.1f}k" if count >= 1000 else str(count)


def seconds_text(milliseconds: float) -> str:
    """``0.2 s``, ``1:04``."""
    seconds = milliseconds / 1000
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)}:{int(seconds % 60):02}"


def source_text(source: Attachment) -> str:
    """What went along with a question, and how much it was: ``a.py 1.2k tok``."""
    return f"{clean_line(source.name)} {tokens_text(estimate_tokens(source.text))} tok"
