"""A person at the real screen: the whole app over a real engine, a real file, and the server a test has.

def test_something(tmp_path: Path) -> None:
    async def scene(person: Person) -> None:
        await person.ask("hi")
        await person.sees("Use git switch")

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from textual import events
from textual.pilot import Pilot

from core.engine.build import build_engine
from core.engine.engine import Engine
from core.settings.model import FastSettings, Settings
from core.store.database import Database
from tests.screen.labels import USUAL, labels
from tests.server import OllamaServer
from tui.app import LeadlineApp
from tui.bridge import Bridge
from tui.keys import ACTIONS, Action
from tui.leaving import close
from tui.screens.chat import ChatScreen

NOBODY = "http://127.0.0.1:9"
"""An address where nothing listens."""
PATIENCE_S = 30.0
"""How long a busy machine may take; what takes longer hangs."""


@dataclass(slots=True)
class Clock:
    """Time that passes when the test says so."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class Person:
    """What can be done at the screen, and what is seen on it."""

    app: LeadlineApp
    pilot: Pilot[None]
    chat: ChatScreen
    clock: Clock = field(default_factory=Clock)

    async def press(self, *keys: str) -> None:
        """Press keys, by Textual's names, and see what each of them does before the next."""
        for key in keys:
            self.send_key(_name_of(key) if len(key) == 1 else key, key if len(key) == 1 else None)
            await self.settle()

    async def type(self, text: str) -> None:
        """Type a text, all of it in the input queue at once, as from a quick hand over a slow line."""
        for character in text:
            self.send_key(_name_of(character), character)
        await self.settle()

    async def settle(self) -> None:
        """Let everything that is in a queue be done; unlike a pause of the pilot's, not a moment longer."""
        ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]  # all that could go on now
        quiet = 0
        while quiet < 4 and self.app.is_running:
            await asyncio.sleep(0)
            quiet = 0 if ready else quiet + 1

    def send_key(self, key: str, character: str | None = None) -> None:
        """Put a key into the app's queue and do not wait for anything."""
        event = events.Key(key, character)
        event.set_sender(self.app)
        self.app.post_message(event)

    async def leave(self) -> None:
        """Press what quits, and see the app go."""
        self.send_key("ctrl+q")
        await self.until(lambda: not self.app.is_running)

    async def paste(self, text: str) -> None:
        """A bracketed paste."""
        event = events.Paste(text)
        event.set_sender(self.app)
        self.app.post_message(event)
        await self.settle()

    async def ask(self, text: str) -> None:
        """Type a text and press enter."""
        await self.type(text)
        await self.press("enter")

    async def until(self, is_so: Callable[[], object], timeout: float = PATIENCE_S) -> None:
        """Let the app go on until something is so."""
        deadline, pause_s = time.monotonic() + timeout, 0.004
        while not is_so():
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"it did not become so; toasts {self.toasts()}; the screen:\n{self.screen()}"
                )
            await asyncio.sleep(pause_s)
            pause_s = min(0.02, pause_s * 1.2)  # looking costs more than what is waited for
        await self.settle()

    async def still(self) -> str:
        """Wait until nothing on the screen changes any more by itself; what is there then."""
        same, before = 0, self.screen()
        while same < 3:
            await asyncio.sleep(0.02)
            await self.settle()
            after = self.screen()
            same, before = (same + 1 if after == before else 0), after
        return before

    async def sees(self, text: str, timeout: float = PATIENCE_S) -> None:
        """Wait until a text is on the screen; line ends are as good as spaces."""
        wanted = " ".join(text.split())
        await self.until(lambda: wanted in " ".join(self.screen().split()), timeout)

    async def sees_label(self, model: str = USUAL, under: str = "", times: int = 1) -> None:
        """Wait until so many answers of a model are whole on the screen."""
        await self.until(lambda: labels(self.screen(), model, under) == times)

    async def is_told(self, text: str, timeout: float = PATIENCE_S) -> None:
        """Wait until a toast says a text."""
        await self.until(lambda: any(text in toast for toast in self.toasts()), timeout)

    async def has_answer(self, text: str = "") -> None:
        """Wait until no answer is being made any more, and the last one has this text.

        A question whose sources are still being read is on its way to one.
        """
        chat = self.chat
        await self.until(
            lambda: (
                chat.docket.running is None
                and not chat.sender.on_the_way()
                and text in chat.transcript.last_answer()
            )
        )

    def screen(self) -> str:
        """The screen's text, as it is composed now."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)

    def toasts(self) -> list[str]:
        """What the toasts say."""
        return [notification.message for notification in self.app._notifications]

    @property
    def typed(self) -> str:
        """What stands in the prompt."""
        return self.chat.prompt.text

    @property
    def queued(self) -> list[str]:
        """The questions that wait."""
        return [pending.text for pending in self.chat.docket.waiting()]

    @property
    def is_answering(self) -> bool:
        """Whether an answer is being made."""
        return self.chat.docket.running is not None


Scene = Callable[[Person], Awaitable[None]]


def sent(server: OllamaServer, number: int = -1) -> str:
    """The last message of a chat request, by default of the last one."""
    messages = server.requests("/api/chat")[number].body["messages"]
    assert isinstance(messages, list)
    content = messages[-1]["content"]
    assert isinstance(content, str)
    return content


def settings_for(url: str, model: str = "auto", num_ctx: int = 0) -> Settings:
    """Settings with a server's address."""
    return Settings(fast=FastSettings(base_url=url, model=model, num_ctx=num_ctx))


def drive(
    scene: Scene,
    folder: Path,
    url: str = NOBODY,
    *,
    settings: Settings | None = None,
    size: tuple[int, int] = (80, 24),
    is_demo: bool = False,
    goes_on: bool = False,
    actions: Sequence[Action] = ACTIONS,
    typed_at_once: str = "",
    speculates: bool = False,
) -> LeadlineApp:
    """Play a scene with the whole app; the app as it was left.

    Args:
        speculates: things are done ahead, as the settings say; otherwise a server sees what was asked alone.
        typed_at_once: typed before there is anything on the screen; a newline is enter.
    """
    chosen = settings or settings_for(url)
    if not speculates:
        chosen = replace(chosen, speculation=replace(chosen.speculation, enabled=False))

    def open_bridge(demo: bool) -> Bridge:
        def open_engine() -> tuple[Engine, str]:
            database = folder / ("leadline-demo.db" if demo else "leadline.db")
            if not database.exists():
                database.touch(0o600)
                database.write_bytes(_empty_database())
            return build_engine(chosen, database, {}, demo)

        return Bridge(open_engine)

    async def main() -> LeadlineApp:
        clock = Clock()
        app = LeadlineApp(chosen, tuple(actions), open_bridge, is_demo, goes_on, clock)
        for character in typed_at_once:
            app._early.append(events.Key(_name_of(character), character))
        async with app.run_test(size=size, notifications=True) as pilot:
            await pilot.pause()
            chat = app.screen_stack[0]
            assert isinstance(chat, ChatScreen)
            await scene(Person(app, pilot, chat, clock))
        await close(app.bridge)
        return app

    return asyncio.run(main())


@cache
def _empty_database() -> bytes:
    """A file as leadline makes it; made once, for making it takes as long as a tenth of such a test."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "leadline.db"
        Database.open(file, time.time).close()
        return file.read_bytes()


def _name_of(character: str) -> str:
    from textual.keys import _character_to_key

    return {"\n": "enter"}.get(character) or _character_to_key(character)
