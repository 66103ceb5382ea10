"""How long the person's requests were held up by ours, and what follows from it."""

from core.speculation.level import Level

TOO_LONG_MS = 300.0
"""Above it, measured where a prefill was closed, only what is in decode soon is begun ahead."""


class Delays:
    """The pre-emption delay of one model on its server, as measured.

    It is the time from closing ours to the first token of the person's request, less what that takes by
    itself. It outlives the process: see `core.store.speculation`.
    """

    def note(self, ms: float, *, was_prefilling: bool) -> None:
        """One more measured delay."""
        raise NotImplementedError

    def p95_ms(self, *, was_prefilling: bool) -> float | None:
        """So long at most in 19 of 20; None below five measurements."""
        raise NotImplementedError

    @property
    def may_prefill(self) -> bool:
        """Whether a request may be begun that has to read more than a few tokens before it speaks.

        False once closing one in its prefill was measured to cost more than `TOO_LONG_MS`: then only what is
        in decode soon is begun ahead (at most `core.speculation.speeds.FEW_TOKENS` uncached).
        """
        raise NotImplementedError

    def cap(self, level: Level) -> Level:
        """What of a level is left under the measured delays."""
        raise NotImplementedError
