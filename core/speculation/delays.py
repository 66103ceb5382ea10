"""How long the person's requests were held up by ours, and what follows from it."""

from collections import deque
from collections.abc import Callable, Iterable
from math import ceil

from core.speculation.level import Level

TOO_LONG_MS = 300.0
"""Above it, measured where a prefill was closed, only what is in decode soon is begun ahead."""
LEAST_MEASURED = 5
_KEPT = 20
"""The newest ones count: a machine that was busy last week may do more today."""


class Delays:
    """The pre-emption delay of one model on its server, as measured.

    It is the time from closing ours to the first token of the person's request, less what that takes by
    itself. It outlives the process: see `core.store.speculation`.

    Args:
        kept: what was measured of a model before, oldest first, each with whether it was in its prefill.
        keep: told of each new one, with its model.
    """

    def __init__(
        self,
        kept: Callable[[str], Iterable[tuple[float, bool]]] = lambda model: (),
        keep: Callable[[str, float, bool], None] = lambda model, ms, was_prefilling: None,
    ) -> None:
        self._kept = kept
        self._keep = keep
        self._model = ""
        self._measured: dict[str, dict[bool, deque[float]]] = {"": _none()}

    def of(self, model: str) -> None:
        """From now on it is about this model; what was measured of it before is read."""
        self._model = model
        if model not in self._measured:
            self._measured[model] = _none()
            for ms, was_prefilling in self._kept(model):
                self._measured[model][was_prefilling].append(ms)

    def note(self, ms: float, *, was_prefilling: bool) -> None:
        """One more measured delay."""
        self._measured[self._model][was_prefilling].append(ms)
        self._keep(self._model, ms, was_prefilling)

    def p95_ms(self, *, was_prefilling: bool) -> float | None:
        """So long at most in 19 of 20; None below five measurements."""
        measured = sorted(self._measured[self._model][was_prefilling])
        if len(measured) < LEAST_MEASURED:
            return None
        return measured[ceil(0.95 * len(measured)) - 1]

    @property
    def may_prefill(self) -> bool:
        """Whether a request may be begun that has to read more than a few tokens before it speaks.

        False once closing one in its prefill was measured to cost more than `TOO_LONG_MS`: then only what is
        in decode soon is begun ahead (at most `core.speculation.speeds.FEW_TOKENS` uncached).
        """
        return (self.p95_ms(was_prefilling=True) or 0.0) <= TOO_LONG_MS

    def cap(self, level: Level) -> Level:
        """What of a level is left under the measured delays.

        Where even a request that was closed while it spoke holds the person up for so long, nothing is
        written ahead, and nothing is read while they type.
        """
        is_slow_to_leave = (self.p95_ms(was_prefilling=False) or 0.0) > TOO_LONG_MS
        return min(level, Level.WARM) if is_slow_to_leave else level


def _none() -> dict[bool, deque[float]]:
    return {True: deque(maxlen=_KEPT), False: deque(maxlen=_KEPT)}
