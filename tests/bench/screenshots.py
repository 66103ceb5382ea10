"""Makes what is in ``screenshots/`` from the running app: ``python -m tests.bench.screenshots``.

The app runs with the demo model, and where models are measured with the test server's, so that every picture
can be made again anywhere. Names behind the command take those alone.
"""

import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

from textual.pilot import Pilot

from core.deep.arming import Prepared
from core.deep.money import Estimate
from core.deep.question import DeepQuestion, ItemKind, PackItem
from core.engine.build import build_engine
from core.engine.engine import Engine
from core.settings.model import Settings
from core.store.database import Database
from tests.answers import answered as put_answer
from tests.server import Model, OllamaServer, Script
from tests.server.quiz import pupil_scene
from tui.app import LeadlineApp
from tui.bridge import Bridge
from tui.keys import ACTIONS
from tui.run_wording import step_now
from tui.screens.chat import ChatScreen
from tui.screens.tune import TuneScreen

FOLDER = Path(__file__).resolve().parents[2] / "screenshots"
QUESTION = "how do I undo the last commit?"

TUNED = Script(
    models=(
        Model("llama3.2:1b", size=1_300_000_000),
        Model("qwen3:4b", size=2_500_000_000),
        Model("qwen3:8b", size=5_200_000_000),
    ),
    scenes=(
        pupil_scene("llama3.2:1b", 0.55, 0.06),
        pupil_scene("qwen3:4b", 0.78, 0.2),
        pupil_scene("qwen3:8b", 0.84, 1.3),
    ),
    load_s=1.5,
)
"""The models that are measured in a picture."""

Scene = Callable[[Pilot[None], ChatScreen], Awaitable[None]]


async def answered(pilot: Pilot[None], chat: ChatScreen) -> None:
    """A question with its whole answer."""
    await pilot.press(*QUESTION, "enter")
    await until(pilot, lambda: chat.docket.last is not None and chat.docket.running is None)
    await pilot.pause(0.2)


async def sourced(pilot: Pilot[None], chat: ChatScreen) -> None:
    """A question with what goes along, and more to choose from."""
    await pilot.press(*"why does @test_adder.py fail with @ad")
    await pilot.pause(1.0)


async def offered(pilot: Pilot[None], chat: ChatScreen) -> None:
    """A fresh answer below the offer of a stored one."""
    for question in ("How do I create and extract a tar archive?", "how do I create a tar archive?"):
        await pilot.press("ctrl+n", *question, "enter")
        await until(pilot, lambda: chat.docket.last is not None and chat.docket.running is None)
    await pilot.pause(0.2)


async def looked_back(pilot: Pilot[None], chat: ChatScreen) -> None:
    """The history, searched."""
    await offered(pilot, chat)
    await pilot.press(*"/history tar", "enter")
    await pilot.pause(0.5)


async def agreed(pilot: Pilot[None], chat: ChatScreen) -> None:
    """What is said to leave may go."""
    await until(pilot, lambda: chat.is_deep and chat.depth.deepener.is_armed)
    await pilot.press(*"/go", "enter")


async def deepened(pilot: Pilot[None], chat: ChatScreen) -> None:
    """A run in parts that writes its answer beside the draft."""
    await answered(pilot, chat)
    await pilot.press(*"/deeper", "enter")
    await agreed(pilot, chat)
    await until(pilot, lambda: "write" in _deep(chat), 30.0)
    await pilot.pause(1.0)


async def folded(pilot: Pilot[None], chat: ChatScreen) -> None:
    """A run that is over, in one row."""
    await answered(pilot, chat)
    await pilot.press("ctrl+t")
    await agreed(pilot, chat)
    await until(pilot, lambda: chat.is_deep and chat.depth.board.current is not None)
    await until(pilot, lambda: chat.runs_under_way() == 0)
    await pilot.pause(0.5)


async def armed(pilot: Pilot[None], chat: ChatScreen) -> None:
    """What would leave, before it does."""
    await answered(pilot, chat)
    deep = await chat.bridge.deepen()
    prepare = deep.prepare

    async def prepare_far(question: DeepQuestion) -> Prepared:
        prepared = await prepare(question)
        far = replace(prepared.depth, host="api.anthropic.com", place="REMOTE api.anthropic.com")
        item = PackItem("turn-1", ItemKind.TURN, "turn 1", 812)
        source = PackItem("source-1", ItemKind.SOURCE, "test_adder.py", 340)
        pack = replace(prepared.pack, items=(item, source))
        estimate = Estimate(1270, 0.05)
        asks = ("first time to api.anthropic.com here",)
        return replace(prepared, depth=far, pack=pack, estimate=estimate, asks=asks)

    deep.prepare = prepare_far  # type: ignore[method-assign]  # the demo sends nothing anywhere
    await pilot.press("ctrl+t")
    await until(pilot, lambda: chat.is_deep and chat.depth.deepener.is_armed)
    await pilot.pause(0.5)


def _deep(chat: ChatScreen) -> str:
    """What the open run does."""
    status = chat.depth.board.current if chat.is_deep else None
    return step_now(status)[1].name if status is not None else ""


async def helped(pilot: Pilot[None], chat: ChatScreen) -> None:
    """The help over an answer."""
    await answered(pilot, chat)
    await pilot.press("f1")
    await pilot.pause(0.2)


async def foreseen(pilot: Pilot[None], chat: ChatScreen) -> None:
    """Follow-up questions under an answer, with answers made ahead."""
    await answered(pilot, chat)
    await until(pilot, lambda: "●" in chat.chips.render_line(0).text, 60.0)
    await pilot.pause(0.2)


async def accounted(pilot: Pilot[None], chat: ChatScreen) -> None:
    """What is done ahead, and what it was good for."""
    await foreseen(pilot, chat)
    await pilot.press("alt+2")
    await until(pilot, lambda: chat.docket.running is None)
    await pilot.press(*"/speculation", "enter")
    await pilot.pause(0.5)


async def summed_up(pilot: Pilot[None], chat: ChatScreen) -> None:
    """What three weeks of use were like."""
    await pilot.press(*"/stats", "enter")
    await pilot.pause(0.5)
    await pilot.press("s")  # thirty days
    await pilot.pause(2.0)


async def measured(pilot: Pilot[None], chat: ChatScreen) -> None:
    """Three models measured, one of them proposed."""
    await pilot.press(*"/tune", "enter")
    await pilot.pause(1.0)
    await pilot.press("k")
    screen = chat.app.screen
    assert isinstance(screen, TuneScreen)
    await until(pilot, lambda: not screen._is_running, 120.0)
    await pilot.pause(0.5)


def live(path: Path) -> None:
    """Three weeks of questions, the same ones each time this is run."""
    chance, now = random.Random(8), time.time()
    database = Database.open(path, lambda: now)
    for number in range(400):
        at = now - (400 - number) * 21 * 86_400 / 400
        route = chance.choices(("fast", "exact-hit", "prefetch-hit", "semantic-hit"), (70, 12, 10, 8))[0]
        model = chance.choices(("qwen3:4b", "qwen3:8b"), (80, 20))[0]
        slow = 4.0 if model == "qwen3:8b" else 1.0
        first = chance.lognormvariate(5.6, 0.6) * slow if route == "fast" else chance.uniform(12, 40)
        whole = first + (chance.uniform(1500, 6000) * slow if route == "fast" else 0.0)
        put_answer(
            database,
            at=at,
            model=model,
            route=route,
            ttft_ms=first,
            paint_ms=first + chance.uniform(4, 16),
            total_ms=whole,
            decode_ms=(whole - first) if route == "fast" else None,
            output_tokens=round((whole - first) * 0.04 / slow) if route == "fast" else None,
        )
    database.close()


PROJECT = {
    "adder.py": "def add(a, b):\n    return a - b\n",
    "test_adder.py": "from adder import add\n\n\ndef test_add():\n    assert add(2, 2) == 4\n",
    "address_book.py": "BOOK = {}\n",
}
"""What the person in the pictures works on."""

SCENES: dict[str, tuple[Scene, tuple[int, int]]] = {
    "chat-80x24": (answered, (80, 24)),
    "chat-200x50": (answered, (200, 50)),
    "sources-80x24": (sourced, (80, 24)),
    "stored-80x24": (offered, (80, 24)),
    "follow-ups-80x24": (foreseen, (80, 24)),
    "speculation-80x24": (accounted, (80, 24)),
    "history-80x24": (looked_back, (80, 24)),
    "deep-80x24": (deepened, (80, 24)),
    "deep-200x50": (deepened, (200, 50)),
    "deep-row-80x24": (folded, (80, 24)),
    "deep-asks-80x24": (armed, (80, 24)),
    "stats-100x60": (summed_up, (100, 60)),
    "tune-80x24": (measured, (80, 24)),
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
    is_demo = scene is not measured
    if scene is summed_up:
        live(home / f"{name}.db")

    def open_engine() -> tuple[Engine, str]:
        return build_engine(Settings(), home / f"{name}.db", os.environ, is_demo=is_demo)

    app = LeadlineApp(Settings(), ACTIONS, lambda _: Bridge(open_engine), is_demo=is_demo)
    async with app.run_test(size=size) as pilot:
        chat = app.screen
        assert isinstance(chat, ChatScreen)
        await until(pilot, lambda: chat.bridge.is_open)
        await scene(pilot, chat)
        (FOLDER / f"{name}.svg").write_text(app.export_screenshot(title="leadline"), encoding="utf-8")
    await app.bridge.aclose()


async def main(wanted: Sequence[str] = ()) -> None:
    """Take every picture, or those that are named."""
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory() as project:
        for name, text in PROJECT.items():
            (Path(project) / name).write_text(text, encoding="utf-8")
        os.chdir(project)  # nobody's own files are in the pictures
        with OllamaServer(TUNED) as server:
            os.environ["OLLAMA_HOST"] = server.url
            for name, (scene, size) in SCENES.items():
                if wanted and name not in wanted:
                    continue
                await take(name, scene, size, Path(home))
                print(f"screenshots/{name}.svg")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
