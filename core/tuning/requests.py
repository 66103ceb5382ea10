"""What a model is sent to be measured: the same for all of them, and as the fast path would send it."""

from core.messages import Message, Role
from core.providers.base import ModelInfo, Profile, Request, Think
from core.tuning.quiz import INSTRUCTION, MOST_TOKENS

_ROOM = 24
"""Tokens more than an answer may have: a model that says it is done in a word more is not cut."""
_KEEP_ALIVE = "5m"
_WRITTEN = 100
_LINES = 60


def quiz_request(model: ModelInfo, question: str, num_ctx: int, think: Think) -> Request:
    """One question of the quiz."""
    return _request(model, question, num_ctx, think, MOST_TOKENS + _ROOM)


def short_request(model: ModelInfo, num_ctx: int, think: Think) -> Request:
    """Something to answer in a word, to see when the first comes."""
    return _request(model, "Say: ready", num_ctx, think, 8)


def long_request(model: ModelInfo, num_ctx: int, think: Think, mark: str) -> Request:
    """About 800 tokens to read and 100 to write; `mark` makes its beginning another one than any before."""
    log = "\n".join(
        f"{line:03} worker-{mark}-{line % 7} job {line * 37 % 101} took {line * 53 % 997} ms"
        for line in range(_LINES)
    )
    text = f"Log {mark}:\n{log}\n\nWrite the numbers from 1 to 60, with commas between them."
    return _request(model, text, num_ctx, think, _WRITTEN)


def _request(model: ModelInfo, text: str, num_ctx: int, think: Think, num_predict: int) -> Request:
    window = min(num_ctx, model.context_length) if model.context_length else num_ctx
    return Request(
        model.name,
        (Message(Role.SYSTEM, INSTRUCTION), Message(Role.USER, text)),
        Profile(window, model.context_length),
        num_predict,
        think,
        _KEEP_ALIVE,
        temperature=0.0,
    )
