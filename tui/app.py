"""The app: themes, palette, the chat screen, and what stays in the scrollback; it decides nothing."""

import asyncio
import os
import signal
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text
from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingsMap
from textual.driver import Driver
from textual.markup import escape
from textual.screen import Screen

from core.settings.model import Settings
from core.settings.paths import find_paths
from tui.alt_digits import hear_alt_digits
from tui.bridge import Bridge
from tui.calling import call_sequence
from tui.first_frame import FirstFrame
from tui.keys import Action
from tui.leaving import close
from tui.screens.acts import DemoAsked, Listening
from tui.screens.chat import ChatScreen
from tui.screens.deep import PersonCalled
from tui.themes import THEMES

if TYPE_CHECKING:
    from core.engine.engine import Engine

EVERYWHERE = {
    "quit": "quit",
    "interrupt": "interrupt",
    "palette": "command_palette",
    "suspend": "suspend_process",
}
"""Actions that overlays do not cover, by the name of the app's own method."""


class LeadlineApp(App[None]):
    """leadline on a terminal."""

    TITLE = "leadline"
    CSS_PATH = "styles/chat.tcss"  # here, because Textual does not read a default screen's own
    ENABLE_COMMAND_PALETTE = True
    AUTO_FOCUS = None

    def __init__(
        self,
        settings: Settings,
        actions: tuple[Action, ...],
        open_bridge: Callable[[bool], Bridge],
        is_demo: bool = False,
        goes_on: bool = False,
        clock: Callable[[], float] = time.monotonic,
        driver_class: type[Driver] | None = None,
        typed_before: int = 0,
    ) -> None:
        """Make it; nothing runs yet.

        Args:
            typed_before: bytes that were typed before the terminal was ours.
        """
        super().__init__(driver_class=driver_class)
        self._typed_before = typed_before
        self._bindings = BindingsMap(
            Binding(action.keys, EVERYWHERE[action.id], action.words, show=False, priority=True)
            for action in actions
            if action.id in EVERYWHERE and action.keys
        )
        self._clock = clock
        self._settings = settings
        self._actions = actions
        self._open_bridge = open_bridge
        self._goes_on = goes_on
        self.bridge = open_bridge(is_demo)
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = settings.ui.theme
        self.left = ""
        self._early: deque[events.Key | events.Paste] = deque()
        self._is_listening = False

    def get_default_screen(self) -> Screen[None]:
        """The chat screen is the first thing that is painted."""
        return ChatScreen(self.bridge, self._actions, self._goes_on, self._clock)

    def action_interrupt(self) -> None:
        """Ctrl+C over an overlay means what it means below it."""
        self._chat.action_interrupt()

    @property
    def _chat(self) -> ChatScreen:
        chat = self.screen_stack[0]
        assert isinstance(chat, ChatScreen)
        return chat

    async def on_event(self, event: events.Event) -> None:
        """Hold what is typed before there is a prompt, so that nothing is lost and nothing changes places.

        The input thread reads before the first screen is composed; a key that nobody has the focus for
        would be dropped.
        """
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            event = self._as_typed(event)
            if not self._is_listening:
                self._early.append(event)
                return
            if isinstance(self.screen, ChatScreen):
                # Here, where each key is met before the next: further in, a quick second key would already
                # be on its way to where the focus was.
                self.screen.meet(event)
        await super().on_event(event)

    def _as_typed(self, event: events.Key | events.Paste) -> events.Key | events.Paste:
        """Enter, pressed before the terminal was ours, came as the newline that terminals make of it."""
        if isinstance(event, events.Paste):
            return event
        is_early, self._typed_before = self._typed_before > 0, self._typed_before - _size_of(event)
        if event.key == "ctrl+j" and (is_early or not self._is_listening):
            return events.Key("enter", "\r")
        return event

    async def on_listening(self, message: Listening) -> None:
        """There is a prompt with the focus: it gets what was typed so far, in order."""
        message.stop()
        self._is_listening = True
        while self._early:
            await super().on_event(self._early.popleft())

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette: every action that makes sense there, from the one table."""
        for action in self._actions:
            method = getattr(self._chat, f"action_{action.id}", None)
            if (
                method is not None
                and action.where == "anywhere"
                and action.id not in ("palette", "interrupt", "stop")
            ):
                keys = " · ".join(part for part in (action.label, action.command) if part)
                yield SystemCommand(action.words.capitalize(), escape(keys), method)

    def on_person_called(self, message: PersonCalled) -> None:
        """What was waited for is there: whoever has another window in front of them is called."""
        message.stop()
        if self._settings.ui.notify and not self.app_focus and self._driver is not None:
            self._driver.write(call_sequence(message.text, os.environ))

    async def on_demo_asked(self, message: DemoAsked) -> None:
        """Go over to the demo model: another provider and another store behind the same screen."""
        message.stop()
        former, self.bridge = self.bridge, self._open_bridge(True)
        message.screen.take_bridge(self.bridge)
        await former.aclose()

    def _fatal_error(self) -> None:
        """A bug ends in a plain traceback; Textual's own prints every local variable, keys among them."""
        self.bell()
        text = traceback.format_exc().rstrip()
        self._exit_renderables.append(
            Text(f"{text}\n\nThis is a bug in leadline. What was asked and answered so far is stored.")
        )
        self._close_messages_no_wait()

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Leave; what belongs into the scrollback is taken while there still is a screen."""
        chat = next((screen for screen in self.screen_stack if isinstance(screen, ChatScreen)), None)
        if chat is not None and self._settings.ui.on_exit != "nothing":
            self.left = chat.left_behind(self._settings.ui.on_exit == "all")
        if chat is not None and (unsent := chat.unsent()):
            self.left += "\n\nnot asked:\n" + "\n".join(f"› {text}" for text in unsent)
            chat.docket.drop_waiting()  # the answer that is stopped by leaving must not call up the next one
        if chat is not None and (runs := chat.runs_under_way()):
            what = "a deep run was" if runs == 1 else f"{runs} deep runs were"
            self.left += f"\n\n{what} under way: /resume goes on with it when leadline is started again here"
        super().exit(result, return_code, message)


def _size_of(key: events.Key) -> int:
    """The bytes that a key came in; of one that writes nothing, one at least."""
    return len((key.character or "").encode()) or 1


def run_screen(
    settings: Settings,
    actions: tuple[Action, ...],
    environ: Mapping[str, str],
    is_demo: bool,
    goes_on: bool,
    frame: FirstFrame | None,
) -> int:
    """Run the app until it is left; the exit code.

    Args:
        frame: what was painted by hand already; the app takes over from there.
    """

    def open_bridge(demo: bool) -> Bridge:
        def open_engine() -> "tuple[Engine, str]":
            from core.engine.build import build_engine

            return build_engine(settings, find_paths(environ, demo).database, environ, demo)

        return Bridge(open_engine, None if demo else partial(_import_hot_path, settings.fast.provider))

    hear_alt_digits()
    driver, typed_before = None, 0
    if frame is not None:
        typed_before = frame.typed_before
        from tui.taking_over import driver_after  # POSIX only, as the frame is

        driver = driver_after(frame)
    app = LeadlineApp(
        settings, actions, open_bridge, is_demo, goes_on, driver_class=driver, typed_before=typed_before
    )

    async def run() -> None:
        _leave_on_signals(app)
        await app.run_async()
        await close(app.bridge)

    asyncio.run(run())
    if app.left:
        print(app.left.lstrip("\n"))
    return app.return_code or 0


def _import_hot_path(provider: str) -> None:
    """What the first question to a server needs, imported behind the first frame."""
    from core.providers.link import import_httpx

    import_httpx()
    if provider == "openai":
        import core.providers.openai.chat
    else:
        import core.providers.ollama.chat  # noqa: F401


def _leave_on_signals(app: LeadlineApp) -> None:
    """Being told to go is no reason to leave the terminal in disorder."""
    for name in ("SIGTERM", "SIGHUP"):
        if (number := getattr(signal, name, None)) is not None:
            with suppress(NotImplementedError):  # Windows
                asyncio.get_running_loop().add_signal_handler(number, app.exit, None, 128 + number)
