"""What a wait was made of, by the server's own durations; what they do not cover is the queue and the way.

In Ollama's words ``load_duration`` is everything until a runner was granted, ``prompt_eval_duration`` the
reading, ``eval_duration`` the writing; the wait for a slot is only in ``total_duration`` minus the rest.
"""

from typing import NamedTuple

from core.events import WaitReason

DELAY_MS = 3_000.0
"""Past it a wait is felt as a delay, and its reason is said."""
ABANDONED_MS = 10_000.0
"""Past it people leave; what can be done instead is offered."""


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
        """The largest part; UNKNOWN where even that is less than half of the whole, and of no interest."""
        parts = {
            WaitReason.LOADING: self.load_ms,
            WaitReason.PROMPT: self.prompt_ms,
            WaitReason.THINKING: self.thinking_ms,
            WaitReason.QUEUE: self.queue_ms,
        }
        reason = max(parts, key=lambda part: parts[part])
        return reason if parts[reason] * 2 >= sum(self) and parts[reason] > 0 else WaitReason.UNKNOWN

    @property
    def longest_ms(self) -> float:
        """How long the largest part was."""
        return max(self)


class Delay(NamedTuple):
    """What a wait that was felt as one was made of for the most part; milliseconds."""

    reason: WaitReason
    ms: float


def wait_of(
    ttft_ms: float | None,
    load_ms: float | None,
    prompt_ms: float | None,
    thinking_ms: float | None,
    *,
    has_durations: bool,
) -> Wait | None:
    """What a wait was made of; None where no first token came, or the server said nothing of its times.

    A part never exceeds what the parts before it leave: the clocks are two, and a server's durations may be
    of a request that was begun before the person sent it.
    """
    if ttft_ms is None or not has_durations:
        return None
    left, parts = ttft_ms, []
    for part in (thinking_ms, load_ms, prompt_ms):
        taken = min(max(part or 0.0, 0.0), left)
        parts.append(taken)
        left -= taken
    thinking, load, prompt = parts
    return Wait(load, prompt, thinking, left)


def delay_of(
    ttft_ms: float | None,
    load_ms: float | None,
    prefill_ms: float | None,
    thinking_ms: float | None,
    server_ms: float | None,
) -> Delay | None:
    """Why a first token came late; None where it did not, or nothing is known of it."""
    if ttft_ms is None or ttft_ms <= DELAY_MS:
        return None
    wait = wait_of(ttft_ms, load_ms, prefill_ms, thinking_ms, has_durations=bool(server_ms))
    if wait is None or wait.reason is WaitReason.UNKNOWN:
        return None
    return Delay(wait.reason, wait.longest_ms)
