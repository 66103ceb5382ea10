"""Looks through what is about to leave, and refuses it when something in it looks like a secret."""

from collections.abc import Iterable

from core.errors import HouseError
from core.messages import Attachment
from core.secrets import MOST, Secret, find_secrets

_TOLD = 3


class SecretsFound(HouseError):
    """A source holds what looks like a secret; nothing was sent.

    Attributes:
        found: the names of the sources, and what is in them.
    """

    kind = "secrets"

    def __init__(self, found: tuple[tuple[str, Secret], ...], remedy: str) -> None:
        self.found = found
        super().__init__(f"{told(found)}; nothing was sent", remedy)


def secrets_in(attachments: Iterable[Attachment], most: int | None = MOST) -> tuple[tuple[str, Secret], ...]:
    """What looks like a secret in several sources, each with its source's name; of each at most so many."""
    return tuple(
        (each.name, secret) for each in attachments for secret in find_secrets(each.text, each.name, most)
    )


def told(found: tuple[tuple[str, Secret], ...]) -> str:
    """Kinds, places and lines in words, never a secret itself."""
    parts = [f"{name} line {secret.line}: {secret.kind} {secret.shown}" for name, secret in found[:_TOLD]]
    more = f", and {len(found) - _TOLD} more" if len(found) > _TOLD else ""
    return f"this looks secret: {', '.join(parts)}{more}"
