"""How fast a model reads and writes here, learnt from its own counts; how much may be read ahead."""

from core.providers.base import Ended, ModelInfo

FEW_TOKENS = 64
"""Of a prompt's uncached end on a machine that reads slowly (study: cancelling a prefill costs up to 1 s)."""
MANY_TOKENS = 256
SLOW_PREFILL_PER_S = 150.0
"""Below it a machine is of the CPU class."""


class Speeds:
    """Tokens a second of one model on this machine; a guess until they have been seen."""

    def guess(self, model: ModelInfo) -> None:
        """What the server says of where the model lies: partly outside the GPU's memory is slow."""
        raise NotImplementedError

    def learn(self, ended: Ended, uncached_tokens: int) -> None:
        """Learn from a request's own durations; too short ones teach nothing."""
        raise NotImplementedError

    @property
    def prefill_per_s(self) -> float:
        """Tokens of a prompt it reads in a second."""
        raise NotImplementedError

    @property
    def decode_per_s(self) -> float:
        """Tokens it writes in a second."""
        raise NotImplementedError

    @property
    def is_slow(self) -> bool:
        """Whether it is of the CPU class: then only little is read ahead, and nothing answered ahead."""
        raise NotImplementedError

    @property
    def slice_tokens(self) -> int:
        """How many uncached tokens one speculative request may have to read."""
        raise NotImplementedError
