"""The command line as completion scripts need it, read from the parsers so that it cannot drift."""

import argparse
from dataclasses import dataclass
from typing import Literal

from tui.arguments import COMMANDS, SHELLS, TOPICS, parser_of

Value = Literal["", "file", "model", "text"]


@dataclass(frozen=True, slots=True)
class Option:
    """One option.

    Attributes:
        flags: its names, ``-f`` and ``--file``.
        value: what stands behind it; empty when nothing does.
    """

    flags: tuple[str, ...]
    words: str
    value: Value


@dataclass(frozen=True, slots=True)
class Command:
    """One command; the screen's has no name.

    Attributes:
        operand: what else can stand behind it.
    """

    name: str
    words: str
    options: tuple[Option, ...]
    operand: Literal["", "command", "model", "topic", "text"]


def commands() -> tuple[Command, ...]:
    """Every command there is, the screen first."""
    return tuple(_command(name, words) for name, words in {"": "the screen", **COMMANDS}.items())


def topics() -> dict[str, tuple[str, ...]]:
    """The topics of ``leadline help``, each with what may stand behind it."""
    return {topic: SHELLS if topic in ("completion", "shell") else () for topic in TOPICS}


def _command(name: str, words: str) -> Command:
    actions = parser_of(name)._actions  # argparse has no other way to tell what it knows
    options = tuple(_option(action) for action in actions if action.option_strings)
    operand: Literal["", "command", "model", "topic", "text"] = "" if name else "command"
    for action in actions:
        match action.metavar:
            case "MODEL" if not action.option_strings:
                operand = "model"
            case "TOPIC":
                operand = "topic"
            case "QUESTION":
                operand = "text"
    return Command(name, words, options, operand)


def _option(action: argparse.Action) -> Option:
    value: Value = "" if action.nargs in (0, "?") else "text"  # behind "?" stands one with a sign, or none
    match action.metavar:
        case "FILE":
            value = "file"
        case "MODEL":
            value = "model"
    words = "help" if action.dest == "help" else (action.help or "")
    return Option(tuple(action.option_strings), words, value)
