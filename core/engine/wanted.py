"""A question as the answer cache knows it: with the hashes of everything that would shape its answer."""

from core.cache.found import Wanted
from core.cache.scope import keys_of
from core.context.system import BUILT_IN_SYSTEM, PROMPT_FORM
from core.engine.ready import Ready
from core.messages import Attachment


def wanted_for(
    text: str,
    attachments: tuple[Attachment, ...],
    context: str,
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
        context: the digest of the turns that would be sent along.
        system: empty for the built-in one.
        instructions: the sha256 of the project's instructions; empty without any.
        address: of the provider.
    """
    keys = keys_of(
        form=PROMPT_FORM,
        system=system or BUILT_IN_SYSTEM,
        instructions=instructions,
        context=context,
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
