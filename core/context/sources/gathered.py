"""What a mention led to."""

from dataclasses import dataclass

from core.messages import Attachment


@dataclass(frozen=True, slots=True)
class Gathered:
    """At least one attachment, and what of the source was left out (empty when nothing was)."""

    attachments: tuple[Attachment, ...]
    note: str = ""
