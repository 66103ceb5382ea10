"""Makes what is in ``screenshots/`` from the running app: ``python -m tests.bench.screenshots``.

The app runs with the demo model, so that every picture can be made again anywhere.
"""

import asyncio
import os
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.pilot import Pilot

from core.engine.build import build_engine
from core.engine.engine import Engine
from core.settings.model import Settings
from tui.app import LeadlineApp
from tui.bridge import Bridge
from tui.keys import ACTIONS
from tui.screens.chat import ChatScreen

FOLDER = Path(__file__).resolve().parents[2] / "screenshots"
QUESTION = "how do I undo the last commit?"

Scene = Callable[[Pilot[None], ChatScreen], Awaitable[None]]


async def answered(pilot: Pilot[None], chat: ChatScreen) -> None:
    """A question with its whole answer."""
    await pilot.press(*QUESTION, "enter")
    await until(pilot, lambda: chat.docket.last is not None and chat.docket.running is None)
    await pilot.pause(0.2)


async def helped(pilot: Pilot[None], chat: ChatScreen) -> None:
    """The help over an answer."""
    await answered(pilot, chat)
    await pilot.press("f1")
    await pilot.pause(0.2)


SCENES: dict[str, tuple[Scene, tuple[int, int]]] = {
    "chat-80x24": (answered, (80, 24)),
    "chat-200x50": (answered, (200, 50)),
    "help-80x24": (helped, (80, 24)),
}


async def until(pilot: Pilot[None], is_so: Callable[[], bool], most_s: float = 30.0) -> None:
    """Let the app run until something is so."""
    for _ in range(int(most_s / 0.05)):
        if is_so():
            return
        await pilot.pause(0.05)
    raise TimeoutError("the app did not get there")


async def take(name: str, scene: Scene, size: tuple[int, int], home: Path) -> None:
    """Run one scene in an app of its own and keep its picture."""

    def open_engine() -> tuple[Engine, str]:
        return build_engine(Settings(), home / f"{name}.db", os.environ, is_demo=True)

    app = LeadlineApp(Settings(), ACTIONS, lambda _: Bridge(open_engine), is_demo=True)
    async with app.run_test(size=size) as pilot:
        chat = app.screen
        assert isinstance(chat, ChatScreen)
        await until(pilot, lambda: chat.bridge.is_open)
        await scene(pilot, chat)
        (FOLDER / f"{name}.svg").write_text(app.export_screenshot(title="leadline"), encoding="utf-8")
    await app.bridge.aclose()


async def main() -> None:
    """Take every picture."""
    with tempfile.TemporaryDirectory() as home:
        for name, (scene, size) in SCENES.items():
            await take(name, scene, size, Path(home))
            print(f"screenshots/{name}.svg")


if __name__ == "__main__":
    asyncio.run(main())
