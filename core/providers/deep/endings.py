"""A provider's reason for ending, with what a person should know of it."""

from core.providers.deep import failures
from core.providers.deep.calls import Finished, Reason
from core.providers.deep.failures import DeepError


def finished(reason: Reason, said: str, spoken_to: str, max_tokens: int, why: str = "") -> Finished:
    """The end of an answer.

    Args:
        said: the provider's own word.
        why: the provider's explanation, already harmless; empty when there is none.
    """
    return Finished(reason, said, _shortfall(reason, said, spoken_to, max_tokens, why))


def _shortfall(reason: Reason, said: str, spoken_to: str, max_tokens: int, why: str) -> DeepError | None:
    match reason:
        case Reason.STOP:
            return None
        case Reason.LENGTH:
            return failures.length_reached(max_tokens)
        case Reason.CONTEXT:
            return failures.context_reached(spoken_to)
        case Reason.FILTER:
            return failures.filtered(spoken_to, why)
        case Reason.REFUSAL:
            return failures.declined(spoken_to, why)
        case _:
            return failures.provider_stopped(spoken_to, why or said)
