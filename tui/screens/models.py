"""The model picker: what the server has, where it runs, and what is loaded."""

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.wording import describe_model

if TYPE_CHECKING:
    from core.providers.base import ModelInfo


class ModelScreen(ModalScreen[str | None]):
    """Choose a model; dismissed with its name, or None."""

    DEFAULT_CSS = """
    ModelScreen { align: center middle; background: $background 60%; }
    ModelScreen Vertical {
        width: 90%; min-width: 20; max-width: 90; height: auto; max-height: 80%;
        padding: 1 2; background: $surface; border: round $primary;
    }
    ModelScreen Static { color: $text-muted; }
    ModelScreen OptionList { height: auto; max-height: 16; background: $surface; border: none; }
    ModelScreen OptionList:focus { border: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("escape,f2", "dismiss(None)", "Close")]

    def __init__(
        self, models: "tuple[ModelInfo, ...]", in_use: str, place: "Callable[[ModelInfo], str]"
    ) -> None:
        super().__init__()
        self._models = models
        self._in_use = in_use
        self._place = place

    def compose(self) -> ComposeResult:
        """A list with a line of help; texts come from a server, so they are never markup."""
        width = max((len(model.name) for model in self._models), default=0)
        with Vertical():
            yield Static("Which model answers from now on? enter chooses · esc leaves it", markup=False)
            yield OptionList(*(Option(self._line(model, width)) for model in self._models), markup=False)

    def on_mount(self) -> None:
        """Begin at the model in use."""
        names = [model.name for model in self._models]
        picker = self.query_one(OptionList)
        picker.highlighted = names.index(self._in_use) if self._in_use in names else 0
        self.set_focus(picker)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click chooses."""
        self.dismiss(self._models[event.option_index].name)

    def _line(self, model: "ModelInfo", width: int) -> Content:
        mark = "*" if model.name == self._in_use else " "
        return Content(f"{mark} {model.name:<{width}}  {describe_model(model, self._place(model))}")
