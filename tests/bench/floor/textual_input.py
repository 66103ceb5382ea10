"""A bare Textual app with one input: nobody who uses Textual can be up sooner."""

from textual.app import App, ComposeResult
from textual.widgets import Input


class Bare(App[None]):
    """An input and nothing else; it has the focus from the start."""

    def compose(self) -> ComposeResult:
        yield Input()


if __name__ == "__main__":
    Bare().run()
