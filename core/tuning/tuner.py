"""Measures models one after the other: what it does is told as it happens, and gone on with after a stop."""

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.providers.base import ModelInfo, Provider
from core.store.tuned import TunedStore
from core.tuning.result import Result


@dataclass(frozen=True, slots=True)
class ModelBegun:
    """A model's turn has come.

    Attributes:
        index, count: its place among the models, from 1.
        done, questions: of the quiz, how many were answered in an earlier run, and how many there are.
    """

    model: str
    index: int
    count: int
    done: int
    questions: int


@dataclass(frozen=True, slots=True)
class Measuring:
    """Something other than a question is done: ``loading``, ``reading``, ``writing``."""

    model: str
    what: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question was answered and graded.

    Attributes:
        done, questions: of this model.
        left_s: about how long all that is left takes; None while that cannot be said.
    """

    model: str
    done: int
    questions: int
    is_right: bool
    ttft_s: float | None
    left_s: float | None


@dataclass(frozen=True, slots=True)
class ModelDone:
    """A model was measured; what was measured before on this machine and still holds comes at once."""

    result: Result
    is_from_before: bool = False


@dataclass(frozen=True, slots=True)
class ModelFailed:
    """A model could not be measured; the others are."""

    model: str
    message: str
    remedy: str


TuneEvent = ModelBegun | Measuring | Asked | ModelDone | ModelFailed


class GivesWay(Protocol):
    """Says when a person's own question wants the model."""

    async def wait_until_left(self) -> None:
        """Return when nobody else wants it."""
        ...


class Tuner:
    """Measures models of one provider on this machine.

    Args:
        lanes: who goes before it; a question that was overtaken is asked again, and its times do not count.
        clock: seconds, never going back.
    """

    def __init__(
        self,
        provider: Provider,
        store: TunedStore,
        clock: Callable[[], float],
        lanes: GivesWay | None = None,
        num_ctx: int = 8192,
    ) -> None:
        raise NotImplementedError

    async def candidates(self, names: Sequence[str]) -> tuple[ModelInfo, ...]:
        """The models to measure: those named, or all that are pulled here, can chat and fit.

        Raises:
            ModelMissing: One that was named is not there.
            HouseError: None is there, or the server is not this machine.
            ProviderError: The server does not answer.
        """
        raise NotImplementedError

    def run(
        self, models: Sequence[ModelInfo], *, is_quick: bool = False, is_anew: bool = False
    ) -> AsyncGenerator[TuneEvent, None]:
        """Measure them; closing the generator breaks off, and the same call later goes on.

        Args:
            is_anew: also those that were measured before.
        """
        raise NotImplementedError

    def results(self) -> tuple[Result, ...]:
        """What was measured on this machine and still holds, by model."""
        raise NotImplementedError
