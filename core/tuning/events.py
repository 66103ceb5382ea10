"""What is told while models are measured, in the order it happens."""

from dataclasses import dataclass

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
    """Something other than a question is done: ``loading``, ``reading and writing``, ``making way``."""

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
