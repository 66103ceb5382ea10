"""The keys of a stored answer: hashes of everything that shaped it, and of its question as it was meant.

Each is a hash over an encoding that two different lists of parts never share.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from core.cache.wording import normalised

if TYPE_CHECKING:
    from core.messages import Message

_KEY_BYTES = 16


class Keys(NamedTuple):
    """What shaped an answer, and which model gave it; both as in `core.cache.found.Wanted`."""

    scope: bytes
    model_key: bytes


def keys_of(
    *,
    form: int,
    system: str,
    instructions: str,
    context: str,
    attachments: Iterable[tuple[str, str]],
    num_ctx: int,
    think: str | bool,
    address: str,
    model: str,
    digest: str,
) -> Keys:
    """The keys of a question from everything that would shape its answer; the only place they are made.

    Args:
        form: which version of the prompt's form this is; see `core.context.system.PROMPT_FORM`.
        system, instructions, context: as `scope_of` takes them.
        attachments: name and sha256 of each, in the order they are sent. The name is sent too, and a
            command's exit status stands nowhere else.
        num_ctx: tokens of the window.
        think: what is asked of the model's reasoning.
        address: of the provider.
        digest: of the model, as last seen; empty where the server names none.
    """
    said = [part for attachment in attachments for part in attachment]
    options = {"form": form, "num_ctx": num_ctx, "think": think}
    return Keys(scope_of(system, instructions, context, said, options), model_key(address, model, digest))


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
        attachments: what tells them apart, in the order they are sent: order matters in a prompt.
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
