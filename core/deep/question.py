"""A question asked in depth, and everything that would be sent for it, before anything is."""

from dataclasses import dataclass, replace
from enum import StrEnum

from core.messages import Attachment, Door, Message


class Preset(StrEnum):
    """How much is done: one call, or a plan, its parts and a synthesis."""

    DEEP = "deep"
    DEEPER = "deeper"

    @property
    def depth(self) -> int:
        """As the answer cache compares it: more is better, and a quick answer has none."""
        return 2 if self is Preset.DEEPER else 1


@dataclass(frozen=True, slots=True)
class DeepQuestion:
    """What the person wants to have thought through.

    Attributes:
        turn: of the store, where the question has been asked already; None asks it anew.
        conversation: where a new question belongs; None begins one. Ignored with a `turn`.
        is_local: here, whatever the settings say.
        model: another one than the settings name; empty takes theirs.
        allows_secrets: what looks like a secret was seen, and may be sent.
        queues: without a way to the provider it waits for one, whatever the settings say.
        door: where it came in.
    """

    text: str
    preset: Preset = Preset.DEEP
    turn: int | None = None
    conversation: int | None = None
    attachments: tuple[Attachment, ...] = ()
    system: str | None = None
    is_local: bool = False
    model: str = ""
    allows_secrets: bool = False
    queues: bool = False
    door: Door = Door.SCREEN


class ItemKind(StrEnum):
    """What a part of a pack is."""

    TURN = "turn"
    SOURCE = "source"
    INSTRUCTIONS = "instructions"


@dataclass(frozen=True, slots=True)
class PackItem:
    """One thing that is sent along, and can be struck.

    Attributes:
        id: stable within the pack: ``turn-3``, ``source-1``, ``instructions``.
        label: as the row names it: ``turn 3``, ``a.py``, ``diff``, ``.leadline.md``.
        messages: of a turn, what is sent of it.
        attachment: of a source.
        text: of instructions.
        brings: of a turn, the kinds of the sources within it (``source:pane``).
        tokens: an estimate.
        secrets: what looks secret in it, in words, never the secret itself.
    """

    id: str
    kind: ItemKind
    label: str
    tokens: int
    messages: tuple[Message, ...] = ()
    attachment: Attachment | None = None
    text: str = ""
    secrets: tuple[str, ...] = ()
    is_struck: bool = False
    brings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """All that a run sends, in the order in which it is sent.

    Attributes:
        system: the system prompt, without the project's instructions.
        question_secrets: what looks secret in the question's own words.
    """

    question: str
    system: str
    items: tuple[PackItem, ...] = ()
    question_secrets: tuple[str, ...] = ()

    @property
    def sent(self) -> tuple[PackItem, ...]:
        """What was not struck."""
        return tuple(item for item in self.items if not item.is_struck)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Everything in it that looks secret, and would be sent."""
        return (*(each for item in self.sent for each in item.secrets), *self.question_secrets)

    def toggled(self, item: str) -> "Pack":
        """The same with one item struck, or no longer struck; an unknown id changes nothing."""
        return replace(
            self,
            items=tuple(
                replace(each, is_struck=not each.is_struck) if each.id == item else each
                for each in self.items
            ),
        )
