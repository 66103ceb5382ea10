"""The first frame, painted by hand before Textual is imported, so that the app is there at once.

Importing Textual takes ten times as long as starting Python. What is painted here is, cell for cell, what
Textual paints first (a test compares them), so that nobody sees the change. What is typed meanwhile waits in
the terminal, unechoed, and is Textual's to read. POSIX only, and only on terminals that show 24-bit colours:
anywhere else the colours could differ, and that would be seen.
"""

import os
import sys
from collections.abc import Mapping

PLACEHOLDER = "Ask anything · enter sends · F1 help"
STARTING, HELP = "starting", "F1 help"
ALTERNATE_SCREEN = "\x1b[?1049h"
_LEAST_COLUMNS, _LEAST_ROWS = 50, 5
_NO_PAINT = ("NO_COLOR", "TEXTUAL_COLOR_SYSTEM", "TEXTUAL_DRIVER", "TEXTUAL")


COLOURS = {
    "leadline-dark": {
        "background": "20;23;27",
        "surface": "25;29;34",
        "panel": "32;37;43",
        "foreground": "214;217;221",
        "muted-on-surface": "163;164;166",
        "muted-on-panel": "165;167;170",
    },
}
"""What Textual makes of a theme's variables in the first frame; red, green and blue with semicolons."""


class FirstFrame:
    """A terminal that is quiet, and perhaps painted already, until Textual takes it over.

    Attributes:
        attributes: of the terminal as it was.
        typed_before: bytes that were typed while it still was so.
    """

    def __init__(self, output: int, keyboard: int) -> None:
        """Take the terminal.

        Raises:
            termios.error: It is none.
        """
        import termios

        self._output = output
        self._keyboard = keyboard
        self._is_painted = False
        self.attributes = termios.tcgetattr(keyboard)
        self.typed_before = 0

    def hush(self) -> None:
        """Keep what is typed for Textual: unechoed, key by key, and enter as the enter it was.

        In a terminal's ordinary mode enter arrives as a newline, which would be another key, and ctrl+s and
        ctrl+q do not arrive at all: they stop what is written, and let it go on.
        """
        import termios

        quiet = list(self.attributes)
        quiet[0] &= ~(termios.ICRNL | termios.IXON | termios.IXOFF)
        quiet[3] &= ~(termios.ECHO | termios.ICANON)
        termios.tcsetattr(self._keyboard, termios.TCSANOW, quiet)
        self.typed_before = _waiting(self._keyboard)

    def paint(self, colours: Mapping[str, str], columns: int, rows: int) -> None:
        """Show the frame."""
        self._is_painted = True
        os.write(self._output, draw(colours, columns, rows).encode())

    def hand_over(self) -> bool:
        """Textual takes over; True when the alternate screen is up already, and only the first time."""
        was_painted, self._is_painted = self._is_painted, False
        return was_painted

    def restore(self) -> None:
        """Give the terminal back as it was, whoever painted last."""
        import termios

        if self.hand_over():
            os.write(self._output, b"\x1b[?25h\x1b[?1049l")
        termios.tcsetattr(self._keyboard, termios.TCSANOW, self.attributes)


def _waiting(keyboard: int) -> int:
    """The bytes that can be read without waiting."""
    import fcntl
    import struct
    import termios

    try:
        (count,) = struct.unpack("i", fcntl.ioctl(keyboard, termios.FIONREAD, struct.pack("i", 0)))
    except OSError:  # a terminal that cannot say it; what comes before the prompt counts as typed early
        return 0
    return int(count)


def begin_early(arguments: list[str], environ: Mapping[str, str]) -> FirstFrame | None:
    """Begin before the settings are read, where they can only be the defaults; else None: it is done later.

    Reading them takes longer than Python's own start. Should the guess ever be wrong, the second frame has
    other colours than the first, and no more.
    """
    is_screen = set(arguments) <= {"-c", "--continue", "--demo"}
    is_set = any(name.startswith("LEADLINE_UI__") for name in environ)
    if not is_screen or is_set or os.path.exists(_config_file(environ)):
        return None
    return begin("leadline-dark", environ)


def _config_file(environ: Mapping[str, str]) -> str:
    """Where `core.settings.paths` looks, without what that imports."""
    if home := environ.get("LEADLINE_HOME", "").strip():
        return os.path.join(os.path.expanduser(home), "config.toml")
    default = "~/Library/Application Support" if sys.platform == "darwin" else "~/.config"
    folder = environ.get("XDG_CONFIG_HOME", "").strip() or default
    return os.path.join(os.path.expanduser(folder), "leadline", "config.toml")


def begin(theme: str, environ: Mapping[str, str]) -> FirstFrame | None:
    """Quieten the terminal and paint, as far as that can be done unseen; None where there is no terminal."""
    if os.name != "posix":
        return None
    import termios

    frame = None
    try:
        keyboard, output = sys.__stdin__.fileno(), sys.__stderr__.fileno()  # type: ignore[union-attr]
        size = os.get_terminal_size(output)
        frame = FirstFrame(output, keyboard)
        frame.hush()
        colours = COLOURS.get(theme)
        is_large = size.columns >= _LEAST_COLUMNS and size.lines >= _LEAST_ROWS
        if colours is not None and is_large and _may_paint(environ):
            frame.paint(colours, size.columns, size.lines)
    except (AttributeError, ValueError, OSError, termios.error):
        return None
    except KeyboardInterrupt:
        if frame is not None:
            frame.restore()
        raise
    return frame


def draw(colours: Mapping[str, str], columns: int, rows: int) -> str:
    """The bytes of the frame: transcript and notice row empty, prompt with its placeholder, status line."""
    muted = f"\x1b[38;2;{colours['muted-on-surface']};48;2;{colours['surface']}m"
    cursor = f"\x1b[38;2;{colours['background']};48;2;{colours['foreground']}m"
    gap = columns - 2 - len(STARTING) - len(HELP)
    return "".join(
        (
            # Spaces and not "erase": some terminals erase to their own background.
            f"{ALTERNATE_SCREEN}\x1b[?25l\x1b[48;2;{colours['background']}m",
            *(f"\x1b[{row};1H{' ' * columns}" for row in range(1, rows - 1)),
            f"\x1b[{rows - 1};1H{muted} {cursor}{PLACEHOLDER[0]}{muted}{PLACEHOLDER[1:]}",
            " " * (columns - 1 - len(PLACEHOLDER)),
            f"\x1b[{rows};1H\x1b[38;2;{colours['muted-on-panel']};48;2;{colours['panel']}m",
            f" {STARTING}{' ' * gap}{HELP} \x1b[0m",
        )
    )


def _may_paint(environ: Mapping[str, str]) -> bool:
    is_true_colour = environ.get("COLORTERM", "").lower() in ("truecolor", "24bit")
    is_plain = environ.get("TERM", "dumb") in ("dumb", "unknown") or any(
        environ.get(name) for name in _NO_PAINT
    )
    return os.name == "posix" and is_true_colour and not is_plain
