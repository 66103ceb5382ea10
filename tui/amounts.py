"""How amounts and models are written: the same everywhere."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.providers.base import ModelInfo


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


def describe_model(model: "ModelInfo", place: str) -> str:
    """Size, weights, where it runs and whether it is loaded, in one line."""
    facts = [
        f"{bytes_text(model.size_bytes):>8}" if model.size_bytes and "REMOTE" not in place else " " * 8,
        f"{model.parameters / 1e9:.3g}B" if model.parameters else "",
        place,
        f"loaded, window {model.loaded_ctx:,}" if model.loaded_ctx else "",
    ]
    return "  ".join(fact for fact in facts if fact).rstrip()
