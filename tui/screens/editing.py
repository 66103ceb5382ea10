"""Going to the person's editor and back: the terminal is the editor's meanwhile, and nothing is lost."""

import os
from typing import Protocol

from textual.app import App, SuspendNotSupported

from tui.editor import Edited, EditorMissing, edit, find_editor
from tui.transcript.view import Transcript
from tui.widgets.prompt import Prompt


class Stage(Protocol):
    """What editing needs of its screen."""

    transcript: Transcript
    prompt: Prompt

    @property
    def app(self) -> App[object]:
        """The app, which has the terminal."""
        ...

    def tell(self, text: str, *, is_warning: bool = False) -> None:
        """A toast."""
        ...


class Editing:
    """The person's dealings with an editor; the screen runs its coroutines as workers."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def edit_prompt(self) -> None:
        """What is typed goes into the editor; what is saved comes back, and is not sent."""
        prompt = self._stage.prompt
        before = prompt.text
        edited = await self._edited(before)
        if edited is None:
            return
        if edited.text is None or (edited.failure and not edited.text):
            self._stage.tell(f"{edited.failure or 'nothing could be read back'}; nothing is changed")
            return
        if edited.text != before:
            # Undo brings the former text back. What comes from an editor is text, like a paste.
            prompt.put(edited.text, is_literal=True)
        if edited.failure:
            what = "what it saved is here" if edited.text != before else "nothing is changed"
            self._stage.tell(f"{edited.failure}; {what}", is_warning=True)

    async def read_answer(self) -> None:
        """The last answer, as a copy: what is done to it stays in the editor."""
        answer = self._stage.transcript.last_answer()
        if not answer:
            self._stage.tell("there is no answer to open yet")
            return
        edited = await self._edited(answer)
        if edited is not None and edited.failure:
            self._stage.tell(edited.failure, is_warning=True)

    async def _edited(self, text: str) -> Edited | None:
        """Have a text edited; None, and a word why, when there is no way to."""
        outcome: Edited | EditorMissing
        try:
            outcome = await self._with_terminal(text, find_editor(os.environ))
        except EditorMissing as error:
            outcome = error
        except SuspendNotSupported:
            self._stage.tell("this terminal cannot be lent to an editor", is_warning=True)
            return None
        if isinstance(outcome, Edited):
            return outcome
        self._stage.tell(outcome.told, is_warning=True)
        return None

    async def _with_terminal(self, text: str, command: list[str]) -> Edited | EditorMissing:
        """Edit while the terminal is lent; answers stream on meanwhile, and are painted behind it."""
        app = self._stage.app
        with app.batch_update(), app.suspend():
            try:
                return await edit(text, command)
            except EditorMissing as error:  # raised here, Textual would never take the terminal back
                return error
