"""The terminal: is there room and colour, does a copy reach the clipboard, what does tmux swallow?"""

import os
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.doctor.finding import Finding

LEAST_COLUMNS, LEAST_ROWS = 80, 24


@dataclass(frozen=True, slots=True)
class Terminal:
    """What the caller knows of the terminal; here nobody asks it anything.

    Attributes:
        colours: how many it can show; 0 when not known.
        encoding: of standard output.
        tmux_version: what ``tmux -V`` prints.
        tmux_options: what ``tmux show-options -s`` prints; empty when it did not.
    """

    is_tty: bool
    columns: int
    rows: int
    colours: int
    term: str
    encoding: str = "utf-8"
    in_tmux: bool = False
    tmux_version: str = ""
    tmux_options: str = ""


@dataclass(frozen=True, slots=True)
class _Wish:
    """An option of tmux that we would like otherwise."""

    option: str
    is_met: Callable[[str], bool]
    loss: str
    remedy: str


def check_terminal(terminal: Terminal, environ: Mapping[str, str]) -> list[Finding]:
    """Size, colours and encoding."""
    if not terminal.is_tty:
        return [Finding("terminal", "ok", "standard output is no terminal; only leadline ask works here")]
    findings = []
    if os.name != "nt" and terminal.term in ("", "dumb"):
        message = f"TERM is {terminal.term or 'not set'}: the screen cannot be drawn"
        findings.append(Finding("terminal", "problem", message, "Use leadline ask, or another terminal."))
    if terminal.columns < LEAST_COLUMNS or terminal.rows < LEAST_ROWS:
        message = f"{terminal.columns}x{terminal.rows} is small; some rows will not fit"
        remedy = f"Make the window at least {LEAST_COLUMNS}x{LEAST_ROWS}."
        findings.append(Finding("terminal", "warning", message, remedy))
    if terminal.encoding.lower().replace("-", "").replace("_", "") != "utf8":
        message = f"the encoding is {terminal.encoding}; much of an answer cannot be shown in it"
        findings.append(
            Finding("terminal", "warning", message, "Set a UTF-8 locale, for example LANG=C.UTF-8.")
        )
    colours, is_poor = _colours(terminal, environ)
    if is_poor:
        remedy = "Set COLORTERM=truecolor if the terminal can, or TERM to its own name (xterm-256color)."
        findings.append(Finding("terminal", "warning", colours, remedy))
    if not findings:
        size = f"{terminal.columns}x{terminal.rows}"
        findings.append(Finding("terminal", "ok", f"{terminal.term or 'console'}, {size}, {colours}"))
    return findings


def check_clipboard(terminal: Terminal, environ: Mapping[str, str]) -> list[Finding]:
    """Which way a copy can go: a tool of the system, or the terminal itself (OSC 52)."""
    if not terminal.is_tty:
        return []
    path = environ.get("PATH", os.defpath)
    # A tool without its display is there and fails.
    tools = [
        tool
        for tool, display in (
            ("pbcopy", ""),
            ("clip.exe", ""),
            ("wl-copy", "WAYLAND_DISPLAY"),
            ("xclip", "DISPLAY"),
            ("xsel", "DISPLAY"),
        )
        if (not display or environ.get(display)) and shutil.which(tool, path=path)
    ]
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return [Finding("clipboard", "ok", "over SSH a copy goes by OSC 52, if your terminal allows it")]
    if tools:
        return [Finding("clipboard", "ok", f"{', '.join(tools)}, and OSC 52 where the terminal allows it")]
    package = "wl-clipboard" if environ.get("WAYLAND_DISPLAY") else "xclip" if environ.get("DISPLAY") else ""
    remedy = f"Install {package}." if package else "Allow OSC 52 in the terminal's settings."
    return [Finding("clipboard", "warning", "no clipboard tool; a copy goes by OSC 52 only", remedy)]


def check_tmux(terminal: Terminal) -> list[Finding]:
    """What tmux keeps from us, and the line for its configuration that mends it."""
    if not terminal.in_tmux:
        return []
    version = terminal.tmux_version.strip() or "tmux"
    number = re.search(r"(\d+)\.(\d+)", version)
    if number and (int(number[1]), int(number[2])) < (3, 2):
        message = f"{version} is old: shift+enter and parts of copying do not work"
        return [
            Finding("tmux", "warning", message, "Use tmux 3.2 or newer; ctrl+j makes a new line everywhere.")
        ]
    if not terminal.tmux_options:
        message = f"{version}: its options could not be read"
        return [Finding("tmux", "warning", message, "See whether this works here: tmux show-options -s")]
    options = {}
    for line in terminal.tmux_options.splitlines():
        option, _, value = line.strip().partition(" ")
        options[option] = value.strip("\"'")
    findings = [
        Finding("tmux", "warning", f"{wish.option} is {options[wish.option]}: {wish.loss}", wish.remedy)
        for wish in _WISHES
        if wish.option in options and not wish.is_met(options[wish.option])
    ]
    return findings or [Finding("tmux", "ok", f"{version}, its options suit")]


def _colours(terminal: Terminal, environ: Mapping[str, str]) -> tuple[str, bool]:
    """The colours in words, and whether there are too few."""
    if environ.get("NO_COLOR"):
        return "no colours, as NO_COLOR asks", False
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") or terminal.colours > 256:
        return "16 million colours", False
    if terminal.colours == 0:
        return "colours not known", False
    return f"{terminal.colours} colours", terminal.colours < 256


def _line(option: str, value: str) -> str:
    return f"Put into ~/.tmux.conf: set -s {option} {value}"


_WISHES = (
    _Wish(
        "set-clipboard",
        lambda value: value == "on",  # "external" takes OSC 52 from nobody inside tmux
        "a copy by OSC 52 does not pass",
        _line("set-clipboard", "on"),
    ),
    _Wish(
        "focus-events",
        lambda value: value == "on",
        "leadline cannot tell whether it is looked at, and works ahead all the same",
        _line("focus-events", "on"),
    ),
    _Wish(
        "extended-keys",
        lambda value: value in ("on", "always"),
        "shift+enter arrives as enter; ctrl+j makes a new line",
        _line("extended-keys", "on"),
    ),
    _Wish(
        "escape-time",
        lambda value: not value.isdigit() or int(value) <= 50,
        "esc arrives that many milliseconds late",
        _line("escape-time", "10"),
    ),
)
