"""Writing a code block to a file from the screen: over one that is there only once its change was seen."""

import asyncio
import os
import re
from typing import Protocol

from core.context.project import directory_of
from core.errors import HouseError
from core.sanitise import clean_line
from tui.screens.diff import DiffScreen
from tui.screens.taking import Taking
from tui.transcript.view import Transcript
from tui.writing import Draft, plan, write

ARGUMENTS = re.compile(r"(?P<number>\d{1,4})(?:\s+(?P<name>\S.*))?")


class Stage(Protocol):
    """What writing needs of its screen."""

    transcript: Transcript
    taking: Taking

    def tell(self, text: str, *, is_warning: bool = False) -> None:
        """A toast."""
        ...

    async def agree(self, screen: DiffScreen) -> bool:
        """Show a change; whether it shall be made."""
        ...


class BlockWriter:
    """Puts code blocks of the last answer into files; the screen runs its coroutine as a worker."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def write(self, argument: str) -> None:
        """``2 src/a.py``: the second block goes there."""
        try:
            if (wanted := self._wanted(argument)) is not None:
                await self._write(*wanted)
        except HouseError as error:
            self._stage.tell(error.told, is_warning=True)

    def _wanted(self, argument: str) -> tuple[str, str] | None:
        """The block's text and the file's name; None, and a word why, when that cannot be."""
        parts = ARGUMENTS.fullmatch(argument)
        if parts is None or parts["name"] is None:
            self._stage.tell("which block, and where to? as in /write 1 src/a.py", is_warning=True)
            return None
        blocks = self._stage.transcript.code_blocks()
        number = int(parts["number"])
        if not 1 <= number <= len(blocks):
            said = f"there is no code block {number} in the last answer; it has {len(blocks)}"
            self._stage.tell(said, is_warning=True)
            return None
        text = blocks[number - 1][1]
        return text if text.endswith("\n") else f"{text}\n", parts["name"]

    async def _write(self, text: str, name: str) -> None:
        """Write; over a file that is there, or through a link, as soon as the person has agreed."""
        directory, is_changed = directory_of(os.environ), False
        while not (draft := plan(text, name, directory)).is_same:
            if not draft.is_new and not await self._agreed(draft, is_changed):
                self._stage.tell(f"{draft.shown} is as it was")
                return
            if await asyncio.to_thread(write, draft):
                self._stage.taking.took(text)
                lines = "1 line" if draft.lines == 1 else f"{draft.lines:,} lines"
                self._stage.tell(f"wrote {lines} to {draft.shown}")
                return
            is_changed = True
        self._stage.tell(f"{draft.shown} says just that already")

    async def _agreed(self, draft: Draft, is_changed: bool) -> bool:
        told = ["@@ it has changed meanwhile: now this would be the change @@"] if is_changed else []
        if draft.is_link:  # whole, however long: this is what is agreed to
            told.append(f"@@ a link leads to {clean_line(draft.place)} @@")
        change = await asyncio.to_thread(draft.diff)
        return await self._stage.agree(DiffScreen(draft.shown, told + change))
