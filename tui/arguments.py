"""The grammar of the command line: what each command takes; completion scripts are made from it as well."""

import argparse
from typing import NoReturn

from core.errors import UsageInvalid

COMMANDS = {
    "ask": "one answer on stdout",
    "models": "the models that are there",
    "pull": "fetch a model",
    "history": "what was asked and answered",
    "cache": "the answers that may be used again",
    "keys": "keys of providers: which there are, giving one, taking one away",
    "config": "the settings: where they are, what they say, changing them",
    "tune": "measure the models that are here, and say which gives most",
    "stats": "how long answers took, what was there before, what was made ahead, deep runs",
    "doctor": "what is wrong and how to mend it",
    "help": "help, also on one topic",
}
TOPICS = {
    "keys": "keys and commands of the screen",
    "ask": "the options of leadline ask",
    "settings": "config.toml and the environment",
    "completion": "a completion script for a shell",
    "shell": "a key that fills the command line; tmux; vim",
}
CACHE_COMMANDS = {
    "list": "the answers stored last",
    "show": "one of them, whole",
    "search": "those with all of these words in question or answer",
    "forget": "take some out; they stay in their conversations",
    "prune": "take out what is out of date, and what is too much",
    "pin": "keep some whatever their age; --off lets go again",
    "clear": "take out all; what you said against pairs of questions stays",
    "stats": "how much is there, of what use it was, and what was objected to",
}
KEYS_COMMANDS = {
    "list": "whom there is a key for, and where it is from",
    "set": "keep one; it is read without showing it, or from stdin",
    "remove": "keep it no longer",
}
CONFIG_COMMANDS = {
    "path": "where the file is, whether or not it is there",
    "show": "every setting, and who set it",
    "edit": "open the file in your editor, and look at what came of it",
    "set": "set one or more, and leave the rest of the file as it is",
    "unset": "take some out of the file; their defaults hold again",
}
SHELLS = ("bash", "zsh", "fish")
USUAL_COUNT = 20
_LONGEST_NUMBER = 18
_UNITS_S = {"m": 60.0, "h": 3600.0, "d": 24 * 3600.0, "w": 7 * 24 * 3600.0}


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, and how to see what is right."""

    def error(self, message: str) -> NoReturn:
        """Refuse.

        Raises:
            UsageInvalid: Always.
        """
        raise UsageInvalid(message, f"See `{self.prog} --help`.")


def parser_of(command: str, is_demo: bool = False) -> Parser:
    """What a command takes; the screen's has no name."""
    match command:
        case "":
            parser = _screen()
        case "ask":
            parser = _ask()
        case "help":
            parser = Parser(prog="leadline help", allow_abbrev=False)
            parser.add_argument("topics", nargs="*", metavar="TOPIC")
            return parser
        case "history":
            parser = _history()
        case "cache":
            return _cache(is_demo)
        case "config":
            return _config(is_demo)
        case "stats":
            parser = _stats()
        case "tune":
            parser = _tune()
        case _:
            parser = _chore(command)
    parser.add_argument("--demo", action="store_true", default=is_demo, help="the built-in demo model")
    return parser


def _screen() -> Parser:
    parser = Parser(prog="leadline", add_help=False, allow_abbrev=False)
    parser.add_argument(
        "-c",
        "--continue",
        dest="goes_on",
        action="store_true",
        help="go on with this project's last conversation",
    )
    parser.add_argument("-m", "--model", default="", metavar="MODEL", help="a model for this run")
    parser.add_argument("-h", "--help", action="store_true", help="help")
    parser.add_argument("-V", "--version", action="store_true", help="which leadline this is")
    return parser


def _ask() -> Parser:
    parser = Parser(
        prog="leadline ask",
        allow_abbrev=False,
        description="One answer on stdout.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="exit codes: 0 answered, 1 failed (text so far on stdout), 2 wrong usage, 130 interrupted",
    )
    parser.add_argument(
        "question", nargs="*", metavar="QUESTION", help="the question; without one, stdin is it"
    )
    parser.add_argument(
        "-f",
        "--file",
        action="append",
        default=[],
        metavar="FILE",
        help="send a file, FILE:10-40, a folder or a pattern along; repeatable",
    )
    parser.add_argument("-m", "--model", metavar="MODEL", help="a model for this question")
    parser.add_argument("-s", "--system", metavar="TEXT", help="a system prompt for this question")
    parser.add_argument(
        "-c",
        "--continue",
        dest="goes_on",
        action="store_true",
        help="go on with this project's last conversation",
    )
    parser.add_argument(
        "-x",
        "--extract",
        action="store_true",
        help="print the first code block only; the answer where there is none",
    )
    parser.add_argument(
        "--fit", action="store_true", help="drop the oldest turns when the window is too small"
    )
    parser.add_argument(
        "--allow-secrets", action="store_true", help="send what looks like a secret all the same"
    )
    _add_deep(parser)
    parser.add_argument("--no-cache", action="store_true", help="take no stored answer")
    parser.add_argument("--json", action="store_true", help="print one event a line")
    parser.set_defaults(stdin=None)
    return parser


def _add_deep(parser: Parser) -> None:
    parser.add_argument(
        "--deep",
        nargs="?",
        const="",
        choices=("", "deep", "deeper"),
        metavar="=deep|deeper",
        help="think it through: --deep=deep is one call, --deep=deeper a plan, its parts and a synthesis;"
        " --deep alone is what the settings say",
    )


def _history() -> Parser:
    parser = Parser(
        prog="leadline history",
        allow_abbrev=False,
        description="What was asked and answered; without words the last conversations.",
    )
    parser.add_argument(
        "words", nargs="*", metavar="SEARCH", help="words that must stand in a question or its answer"
    )
    parser.add_argument(
        "-n", dest="count", type=_number, default=USUAL_COUNT, metavar="COUNT", help="at most so many"
    )
    parser.add_argument("--here", action="store_true", help="only this project's")
    acts = parser.add_mutually_exclusive_group()
    acts.add_argument("--show", type=_number, metavar="ID", help="print a conversation as Markdown")
    acts.add_argument("--rename", type=_number, metavar="ID", help="give it the title that stands behind")
    acts.add_argument("--delete", type=_number, metavar="ID", help="delete it; --undo brings it back")
    acts.add_argument("--undo", type=_number, metavar="ID", help="bring a deleted conversation back")
    acts.add_argument("--purge", action="store_true", help="remove for good, now, what was deleted")
    parser.add_argument("--json", action="store_true", help="print JSON, one object a line")
    return parser


def _cache(is_demo: bool) -> Parser:
    parser = Parser(prog="leadline cache", description="The answers that may be used again.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, words in CACHE_COMMANDS.items():
        command = commands.add_parser(name, help=words, description=f"{words}.", allow_abbrev=False)
        if name in ("show", "forget", "pin"):
            command.add_argument(
                "ids",
                nargs=None if name == "show" else "*" if name == "forget" else "+",
                type=_number,
                metavar="ID",
                help="a number as `leadline cache list` shows it",
            )
        if name == "search":
            command.add_argument("words", nargs="+", metavar="WORD", help="what must stand in it")
        if name in ("list", "search"):
            command.add_argument(
                "-n", dest="count", type=_number, default=USUAL_COUNT, metavar="COUNT", help="at most so many"
            )
        if name == "list":
            command.add_argument("--pinned", action="store_true", help="pinned ones only")
        if name == "forget":
            command.add_argument(
                "--conversation", type=_number, metavar="ID", help="all that one conversation left"
            )
        if name == "pin":
            command.add_argument("--off", action="store_true", help="pinned no longer")
        if name == "clear":
            command.add_argument("--yes", action="store_true", help="do not ask first")
        command.add_argument("--json", action="store_true", help="print JSON, one object a line")
        command.add_argument("--demo", action="store_true", default=is_demo, help="the demo's own store")
    return parser


def _config(is_demo: bool) -> Parser:
    parser = Parser(prog="leadline config", description="Where the settings are, and what they say.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands", required=True)
    for name, words in CONFIG_COMMANDS.items():
        command = commands.add_parser(name, help=words, description=f"{words}.", allow_abbrev=False)
        if name == "set":
            command.add_argument(
                "pairs", nargs="+", metavar="KEY VALUE", help='as in deep.effort high, or prices.mine "1 4"'
            )
        if name == "unset":
            command.add_argument("names", nargs="+", metavar="KEY", help="as in deep.effort")
        if name == "show":
            command.add_argument("--json", action="store_true", help="print JSON, one object a line")
        command.add_argument("--demo", action="store_true", default=is_demo, help="the same: it has no other")
    return parser


def _stats() -> Parser:
    parser = Parser(
        prog="leadline stats",
        allow_abbrev=False,
        description="What was measured here: how long answers took, by model and as time went by; how often"
        " one was there before; what was made ahead, and what it was good for; deep runs, their times and"
        " their cost.",
    )
    parser.add_argument(
        "--since", type=_seconds, default="7d", metavar="TIME", help="how far back: 24h, 7d (the default), 4w"
    )
    parser.add_argument("--json", action="store_true", help="print JSON, one object a line")
    return parser


def _tune() -> Parser:
    parser = Parser(
        prog="leadline tune",
        allow_abbrev=False,
        description="Measure the models that are on this machine, and say which gives most: a quiz of 60"
        " questions that a machine grades, first tokens cold and warm, tokens a second, memory. Ctrl+C stops;"
        " the same command goes on.",
    )
    parser.add_argument("models", nargs="*", metavar="MODEL", help="only these; without one, all that fit")
    parser.add_argument("--quick", action="store_true", help="20 questions instead of 60")
    parser.add_argument("--again", action="store_true", help="also those that were measured here before")
    parser.add_argument("--yes", action="store_true", help="take what is proposed, without asking")
    parser.add_argument("--json", action="store_true", help="print JSON, one object a line")
    return parser


def _seconds(text: str) -> float:
    """A time as ``7d``: a number, and a unit behind it."""
    number, unit = text[:-1], text[-1:].lower()
    is_number = number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER
    if not (is_number and int(number) and unit in _UNITS_S):
        from core.sanitise import clean_line

        raise argparse.ArgumentTypeError(
            f"a time such as 24h, 7d or 4w is wanted, not {clean_line(text)[:40]!r}"
        )
    return int(number) * _UNITS_S[unit]


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER and int(text)):
        from core.sanitise import clean_line

        raise argparse.ArgumentTypeError(f"a number from 1 on is wanted, not {clean_line(text)[:40]!r}")
    return int(text)


def _chore(name: str) -> Parser:
    parser = Parser(prog=f"leadline {name}", allow_abbrev=False)
    if name == "keys":
        parser.add_argument("action", choices=tuple(KEYS_COMMANDS), metavar="|".join(KEYS_COMMANDS))
        parser.add_argument(
            "name",
            nargs="?",
            default="",
            metavar="WHOSE",
            help="openai, openrouter, ollama, anthropic, or an address; `set` reads it without showing it, or"
            " from stdin",
        )
    elif name == "models":
        parser.add_argument("--use", metavar="MODEL", help="answer with this model from now on")
    elif name == "pull":
        parser.add_argument(
            "model", metavar="MODEL", help="a name from ollama.com/library, as in llama3.2:3b"
        )
    else:
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    return parser
