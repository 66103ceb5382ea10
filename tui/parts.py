"""How a part of a widget looks: what its component class says, and no more than it says."""

from rich.style import Style
from textual.widget import Widget


def part_style(widget: Widget, component: str) -> Style:
    """Only what the component's own rules say, to be added to the style around it.

    Textual's own partial style leaves out colours like ``$text-muted``, which depend on what is behind them.
    """
    styles = widget.get_component_styles(component)
    whole = styles.rich_style
    has_color = styles.has_rule("color") or styles.has_rule("auto_color")
    return (
        Style(
            color=whole.color if has_color else None,
            bgcolor=whole.bgcolor if styles.has_rule("background") else None,
        )
        + styles.text_style
    )
