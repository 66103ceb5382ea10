"""What is said before anything leaves, and whether the person is asked."""

from dataclasses import dataclass

from core.deep.depth import Depth
from core.deep.money import Estimate
from core.deep.question import DeepQuestion, Pack


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that could begin: what goes where, and what is to be asked first.

    Attributes:
        estimate: of the pack as it is now.
        asks: why the person is asked, in words (``first time to api.anthropic.com here``, ``2 secrets``,
            ``≈$0.31``); empty when the run may begin at once.
    """

    question: DeepQuestion
    depth: Depth
    pack: Pack
    estimate: Estimate
    asks: tuple[str, ...] = ()


def arming_text(prepared: Prepared) -> str:
    """One row: ``sends turns 3-5 + a.py, 6.2k tok, 0 secrets → api.anthropic.com ≈$0.05``."""
    raise NotImplementedError
