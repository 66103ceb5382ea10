"""Two themes; every colour of the app is one of their variables."""

from textual.theme import Theme

LEADLINE_DARK = Theme(
    name="leadline-dark",
    primary="#7aa2d4",
    secondary="#8fb8a8",
    accent="#e0b36a",
    foreground="#d6d9dd",
    background="#14171b",
    surface="#191d22",
    panel="#20252b",
    success="#8fbf7f",
    warning="#e0b36a",
    error="#e07a78",
    dark=True,
)
LEADLINE_LIGHT = Theme(
    name="leadline-light",
    primary="#2d5f9a",
    secondary="#2f6f5c",
    accent="#8a5a00",
    foreground="#1f2328",
    background="#fbfbf9",
    surface="#f3f3ef",
    panel="#e8e8e2",
    success="#2f6f2f",
    warning="#8a5a00",
    error="#a8322f",
    dark=False,
)
THEMES = (LEADLINE_DARK, LEADLINE_LIGHT)
