"""How fast a machine is, as far as its own counts tell: not by what we only believe of its prefix cache."""

from core.providers.base import Ended
from core.speculation.speeds import FEW_TOKENS, MANY_TOKENS, Speeds


def ended(*, tokens: int, prefill_ms: float, written: int = 0, decode_ms: float = 0.0) -> Ended:
    return Ended("stop", tokens, written, prefill_ms=prefill_ms, decode_ms=decode_ms)


def test_a_prompt_that_was_read_whole_tells_the_speed() -> None:
    """The first prompt after a load is read from its first token."""
    speeds = Speeds()
    speeds.learn(ended(tokens=120, prefill_ms=2000), uncached_tokens=115)
    assert speeds.is_slow
    assert speeds.slice_tokens == FEW_TOKENS


def test_a_hybrid_model_that_reads_more_than_we_believe_is_not_taken_for_a_slow_one() -> None:
    """Its layers cannot be cut back: of a prompt with 40 new tokens it reads all 400."""
    speeds = Speeds()
    speeds.learn(ended(tokens=120, prefill_ms=300), uncached_tokens=115)
    for _ in range(5):
        speeds.learn(ended(tokens=400, prefill_ms=1000), uncached_tokens=40)
    assert not speeds.is_slow
    assert speeds.slice_tokens == MANY_TOKENS


def test_a_machine_that_writes_slowly_is_slow_though_its_first_prompt_was_held() -> None:
    """After a restart the server may hold the prompt: it then seems to read at any speed."""
    speeds = Speeds()
    speeds.learn(ended(tokens=400, prefill_ms=10, written=50, decode_ms=5500), uncached_tokens=400)
    assert speeds.is_slow
