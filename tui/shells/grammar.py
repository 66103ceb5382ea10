"""The command line as completion scripts need it, read from the parsers so that it cannot drift."""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tui.arguments import (
    CACHE_COMMANDS,
    COMMANDS,
    CONFIG_COMMANDS,
    KEYS_COMMANDS,
    SHELLS,
    TOPICS,
    parser_of,
)

Value = Literal["", "file", "model", "text"]
_ACTS = {"cache": CACHE_COMMANDS, "keys": KEYS_COMMANDS, "config": CONFIG_COMMANDS}


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
        acts: what it does, by the word that stands right behind it, each with its words.
        behind: by such a word, what can stand behind that.
    """

    name: str
    words: str
    options: tuple[Option, ...]
    operand: Literal["", "command", "model", "topic", "text"]
    acts: Mapping[str, str] = field(default_factory=dict)
    behind: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def commands() -> tuple[Command, ...]:
    """Every command there is, the screen first."""
    return tuple(_command(name, words) for name, words in {"": "the screen", **COMMANDS}.items())


def topics() -> dict[str, tuple[str, ...]]:
    """The topics of ``leadline help``, each with what may stand behind it."""
    return {topic: SHELLS if topic in ("completion", "shell") else () for topic in TOPICS}


def _command(name: str, words: str) -> Command:
    actions = _actions(parser_of(name))
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
    return Command(name, words, options, operand, _ACTS.get(name, {}), _behind(name))


def _actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """What a parser takes, and those of its own commands; each option once."""
    known: list[argparse.Action] = []  # argparse has no other way to tell what it knows
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            known += [each for inner in action.choices.values() for each in inner._actions]
        else:
            known.append(action)
    once = {tuple(action.option_strings) or action.dest: action for action in reversed(known)}
    return list(reversed(once.values()))


def _behind(name: str) -> dict[str, tuple[str, ...]]:
    match name:
        case "keys":
            from core.settings.api_keys import VENDORS

            return {"set": tuple(VENDORS), "remove": tuple(VENDORS)}
        case "config":
            from core.settings.load import names

            return {"set": names(), "unset": names()}
    return {}


def _option(action: argparse.Action) -> Option:
    value: Value = "" if action.nargs in (0, "?") else "text"  # behind "?" stands one with a sign, or none
    match action.metavar:
        case "FILE":
            value = "file"
        case "MODEL":
            value = "model"
    words = "help" if action.dest == "help" else (action.help or "")
    return Option(tuple(action.option_strings), words, value)
