"""What goes along with a one-shot question: what ``-f`` names and what the question mentions."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from core.context.mentions import Mention, mentions
from core.context.secrecy import SecretsFound, secrets_in, words_of
from core.context.sources.sources import Sources
from core.messages import Attachment


async def gather(
    text: str, files: Sequence[str], cwd: Path, environ: Mapping[str, str]
) -> tuple[list[Attachment], str]:
    """Everything that is named, each once, and what of it was left out.

    Raises:
        AttachmentRefused: Something that is named cannot be sent along.
    """
    sources = Sources(cwd, environ)
    named: list[Mention | str] = [*files, *mentions(text, cwd)]
    read = await asyncio.gather(*(sources.read(each) for each in named))
    attachments = {
        (each.origin or each.name, each.sha256): each for found in read for each in found.attachments
    }
    return list(attachments.values()), "\n".join(dict.fromkeys(found.note for found in read if found.note))


def refuse_secrets(attachments: Iterable[Attachment]) -> None:
    """Stop before anything is sent.

    Raises:
        SecretsFound: Something looks like a secret.
    """
    if found := secrets_in(attachments):
        raise SecretsFound(words_of(found))
