"""A transcript on a real screen, for the tests of it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Static

from core.messages import Answer, AnswerState, Attachment, Route, Turn
from tui.transcript.view import Transcript

Scene = Callable[[Transcript, Pilot[None]], Awaitable[None]]


class Stage(App[None]):
    """The transcript above one line, as on the real screen."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self) -> None:
        super().__init__()
        self.chosen: list[str] = []

    def compose(self) -> ComposeResult:
        yield Transcript()
        yield Static("prompt")

    def on_mount(self) -> None:
        self.query_one(Transcript).focus()

    def on_transcript_link_chosen(self, message: Transcript.LinkChosen) -> None:
        self.chosen.append(message.url)


def play(scene: Scene, size: tuple[int, int] = (60, 21)) -> None:
    """Act a scene on a stage of this size."""

    async def main() -> None:
        app = Stage()
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await scene(app.query_one(Transcript), pilot)

    asyncio.run(main())


def stored(number: int, text: str = "answer") -> Turn:
    """A turn as the store gives it."""
    answer = Answer(
        id=number,
        turn=number,
        route=Route.FAST,
        model="qwen3:4b",
        provider="ollama",
        place="local",
        state=AnswerState.COMPLETE,
        text=f"{text} {number}",
        started_at=0.0,
        ttft_ms=210,
    )
    files = (Attachment("a.py", "x", ""),) if number % 2 else ()
    return Turn(number, 1, f"question {number}", 0.0, files, (answer,), answer)


class Shelf:
    """A stored conversation that counts what is read of it."""

    def __init__(self, count: int, text: str = "answer") -> None:
        self.count = count
        self.text = text
        self.read = 0

    def keys(self) -> Sequence[int]:
        """The ids of all turns."""
        return range(self.count)

    def page(self, before: int | None, last: int) -> Sequence[Turn]:
        """Some of them."""
        end = self.count if before is None else before
        self.read += min(end, last)
        return [stored(number, self.text) for number in range(max(0, end - last), end)]


def ask(view: Transcript, key: int, answer: str) -> None:
    """A whole turn."""
    view.begin_turn(key, f"question {key}")
    view.begin_answer(key)
    view.append(key, answer)
    view.end_answer(key, AnswerState.COMPLETE)


def numbered(count: int, first: int = 0) -> str:
    """Paragraphs that can be told apart."""
    return "".join(f"line {number}\n\n" for number in range(first, first + count))
