"""How much fits: tokens are estimated before anything is sent, and nothing is cut silently."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.context.prompt import build_messages, turn_messages
from core.errors import ContextFull
from core.messages import Attachment, Message, Turn

BYTES_PER_TOKEN = 3.4
"""Between code (about 3) and English prose (about 4.3); low, so that the estimate is rather too high."""
BELIEVED_BYTES_PER_TOKEN = (0.8, 6.0)
"""What a server's count may say of a model; beyond it the count was of something else."""
WORTH_LEARNING_FROM = 1000
"""Bytes of a prompt below which what the model's own template adds would be taken for the text's tokens."""
LEARN_DOWN, LEARN_UP = 0.5, 0.1
"""How much one count moves what is known: quickly towards more tokens, slowly towards fewer."""
TOKENS_PER_MESSAGE = 6
ANSWER_ROOM = 1024
SPARE = 32
LEAST_PLAUSIBLE = 0.4
"""A server's count below this share of the estimate was of another prompt, or leaves the cached part out."""


@dataclass(frozen=True, slots=True)
class Sized:
    """An earlier turn as it is sent again, measured once for all the questions behind it.

    Attributes:
        messages: none where it has no answer to build on.
        sizes: bytes of each.
        counted: tokens up to its end, as its server counted them; 0 when it did not.
    """

    turn: Turn
    messages: tuple[Message, ...]
    sizes: tuple[int, ...]
    counted: int


def sized(turn: Turn) -> Sized:
    """Measure a turn."""
    messages, last = turn_messages(turn), turn.current
    is_counted = last is not None and last.input_tokens and last.output_tokens
    counted = (last.input_tokens or 0) + (last.output_tokens or 0) if last and is_counted else 0
    return Sized(turn, messages, tuple(_bytes_of(message.text) for message in messages), counted)


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


def estimate_tokens(text: str, bytes_per_token: float = BYTES_PER_TOKEN) -> int:
    """Tokens of a text, rather too many than too few."""
    return int(_bytes_of(text) / bytes_per_token) + 1


def estimate_messages(messages: tuple[Message, ...], bytes_per_token: float = BYTES_PER_TOKEN) -> int:
    """Tokens of several messages."""
    return sum(_tokens(_bytes_of(message.text), bytes_per_token) for message in messages)


def learn_bytes_per_token(
    known: float | None, messages: tuple[Message, ...], input_tokens: int
) -> float | None:
    """What one model makes of a token's worth of text, after the server has counted a prompt of it.

    Args:
        known: what was known before; None at the first count.
        input_tokens: the server's count of all of `messages`; 0 when it gave none.
    """
    size = sum(_bytes_of(message.text) for message in messages)
    of_text = input_tokens - TOKENS_PER_MESSAGE * len(messages)
    if size < WORTH_LEARNING_FROM or of_text <= 0:
        return known
    seen = size / of_text
    least, most = BELIEVED_BYTES_PER_TOKEN
    if not least <= seen <= most:
        return known
    before = BYTES_PER_TOKEN if known is None else known
    return before + (seen - before) * (LEARN_DOWN if seen < before else LEARN_UP)


def _bytes_of(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def answer_room(window: int) -> int:
    """Tokens that must stay free for the answer."""
    return min(ANSWER_ROOM, window // 4)


def fit(
    system: str,
    turns: Sequence[Sized],
    question: str,
    attachments: tuple[Attachment, ...],
    window: int,
    largest: int,
    may_drop: bool,
    bytes_per_token: float = BYTES_PER_TOKEN,
) -> Fitted:
    """Build the prompt, with the oldest turns dropped if that is needed and allowed.

    Args:
        bytes_per_token: as learnt of the model.

    Raises:
        ContextFull: It does not fit; its fields say what would help.
    """
    limit = window - answer_room(window) - SPARE
    bare = build_messages(system, (), question, attachments)
    sizes = [sum(_tokens(size, bytes_per_token) for size in turn.sizes) for turn in turns]
    estimate = estimate_messages(bare, bytes_per_token) + sum(sizes)
    scale = _counted(turns, estimate_messages(bare[-1:], bytes_per_token), estimate) / estimate
    needed = int(estimate * scale)
    tokens, dropped = needed, 0
    while tokens > limit and dropped < len(turns):
        estimate -= sizes[dropped]
        tokens, dropped = int(estimate * scale), dropped + 1
    if tokens > limit:
        raise ContextFull(needed + answer_room(window), window, largest, 0)
    if dropped and not may_drop:
        raise ContextFull(needed + answer_room(window), window, largest, dropped)
    past = [message for turn in turns[dropped:] for message in turn.messages]
    messages = (bare[0], *past, bare[1])
    return Fitted(messages, tokens, dropped, window - tokens - SPARE)


def _tokens(size: int, bytes_per_token: float) -> int:
    """Tokens of a message of so many bytes."""
    return int(size / bytes_per_token) + 1 + TOKENS_PER_MESSAGE


def _counted(turns: Sequence[Sized], question: int, estimate: int) -> int:
    """Tokens of the whole prompt; where the server has counted its beginning already, its count is taken."""
    if not turns or not turns[-1].counted:
        return estimate
    counted = turns[-1].counted + question
    return counted if counted > LEAST_PLAUSIBLE * estimate else estimate
