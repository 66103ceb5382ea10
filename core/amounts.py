"""How times, money and tokens are written: the same in an error, on the screen and in a pipe."""


def clock_text(seconds: float) -> str:
    """A time that has gone by, as a clock shows it: ``0:31``, ``1:04:09``."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def time_text(seconds: float | None) -> str:
    """How long something takes: ``4.2 s``, ``0:38``, ``1:02:03``; empty for what has not begun."""
    if seconds is None:
        return ""
    return f"{max(seconds, 0.0):.1f} s" if seconds < 9.95 else clock_text(round(seconds))


def dollars(usd: float) -> str:
    """``$4.80``, ``$0.31``, ``$0.004``, ``<$0.001``: as many places as say something."""
    if usd >= 0.00995 or usd == 0:
        return f"${usd:,.2f}"
    return f"${usd:.3f}" if usd >= 0.0005 else "<$0.001"


def usd_text(usd: float, *, is_exact: bool = False) -> str:
    """``≈$0.11``; without the sign where the provider itself said it, or where nothing is below it."""
    amount = dollars(usd)
    return amount if is_exact or amount.startswith("<") else f"≈{amount}"


def tokens_text(count: int) -> str:
    """``6.1k``, ``412``."""
    return f"{count / 1000:.1f}k" if count >= 1000 else str(count)
