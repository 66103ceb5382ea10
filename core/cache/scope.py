"""The keys of a stored answer: hashes of everything that shaped it, and of its question as it was meant.

Each is a hash over an encoding that two different lists of parts never share.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from core.cache.wording import normalised

if TYPE_CHECKING:
    from core.messages import Message

_KEY_BYTES = 16


def scope_of(
    system: str,
    instructions: str,
    context: str,
    attachments: Sequence[str],
    options: Mapping[str, object],
) -> bytes:
    """What shaped an answer, but for its question and its model.

    Args:
        system: the system prompt's text.
        instructions: the sha256 of the project's instructions; empty without any.
        context: the digest of the history that is sent along; empty on a first turn.
        attachments: the sha256 of each attachment, in the order they are sent: order matters in a prompt.
        options: what else shapes an answer; the order of the names does not matter.
    """
    return _hash(
        "scope",
        system,
        instructions,
        context,
        _joined(attachments),
        _joined(f"{name}={type(value).__name__}:{value!r}" for name, value in sorted(options.items())),
    )


def options_of(num_ctx: int, think: str | bool) -> dict[str, object]:
    """The options of a request that shape its answer."""
    return {"num_ctx": num_ctx, "think": think}


def context_digest(history: "tuple[Message, ...]") -> str:
    """The digest of the turns that a question is asked after; empty on a first turn."""
    if not history:
        return ""
    return _hash("context", *(part for message in history for part in (message.role, message.text))).hex()


def model_key(provider: str, model: str, digest: str) -> bytes:
    """Which model answers: its digest as last seen; without one its name at its provider's address."""
    return _hash("digest", digest) if digest else _hash("name", provider, model)


def exact_key(scope: bytes, model: bytes, text: str) -> bytes:
    """The key under which the answer to a question is found again; see `core.cache.wording`."""
    return _hash("exact", scope.hex(), model.hex(), normalised(text))


def question_key(text: str) -> bytes:
    """A question wherever and of whomever it is asked: what a veto is about."""
    return _hash("question", normalised(text))


def _hash(*parts: str) -> bytes:
    # A lone surrogate is no UTF-8, and a question that holds one must still have a key.
    return hashlib.blake2b(_joined(parts).encode("utf-8", "surrogatepass"), digest_size=_KEY_BYTES).digest()


def _joined(parts: Iterable[str]) -> str:
    """The parts, each behind its length, so that no other list of parts reads the same."""
    return "".join(f"{len(part)}:{part}" for part in parts)
