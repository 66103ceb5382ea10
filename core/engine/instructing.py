"""The project's instructions as its questions carry them, and what has to be said of them."""

from dataclasses import dataclass

from core.context.instructions import Instructions, read_instructions
from core.context.project import Project
from core.context.prompt import with_instructions
from core.errors import AttachmentRefused
from core.store.conversations import Conversations

OPTION = "instructions"
"""Under this name an answer's options keep the sha256 of what it was instructed by; empty for nothing."""


@dataclass(frozen=True, slots=True)
class Instructed:
    """What one question is instructed by.

    Attributes:
        found: None when there is nothing to send.
        note: what the person has not been told in this conversation; empty when there is nothing.
    """

    found: Instructions | None = None
    note: str = ""

    @property
    def sha256(self) -> str:
        """Of the text that is sent; empty when none is."""
        return self.found.sha256 if self.found else ""

    def behind(self, system: str) -> str:
        """The system prompt with the instructions behind it."""
        return with_instructions(system, self.found.name, self.found.text) if self.found else system


class Instructing:
    """Reads the project's file for each question; a conversation hears of it once, and of each change."""

    def __init__(self, conversations: Conversations, project: Project, name: str) -> None:
        """Make it; nothing is read yet.

        Args:
            name: the file's, at the project's root; empty for none.
        """
        self._conversations = conversations
        self._root = project.root
        self._name = name
        self._refused_in: dict[int, str] = {}

    def found(self) -> Instructed:
        """What a question asked now would be instructed by, without a word about it."""
        try:
            return Instructed(read_instructions(self._root, self._name))
        except AttachmentRefused:
            return Instructed()

    def for_question(self, conversation: int | None) -> Instructed:
        """What a question of a conversation is instructed by; None is one that begins with it.

        Raises:
            StoreUnavailable: The conversation cannot be read.
        """
        try:
            found = read_instructions(self._root, self._name)
        except AttachmentRefused as error:
            return Instructed(None, self._refusal(conversation, error))
        before = self._conversations.last_option(conversation, OPTION) if conversation is not None else ""
        return Instructed(found, _note(self._name, found, before))

    def _refusal(self, conversation: int | None, error: AttachmentRefused) -> str:
        note = f"{error.message}; the question goes without it"
        if conversation is None:
            return note
        is_told = self._refused_in.get(conversation) == note
        self._refused_in[conversation] = note
        return "" if is_told else note


def _note(name: str, found: Instructions | None, before: str) -> str:
    if found is None:
        return f"{name or 'what the project said'} is no longer sent" if before else ""
    if not before:
        return f"with {found.summary}"
    return "" if found.sha256 == before else f"{name} changed: now with {found.summary}"
