"""Offers what the word being typed could become: a command behind ``/``, a source behind ``@``."""

import asyncio
import importlib
import re
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from textual.worker import Worker

from core.context.mentions import mentions, written
from core.errors import HouseError
from tui.keys import Action
from tui.pasted import holds
from tui.widgets.candidates import Candidate, CandidateList
from tui.widgets.prompt import Prompt

if TYPE_CHECKING:  # the index and git come with the first sigil, not with the first frame
    from core.context.path_index import PathIndex

MOST = 30
SHOW_EVERY_S = 0.05
LEGEND = "↑↓ choose · tab takes · esc closes"
NAMED = (
    Candidate("@diff", "what changed since the last commit"),
    Candidate("@staged", "what the next commit would hold"),
    Candidate("@pane", "the last command in the other pane, and its output"),
    Candidate("@clip", "the clipboard"),
)
_KEYS = frozenset({"up", "down", "tab", "enter"})
_WORD = re.compile(r'(?<![\w.+\-@/\\])@(?:"([^"\n]*)|([^\s"]*))\Z')
_LONGEST = 1024


Work = Coroutine[None, None, None] | Callable[[], Coroutine[None, None, None]]


class Stage(Protocol):
    """What completing needs of its screen."""

    prompt: Prompt
    candidates: CandidateList

    def say(self, slot: str, text: str = "") -> None:
        """A word in the notice row."""
        ...

    def words_now(self, command: str) -> str:
        """What a command would do just now, where that can be said; else empty."""
        ...

    def run_in(self, work: Coroutine[None, None, None], group: str) -> Worker[None]:
        """Run a worker in its group, in place of the one before."""
        ...

    def run_beside(self, work: Work, group: str) -> Worker[None]:
        """Run a worker beside others of its group."""
        ...


class Completer:
    """Decides what is offered, and what a key means while something is."""

    def __init__(
        self, stage: Stage, commands: Mapping[str, Action], cwd: Path, environ: Mapping[str, str]
    ) -> None:
        self._stage = stage
        self._commands = commands
        self._cwd = cwd
        self._environ = environ
        self._index: PathIndex | None = None
        self._start = -1
        self._query: str | None = None
        self._shown_for: str | None = None
        self._listed_for: str | None = None
        """Whose list is on the screen, perhaps without its paths yet."""
        self._dismissed = -1

    async def prepare(self) -> None:
        """List the project's paths before the first sigil; only where git can tell them."""
        root = await self._work_tree()
        if root is not None and self._index is None:
            self._index = await self._index_of(root)
            await _fill(self._index)

    async def _work_tree(self) -> Path | None:
        """None as well when git cannot be run, as in a directory that was deleted."""
        from core.context.git import work_tree

        with suppress(HouseError):
            return await work_tree(self._cwd, self._environ)
        return None

    async def _index_of(self, root: Path) -> "PathIndex":
        # In a thread, so that what is known at once is painted first.
        await asyncio.to_thread(importlib.import_module, "core.context.path_index")
        from core.context.path_index import PathIndex

        return PathIndex(root, self._cwd, self._environ)

    def look(self) -> None:
        """What is typed is another now, or the cursor stands elsewhere."""
        text = self._stage.prompt.text
        if (action := self._with_argument(text)) is not None:
            self.close()
            self._stage.say("completion", f"{action.command} {action.usage} · {action.words}")
            return
        if names := self._matching_commands(text):
            self._start = 0
            self._query = None
            if self._dismissed != 0:
                self._offer([self._of_command(name) for name in names])
            return
        word = self._word(text)
        if word is None:
            self._dismissed = -1
            self.close()
            return
        self._start, query = word
        if self._start == self._dismissed:
            return
        self._dismissed = -1
        if query != self._query:
            self._query = query
            self._offer_sources(query)

    def key(self, key: str) -> bool:
        """A key while something may be offered; whether it was meant for that."""
        if key not in _KEYS:
            return False
        offered = self._stage.candidates
        self.look()  # the letters before it may not have been heard of yet
        if key == "tab" and self._index and self._query is not None and self._query != self._shown_for:
            self._show_paths(self._index, self._query)  # what is shown was for fewer letters
        current = offered.current
        if current is None:
            return False
        match key:
            case "up" | "down":
                offered.move(1 if key == "down" else -1)
            case "tab":
                self.take(current)
            case "enter" if self._takes_enter(current):
                self.take(current)
            case _:
                return False
        return True

    def take(self, candidate: Candidate) -> None:
        """Put a candidate in the place of the word."""
        prompt = self._stage.prompt
        start = self._start
        self.close()
        if candidate.text.startswith("/"):
            action = self._commands[candidate.text]
            prompt.put(f"{candidate.text} " if action.usage else candidate.text)
            return
        goes_deeper = candidate.text.endswith("/")
        prompt.put_in(candidate.text if goes_deeper else f"{candidate.text} ", start, prompt.cursor_index)

    def dismiss(self) -> bool:
        """Esc: offer nothing for this word any more; whether anything was offered."""
        if not self._stage.candidates.is_open:
            return False
        self._dismissed = self._start
        self.close()
        return True

    def close(self) -> None:
        """Offer nothing."""
        self._query = self._shown_for = self._listed_for = None
        self._stage.candidates.close()
        self._stage.say("completion")

    def _takes_enter(self, current: Candidate) -> bool:
        """Enter sends what is whole or only looks like a sigil, and takes what was chosen or is begun."""
        offered, prompt = self._stage.candidates, self._stage.prompt
        if offered.is_chosen:
            return True
        if not self._query or self._query.lower() not in current.text.lower():
            return False  # a command that is typed is meant as it stands; what is only near may be a word
        typed = prompt.text[self._start : prompt.cursor_index]
        return typed != current.text and not mentions(typed, self._cwd)

    # Commands

    def _matching_commands(self, text: str) -> list[str]:
        if not text.startswith("/") or " " in text or "\n" in text or self._stage.prompt.is_literal:
            return []
        return [known for known in self._commands if known.startswith(text)]

    def _with_argument(self, text: str) -> Action | None:
        """The command whose argument is being typed."""
        name, has_argument, argument = text.partition(" ")
        action = self._commands.get(name) if has_argument and not self._stage.prompt.is_literal else None
        return action if action is not None and action.usage and "\n" not in argument else None

    def _of_command(self, name: str) -> Candidate:
        action = self._commands[name]
        words = self._stage.words_now(name) or f"{action.words} {action.usage}".strip()
        return Candidate(name, words)

    # Sources

    def _word(self, text: str) -> tuple[int, str] | None:
        """Where the word before the cursor begins, and what it says behind the sigil; None when none does."""
        prompt = self._stage.prompt
        if "@" not in text or text[:1].isspace():
            return None
        cursor = prompt.cursor_index
        # The last sigil alone, and near: a pasted page may be full of them.
        at = text.rfind("@", max(0, cursor - _LONGEST), cursor)
        found = _WORD.match(text, at, cursor) if at >= 0 else None
        if found is None or holds(prompt.pasted, found.start()):
            return None
        return found.start(), found[1] if found[1] is not None else found[2]

    def _offer_sources(self, query: str) -> None:
        """Show what is known at once; paths come behind, at the first time while they are being listed."""
        named = self._named(query)
        if named or self._index is None:
            self._offer(named)
            self._listed_for = query
        self._stage.run_in(self._find_paths(query), "paths")

    def _named(self, query: str) -> list[Candidate]:
        return [one for one in NAMED if one.text[1:].startswith(query.lower())]

    async def _find_paths(self, query: str) -> None:
        if self._index is None:
            root = await self._work_tree()
            self._index = await self._index_of(root or self._cwd)
        # Goes on when the next letter comes. Not begun here: who leaves in this moment never begins it.
        filling = self._stage.run_beside(partial(_fill, self._index), "index")
        while query == self._query:
            self._show_paths(self._index, query)
            if filling.is_finished:
                return
            await asyncio.sleep(SHOW_EVERY_S)

    def _show_paths(self, index: "PathIndex", query: str) -> None:
        self._shown_for = query
        paths = filter(None, map(written, index.matches(query, MOST)))
        found = [*self._named(query), *map(Candidate, paths)]
        is_whole = any(one.text == f"@{query}" for one in found)
        # Paths come while somebody walks through the list: enter must take what they see.
        self._offer([] if is_whole else found, keeps_choice=self._listed_for == query)
        self._listed_for = query

    def _offer(self, candidates: list[Candidate], *, keeps_choice: bool = False) -> None:
        self._stage.candidates.offer(candidates, keeps_choice=keeps_choice)
        self._stage.say("completion", LEGEND if candidates else "")


async def _fill(index: "PathIndex") -> None:
    """List the paths as far as they can be listed: a git that refuses is no reason to stop."""
    with suppress(HouseError):
        await index.fill()
