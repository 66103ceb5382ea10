"""How one answer came, in a few lines under it: route and place, times and what they were made of, tokens."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.amounts import time_text, tokens_text, usd_text
from core.messages import AnswerState
from core.sanitise import clean_line
from tui.amounts import seconds_text
from tui.labels import LONGEST_SOURCE, ago_text, shortened
from tui.wait_words import parts_text

if TYPE_CHECKING:
    from core.engine.details import Details


def details_text(details: "Details") -> str:
    """Lines of at most eighty columns, as far as names allow; only what is known is said."""
    return "\n".join(filter(None, (_way(details), *_times(details), _tokens(details))))


def _way(details: "Details") -> str:
    """``fast · qwen3:4b · local``; of a stored answer what it first answered, of a deep one its effort."""
    answer, measured = details.answer, details.measured
    parts = [answer.route.value, clean_line(answer.model)]
    if measured.effort:
        parts.append(f"effort {measured.effort}")
    parts.append(clean_line(answer.place))
    if answer.state is not AnswerState.COMPLETE:
        parts.append(f"{answer.state.value} ({clean_line(answer.reason)})" if answer.reason else answer.state)
    way = " · ".join(filter(None, parts))
    if answer.source_at is None:
        return way
    age = ago_text(answer.started_at - answer.source_at)
    source = shortened(clean_line(answer.source), LONGEST_SOURCE)
    return f'{way}\nfrom "{source}" · {age}' if source else f"{way} · made {age}"


def _times(details: "Details") -> Iterator[str]:
    answer, measured = details.answer, details.measured
    if measured.ttft_ms is None:
        yield "no text came" + (f" · {_took(measured.total_ms)}" if measured.total_ms else "")
        return
    first = f"first text {_short(measured.ttft_ms)}"
    parts = parts_text(details.wait) if details.wait else ""
    yield f"{first}: {parts}" if parts else first
    rest = []
    if measured.paint_ms is not None:
        rest.append(f"on the screen {_short(measured.paint_ms)} after the key")
    if measured.total_ms is not None:
        rest.append(_took(measured.total_ms))
    if (rate := _tokens_per_s(details)) is not None:
        rest.append(f"{rate:.1f} tok/s")
    if measured.itl_ms is not None:
        rest.append(f"ITL {measured.itl_ms:.0f} ms")
    if answer.usd is not None:
        rest.append(usd_text(answer.usd, is_exact=answer.is_usd_exact))
    yield " · ".join(rest)


def _tokens(details: "Details") -> str:
    answer, cached = details.answer, details.cached_tokens
    parts = []
    if answer.input_tokens:
        held = f" ({tokens_text(cached)} from the prefix cache)" if cached else ""
        parts.append(f"{tokens_text(answer.input_tokens)} tokens in{held}")
    if answer.output_tokens:
        parts.append(f"{tokens_text(answer.output_tokens)} out")
    return " · ".join(parts)


def _tokens_per_s(details: "Details") -> float | None:
    """How fast it was written: by the server's own clock where it tells, else by ours."""
    measured = details.measured
    written = measured.output_tokens
    if not written or measured.ttft_ms is None:
        return None
    if measured.decode_ms:
        return written * 1000 / measured.decode_ms
    took = (measured.total_ms or 0.0) - measured.ttft_ms
    return (written - 1) * 1000 / took if took > 0 and written > 1 else None


def _took(total_ms: float) -> str:
    return f"{time_text(total_ms / 1000)} in all" if total_ms >= 1000 else f"{_short(total_ms)} in all"


def _short(milliseconds: float) -> str:
    """``12 ms``, ``0.4 s``: stored answers are there in less than the tenth of a second."""
    return f"{milliseconds:.0f} ms" if milliseconds < 100 else seconds_text(milliseconds)
