"""How long to wait before a call is made again: what the provider asks for, else longer each time."""

from collections.abc import Callable, Mapping

MOST_PAUSE_S = 60.0
"""Of what a provider asks for; beyond it the person decides."""
_FIRST_S, _LAST_S = 0.5, 8.0


def asked_pause(headers: Mapping[str, str], now: Callable[[], float] | None = None) -> float | None:
    """The pause that the headers ask for, in seconds; None when they ask for none that can be read."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        text = headers.get(name, "").strip()
        try:
            pause = float(text) * unit
        except ValueError:
            pause = _until(text, headers.get("date", ""), now) if text else -1.0
        if 0 <= pause < 1e7:
            return pause
    return None


def own_pause(attempt: int, chance: Callable[[], float]) -> float:
    """The pause before the n-th new try, counted from 1, spread so that not all come back at once."""
    return min(_LAST_S, _FIRST_S * 2.0 ** (attempt - 1)) * (0.5 + chance() / 2)


def _until(text: str, date: str, now: Callable[[], float] | None) -> float:
    """Seconds to a date; counted from the server's own clock where it tells it."""
    # Few providers send a date, and its parser costs some milliseconds.
    from email.utils import parsedate_to_datetime

    try:
        then = parsedate_to_datetime(text).timestamp()
        if date:
            return max(0.0, then - parsedate_to_datetime(date).timestamp())
    except (ValueError, TypeError, OverflowError):
        return -1.0
    return max(0.0, then - now()) if now else -1.0
