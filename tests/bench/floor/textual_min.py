"""A bare Textual chat as Textual's manual builds one: a `Markdown` widget for each answer, and its stream.

Called with the server's address.
"""

from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Input, Markdown, Static

from tests.bench.floor.chat_client import Client, Said, arguments


class Bare(App[None]):
    """Answers and an input."""

    AUTO_FOCUS = "Input"

    def __init__(self, url: str, said: Said) -> None:
        super().__init__()
        self._client = Client(url, list(said))
        self._early = said

    def compose(self) -> ComposeResult:
        with VerticalScroll() as answers:
            for message in self._early:
                text = message["content"]
                yield Static(text, markup=False) if message["role"] == "user" else Markdown(text)
        answers.anchor()
        yield Input()

    def on_mount(self) -> None:
        """Httpx behind the first frame."""
        self.call_after_refresh(lambda: self.run_worker(self._client.open()))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Ask."""
        event.input.clear()
        self.run_worker(self._ask(event.value), exclusive=True)

    async def _ask(self, question: str) -> None:
        answers = self.query_one(VerticalScroll)
        answer = Markdown()
        await answers.mount(Static(f"> {question}", markup=False), answer)
        stream = Markdown.get_stream(answer)
        try:
            async for text in self._client.ask(question):
                await stream.write(text)
        finally:
            await stream.stop()


if __name__ == "__main__":
    Bare(*arguments()).run()
