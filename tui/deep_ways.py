"""What can be done behind a deep run that is not whole: what of it is kept, and what can be typed now."""

from collections.abc import Iterator

from core.deep.status import RunStatus

_REMEDIED = frozenset({"set_key", "other_model", "send_less"})
"""Ways that only the error's own words describe."""
_RESUME = "/resume goes on behind what is paid for"


def trouble_text(status: RunStatus) -> str:
    """All in one line: what happened, what is kept, what can be typed."""
    message = status.error.message if status.error is not None else ""
    return " · ".join(filter(None, (message, status.kept, *_ways(status))))


def rest_text(status: RunStatus) -> str:
    """The same without what happened, for below it."""
    return " · ".join(filter(None, (status.kept, *_ways(status))))


def notice_text(status: RunStatus) -> str:
    """What can be typed now, and what happened: that is said in the panel too, and may be cut here."""
    message = status.error.message if status.error is not None else ""
    return " · ".join(filter(None, (*_ways(status), message)))


def _ways(status: RunStatus) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_each_way(status)))


def _each_way(status: RunStatus) -> Iterator[str]:
    error = status.error
    if error is None:
        return
    ways = tuple(str(way) for way in getattr(error, "ways", ()))
    if not ways or _REMEDIED & set(ways):
        yield error.remedy.removesuffix(".")
    if status.may_resume:
        yield _RESUME
    for way in ways:
        match way:
            case "local" if status.place not in ("local", "demo"):
                yield "/deep local thinks here"
            case "wait" if error.kind != "offline":
                yield error.remedy.removesuffix(".")  # says how long
            case "wait" if not status.may_resume:
                yield "/queue waits for a way"
            case "again" | "go_on":
                yield "/deep asks again"
