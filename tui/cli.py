"""Arguments to what they ask for; everything is imported as late as it is needed."""

import argparse
import gc
import io
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from core.errors import HouseError, SettingsInvalid, UsageInvalid
from core.sanitise import clean
from tui.first_frame import FirstFrame, begin

FAILED, WRONG_USAGE, INTERRUPTED = 1, 2, 130
NOT_BUILT = ("tune", "history", "export", "import", "cache", "stats", "config", "keys")
HELP = """\
leadline: answers now, depth when you ask.

  leadline                        the screen (-c goes on with this directory's last conversation)
  leadline ask [QUESTION...]      one answer on stdout; reads stdin (git diff | leadline ask "review this")
  leadline models                 the models that are there; --use NAME chooses one
  leadline pull MODEL             fetch a model; the same command goes on after a stop
  leadline doctor                 what is wrong and how to mend it
  leadline help [keys|ask|settings]
  leadline --demo …               all of it with the built-in demo model and a store of its own
"""
HELP_SETTINGS = """\
Settings come from: defaults < config.toml < environment < flags. `leadline doctor` shows where the file is.

[fast]
base_url = ""          # "" = OLLAMA_HOST, or 127.0.0.1:11434
model = "auto"         # auto chooses once by what is installed, and keeps it
keep_alive = "30m"     # how long the model stays loaded
num_ctx = 0            # tokens of the window; 0 = the loaded model's own, at least 8192
system = ""            # "" = the built-in system prompt
[ui]
theme = "leadline-dark"  # or leadline-light
on_exit = "last"       # last | all | nothing: what stays in the scrollback
[keys]                 # action id = "keys"; `leadline help keys` lists the ids

Each also as LEADLINE_<SECTION>__<KEY>, as in LEADLINE_FAST__MODEL=qwen3:4b. LEADLINE_HOME puts all files
under one folder.
"""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, and how to see what is right."""

    def error(self, message: str) -> NoReturn:
        raise UsageInvalid(message, f"See `{self.prog} --help`.")


def run(arguments: Sequence[str], frame: FirstFrame | None = None) -> int:
    """Run the command; the exit code (0 done, 1 failed, 2 wrong usage, 130 interrupted).

    Args:
        frame: painted already, where it was plain that the screen would be wanted.
    """
    _mend_streams()
    try:
        try:
            return _dispatch(list(arguments), frame)
        except SystemExit as stop:  # argparse has shown its help
            return int(stop.code or 0)
        finally:
            sys.stdout.flush()
    except HouseError as error:
        if frame is not None:
            frame.restore()  # a complaint belongs where it stays
        return _complain(error, WRONG_USAGE if isinstance(error, UsageInvalid) else FAILED)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        from tui.printing import forget_stdout

        forget_stdout()
        return 0


def _mend_streams() -> None:
    """Let printing never fail for want of a stream (``>&-``) or of a character (``LANG=C``)."""
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115  (for the whole process)
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _dispatch(arguments: list[str], frame: FirstFrame | None) -> int:
    is_demo = False
    while arguments[:1] == ["--demo"]:
        is_demo = True
        arguments = arguments[1:]
    name, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    match name:
        case "ask":
            return _ask(rest, is_demo)
        case "models" | "pull" | "doctor":
            from tui import chores

            gc.enable()  # a download may run for hours
            return chores.run(_parse_chore(name, rest, is_demo))
        case "help":
            return _help(rest)
        case _ if name in NOT_BUILT:
            raise UsageInvalid(f"`leadline {name}` is not built yet", "`leadline help` lists what is.")
        case _ if name and not name.startswith("-"):
            raise UsageInvalid(f"there is no command `{name}`", f'To ask a question: leadline ask "{name} …"')
    return _screen(arguments, is_demo, frame)


def _ask(arguments: list[str], is_demo: bool) -> int:
    from tui import oneshot

    try:
        parsed = parse_ask(arguments, is_demo)
    except UsageInvalid as error:
        if "--json" in arguments:  # a program asks, and reads nothing but events
            return oneshot.refuse(error)
        raise
    return oneshot.run(parsed)


def parse_ask(arguments: list[str], is_demo: bool) -> argparse.Namespace:
    """The arguments of ``leadline ask``.

    Raises:
        UsageInvalid: They cannot be understood.
    """
    # Cut here, because argparse reads what stands behind "--" once more when flags and words may mix.
    end = arguments.index("--") if "--" in arguments else len(arguments)
    flags, words = arguments[:end], arguments[end + 1 :]
    if any(flag == "--deep" or flag.startswith("--deep=") for flag in flags):
        raise UsageInvalid("`--deep` is not built yet", "Ask without it: the fast model answers.")
    parser = _Parser(
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
        help="go on with this directory's last conversation",
    )
    parser.add_argument("-x", "--extract", action="store_true", help="print the first code block only")
    parser.add_argument(
        "--fit", action="store_true", help="drop the oldest turns when the window is too small"
    )
    parser.add_argument(
        "--allow-secrets", action="store_true", help="send what looks like a secret all the same"
    )
    parser.add_argument("--no-cache", action="store_true", help="take no stored answer")
    parser.add_argument("--json", action="store_true", help="print one event a line")
    parser.add_argument("--demo", action="store_true", default=is_demo, help="the built-in demo model")
    parsed = parser.parse_intermixed_args(flags)
    parsed.question += words
    if parsed.extract and parsed.json:
        raise UsageInvalid("-x and --json exclude each other", "Take one of them.")
    return parsed


def _parse_chore(name: str, arguments: list[str], is_demo: bool) -> argparse.Namespace:
    parser = _Parser(prog=f"leadline {name}", allow_abbrev=False)
    if name == "models":
        parser.add_argument("--use", metavar="MODEL", help="answer with this model from now on")
    elif name == "pull":
        parser.add_argument(
            "model", metavar="MODEL", help="a name from ollama.com/library, as in llama3.2:3b"
        )
    else:
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.add_argument("--demo", action="store_true", default=is_demo, help="the built-in demo model")
    return parser.parse_args(arguments, argparse.Namespace(chore=name))


def _screen(arguments: list[str], is_demo: bool, frame: FirstFrame | None) -> int:
    parser = _Parser(prog="leadline", add_help=False, allow_abbrev=False)
    parser.add_argument("-c", "--continue", dest="goes_on", action="store_true")
    parser.add_argument("-m", "--model", default="")
    parser.add_argument("--demo", action="store_true", default=is_demo)
    parser.add_argument("-h", "--help", action="store_true")
    parser.add_argument("-V", "--version", action="store_true")
    parsed = parser.parse_args(arguments)
    if parsed.help:
        return _help([])
    if parsed.version:
        from importlib.metadata import version

        print(f"leadline {version('leadline')}")
        return 0
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageInvalid("the screen needs a terminal", 'In a pipe: leadline ask "…"')
    flags = {"fast.model": parsed.model} if parsed.model else {}
    return _show_screen(parsed.demo, parsed.goes_on, flags, frame)


def _show_screen(is_demo: bool, goes_on: bool, flags: dict[str, object], frame: FirstFrame | None) -> int:
    """Read the settings, paint the first frame if it is not, then import what the screen is made of."""
    from core.settings.load import load
    from core.settings.paths import find_paths
    from tui.keys import ACTIONS, rebound

    loaded = load(find_paths(os.environ, is_demo), os.environ, flags)
    settings = loaded.settings
    try:
        actions = rebound(settings.keys, ACTIONS)
    except SettingsInvalid as error:
        key = error.message.partition(":")[0]
        source = loaded.sources.get(key, "")
        raise SettingsInvalid(
            f"{source}: {error.message}" if source else error.message, error.remedy
        ) from None
    frame = frame or begin(settings.ui.theme, os.environ)
    try:
        from tui.app import run_screen

        return run_screen(settings, actions, os.environ, is_demo, goes_on, frame)
    finally:
        if frame is not None:
            frame.restore()


def _help(topics: list[str]) -> int:
    topic = topics[0] if topics else ""
    match topic:
        case "":
            print(HELP, end="")
        case "keys":
            from tui.keys import ACTIONS, help_lines

            for label, words in help_lines(ACTIONS):
                print(f"{label:<24}{words}")
            changeable = ", ".join(action.id for action in ACTIONS if not action.is_fixed)
            print(f"\n[keys] in config.toml changes these: {changeable}")
        case "ask":
            parse_ask(["--help"], is_demo=False)
        case "settings" | "config":
            print(HELP_SETTINGS, end="")
        case _:
            raise UsageInvalid(f"there is no help on `{topic}`", "Topics: keys, ask, settings.")
    return 0


def _complain(error: HouseError, code: int) -> int:
    print(clean(f"leadline: {error.message}\n{error.remedy}"), file=sys.stderr)
    return code
