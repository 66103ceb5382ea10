"""The grammar of the command line: what each command takes; completion scripts are made from it as well."""

import argparse
from typing import NoReturn

from core.errors import UsageInvalid

COMMANDS = {
    "ask": "one answer on stdout",
    "models": "the models that are there",
    "pull": "fetch a model",
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
SHELLS = ("bash", "zsh", "fish")


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
        "-f", "--file", action="append", default=[], metavar="FILE", help="send a file along; repeatable"
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
    parser.add_argument("--no-cache", action="store_true", help="take no stored answer")
    parser.add_argument("--json", action="store_true", help="print one event a line")
    return parser


def _chore(name: str) -> Parser:
    parser = Parser(prog=f"leadline {name}", allow_abbrev=False)
    if name == "models":
        parser.add_argument("--use", metavar="MODEL", help="answer with this model from now on")
    elif name == "pull":
        parser.add_argument(
            "model", metavar="MODEL", help="a name from ollama.com/library, as in llama3.2:3b"
        )
    else:
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    return parser
