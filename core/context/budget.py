"""How much fits: tokens are estimated before anything is sent, and nothing is cut silently."""

from dataclasses import dataclass

from core.context.prompt import build_messages, turn_messages
from core.errors import ContextFull
from core.messages import Attachment, Message, Turn

BYTES_PER_TOKEN = 3.4
"""Between code (about 3) and English prose (about 4.3); low, so that the estimate is rather too high."""
TOKENS_PER_MESSAGE = 6
ANSWER_ROOM = 1024
SPARE = 32
LEAST_PLAUSIBLE = 0.4
"""A server's count below this share of the estimate was of another prompt, or leaves the cached part out."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A prompt that fits its window.

    Attributes:
        tokens: estimate of the prompt.
        dropped: how many of the oldest turns were left out.
        num_predict: tokens left for the answer; the window never overflows, so the server never shifts it.
    """

    messages: tuple[Message, ...]
    tokens: int
    dropped: int
    num_predict: int


def estimate_tokens(text: str) -> int:
    """Tokens of a text, rather too many than too few."""
    return int(len(text.encode("utf-8", "replace")) / BYTES_PER_TOKEN) + 1


def estimate_messages(messages: tuple[Message, ...]) -> int:
    """Tokens of several messages."""
    return sum(estimate_tokens(message.text) + TOKENS_PER_MESSAGE for message in messages)


def answer_room(window: int) -> int:
    """Tokens that must stay free for the answer."""
    return min(ANSWER_ROOM, window // 4)


def fit(
    system: str,
    turns: tuple[Turn, ...],
    question: str,
    attachments: tuple[Attachment, ...],
    window: int,
    largest: int,
    may_drop: bool,
) -> Fitted:
    """Build the prompt, with the oldest turns dropped if that is needed and allowed.

    Raises:
        ContextFull: It does not fit; its fields say what would help.
    """
    limit = window - answer_room(window) - SPARE
    bare = build_messages(system, (), question, attachments)
    estimate = estimate_messages(bare) + sum(estimate_messages(turn_messages(turn)) for turn in turns)
    scale = _counted(turns, bare[-1], estimate) / estimate
    needed = int(estimate * scale)
    tokens, dropped = needed, 0
    while tokens > limit and dropped < len(turns):
        estimate -= estimate_messages(turn_messages(turns[dropped]))
        tokens, dropped = int(estimate * scale), dropped + 1
    if tokens > limit:
        raise ContextFull(needed + answer_room(window), window, largest, 0)
    if dropped and not may_drop:
        raise ContextFull(needed + answer_room(window), window, largest, dropped)
    messages = build_messages(system, turns[dropped:], question, attachments)
    return Fitted(messages, tokens, dropped, window - tokens - SPARE)


def _counted(turns: tuple[Turn, ...], question: Message, estimate: int) -> int:
    """Tokens of the whole prompt; where the server has counted its beginning already, its count is taken."""
    last = turns[-1].current if turns else None
    if last is None or not last.input_tokens or not last.output_tokens:
        return estimate
    counted = last.input_tokens + last.output_tokens + estimate_messages((question,))
    return counted if counted > LEAST_PLAUSIBLE * estimate else estimate
