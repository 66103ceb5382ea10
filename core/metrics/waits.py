"""What a wait was made of, by the server's own durations; what they do not cover is the queue and the way.

In Ollama's words ``load_duration`` is everything until a runner was granted, ``prompt_eval_duration`` the
reading, ``eval_duration`` the writing; the wait for a slot is only in ``total_duration`` minus the rest.
"""

from typing import NamedTuple

from core.events import WaitReason


class Wait(NamedTuple):
    """The parts of a time to first token; milliseconds, together no more than it.

    Attributes:
        queue_ms: what is left: another's request, the network, the server itself.
    """

    load_ms: float
    prompt_ms: float
    thinking_ms: float
    queue_ms: float

    @property
    def reason(self) -> WaitReason:
        """The largest part; UNKNOWN where nothing stands out."""
        raise NotImplementedError


def wait_of(
    ttft_ms: float | None,
    load_ms: float | None,
    prompt_ms: float | None,
    thinking_ms: float | None,
    *,
    has_durations: bool,
) -> Wait | None:
    """What a wait was made of; None where no first token came, or the server said nothing of its times."""
    raise NotImplementedError
