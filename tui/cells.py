"""Texts cut to the room they have on a screen, counted in cells: some letters take two, some none."""

from rich.cells import cell_len, set_cell_size


def beginning(text: str, cells: int) -> str:
    """The text, or its beginning with an ellipsis."""
    return text if cell_len(text) <= cells else set_cell_size(text, max(0, cells - 1)).rstrip() + "…"


def ends(text: str, cells: int) -> str:
    """The text, or both its ends around an ellipsis: of a model's name, whose tag tells it from the next."""
    if cell_len(text) <= cells:
        return text
    head = set_cell_size(text, max(0, cells // 2 - 1)).rstrip()
    return head + ending(text, cells - cell_len(head))


def ending(text: str, cells: int) -> str:
    """The text, or its end behind an ellipsis: of a path that says more."""
    if cell_len(text) <= cells:
        return text
    text = text[-max(1, cells) :]  # no more can fit, and what is cut letter by letter must be short
    while text and cell_len(text) > cells - 1:
        text = text[1:]
    return f"…{text}"
