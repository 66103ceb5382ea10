"""Looks through what is about to leave, and refuses it when something in it looks like a secret."""

from collections.abc import Iterable, Sequence

from core.errors import HouseError
from core.messages import Attachment
from core.secrets import MOST, Secret, find_secrets

_TOLD = 3


class SecretsFound(HouseError):
    """What would be sent looks like a secret, and nobody can be asked; nothing was sent.

    Args:
        found: what looks like one, each as `Secret.within` says it.
    """

    kind = "secrets"

    def __init__(self, found: Sequence[str]) -> None:
        super().__init__(
            f"{told(found)}; nothing was sent",
            "Take it out, or send it all the same with --allow-secrets.",
        )


def secrets_in(attachments: Iterable[Attachment], most: int | None = MOST) -> tuple[tuple[str, Secret], ...]:
    """What looks like a secret in several sources, each with its source's name; of each at most so many."""
    return tuple(
        (each.name, secret) for each in attachments for secret in find_secrets(each.text, each.name, most)
    )


def words_of(found: Iterable[tuple[str, Secret]]) -> tuple[str, ...]:
    """Each of them in words."""
    return tuple(secret.within(name) for name, secret in found)


def told(found: Sequence[str]) -> str:
    """The first few of what looks like a secret, and how many more there are."""
    more = f", and {len(found) - _TOLD} more" if len(found) > _TOLD else ""
    return f"this looks secret: {', '.join(found[:_TOLD])}{more}"
