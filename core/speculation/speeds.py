"""How fast a model reads and writes here, learnt from its own counts; how much may be read ahead."""

from collections import deque
from dataclasses import dataclass, field

from core.providers.base import Ended, ModelInfo

FEW_TOKENS = 64
"""Of a prompt's uncached end on a machine that reads slowly (study: cancelling a prefill costs up to 1 s)."""
MANY_TOKENS = 256
SLOW_PREFILL_PER_S = 150.0
SLOW_DECODE_PER_S = 15.0
"""Below either a machine is of the CPU class; the second tells it where a first prompt was held before."""
_USUAL = (400.0, 40.0)
"""Tokens read and written in a second by a laptop's GPU; believed until something is known."""
_SLOW = (60.0, 9.0)
_LEAST_READ, _LEAST_WRITTEN = 32, 8
"""Fewer tokens say more of a request's overhead than of the model."""
_LEAST_MS = 2.0
_WHOLE = 0.8
"""Of a prompt: our count of tokens is a guess, and the server's has its template in it."""
_KEPT = 8
"""Measurements, of which a lower one counts: what was held beyond our account looks quick."""
_BELIEVED = (2.0, 100_000.0)


@dataclass(slots=True)
class _Seen:
    """What is known of one model."""

    guess: tuple[float, float] = _USUAL
    prefill: deque[float] = field(default_factory=lambda: deque(maxlen=_KEPT))
    decode: deque[float] = field(default_factory=lambda: deque(maxlen=_KEPT))


class Speeds:
    """Tokens a second of one model on this machine; a guess until they have been seen."""

    def __init__(self) -> None:
        self._models: dict[str, _Seen] = {}
        self._seen = _Seen()

    def of(self, model: str) -> None:
        """From now on it is about this model; what was seen of others is kept."""
        self._seen = self._models.setdefault(model, _Seen())

    def guess(self, model: ModelInfo) -> None:
        """What the server says of where the model lies: partly outside the GPU's memory is slow."""
        self.of(model.name)
        if model.loaded_bytes:
            self._seen.guess = _SLOW if model.loaded_vram_bytes < model.loaded_bytes else _USUAL

    def learn(self, ended: Ended, uncached_tokens: int) -> None:
        """Learn from a request's own durations; too short ones teach nothing."""
        if ended.cached_tokens and ended.input_tokens:
            uncached_tokens = ended.input_tokens - ended.cached_tokens
        # Only a prompt that was read whole: how much of another one was, is our belief, and a hybrid model,
        # whose layers cannot be cut back, reads far more than we believe. It would be taken for a slow one.
        is_whole = uncached_tokens >= _WHOLE * ended.input_tokens or ended.cached_tokens > 0
        if is_whole and uncached_tokens >= _LEAST_READ and ended.prefill_ms >= _LEAST_MS:
            _note(self._seen.prefill, uncached_tokens / ended.prefill_ms * 1000)
        if ended.output_tokens >= _LEAST_WRITTEN and ended.decode_ms >= _LEAST_MS:
            _note(self._seen.decode, ended.output_tokens / ended.decode_ms * 1000)

    @property
    def prefill_per_s(self) -> float:
        """Tokens of a prompt it reads in a second."""
        return _low(self._seen.prefill) if self._seen.prefill else self._seen.guess[0]

    @property
    def decode_per_s(self) -> float:
        """Tokens it writes in a second."""
        return _low(self._seen.decode) if self._seen.decode else self._seen.guess[1]

    @property
    def is_slow(self) -> bool:
        """Whether it is of the CPU class: then only little is read ahead, and nothing answered ahead."""
        return self.prefill_per_s < SLOW_PREFILL_PER_S or self.decode_per_s < SLOW_DECODE_PER_S

    @property
    def slice_tokens(self) -> int:
        """How many uncached tokens one speculative request may have to read."""
        return FEW_TOKENS if self.is_slow else MANY_TOKENS


def _note(rates: "deque[float]", rate: float) -> None:
    least, most = _BELIEVED
    if least <= rate <= most:
        rates.append(rate)


def _low(rates: "deque[float]") -> float:
    return sorted(rates)[len(rates) // 3]
