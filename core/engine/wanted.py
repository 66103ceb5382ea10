"""A question as the answer cache knows it: with the hashes of everything that would shape its answer."""

from core.cache.found import Wanted
from core.cache.scope import context_digest, keys_of
from core.context.prompt import turn_messages
from core.context.system import BUILT_IN_SYSTEM, PROMPT_FORM
from core.engine.ready import Ready
from core.messages import Attachment, Turn


def wanted_for(
    text: str,
    attachments: tuple[Attachment, ...],
    turns: tuple[Turn, ...],
    system: str,
    instructions: str,
    address: str,
    ready: Ready,
    *,
    is_first_turn: bool,
    conversation: int | None,
    semantic: bool,
) -> Wanted:
    """A question with the hashes of everything that would shape its answer.

    Args:
        turns: those that would be sent along.
        system: empty for the built-in one.
        instructions: the sha256 of the project's instructions; empty without any.
        address: of the provider.
    """
    history = tuple(message for turn in turns for message in turn_messages(turn))
    keys = keys_of(
        form=PROMPT_FORM,
        system=system or BUILT_IN_SYSTEM,
        instructions=instructions,
        context=context_digest(history),
        attachments=[(attachment.name, attachment.sha256) for attachment in attachments],
        num_ctx=ready.profile.num_ctx,
        think=ready.think,
        address=address,
        model=ready.model,
        digest=ready.digest,
    )
    return Wanted(
        text,
        *keys,
        conversation=conversation,
        is_first_turn=is_first_turn,
        has_attachments=bool(attachments),
        semantic=semantic,
    )
