"""Arguments to what they ask for; everything is imported as late as it is needed."""

import argparse
import gc
import io
import os
import sys
from collections.abc import Sequence

from core.errors import HouseError, SettingsInvalid, UsageInvalid
from core.sanitise import clean
from tui.arguments import TOPICS, parser_of
from tui.exits import DONE, FAILED, INTERRUPTED, WRONG_USAGE
from tui.first_frame import FirstFrame, begin

NOT_BUILT = ("export", "import")
HELP = """\
leadline: answers now, depth when you ask.

  leadline                        the screen (-c goes on with this project's last conversation)
  leadline ask [QUESTION...]      one answer on stdout; reads stdin (git diff | leadline ask "review this")
  leadline ask --deep [QUESTION]  the same, thought through (--deep=deeper: in parts, at the same time)
  leadline models                 the models that are there; --use NAME chooses one
  leadline pull MODEL             fetch a model; the same command goes on after a stop
  leadline keys list|set|remove   keys of providers: set and remove take anthropic, openai, … or an address
  leadline config path|show|edit  the settings: where, which, and in your editor; set KEY VALUE, unset KEY
  leadline history [SEARCH...]    what was asked and answered; --show ID, --rename, --delete, --undo
  leadline cache [COMMAND]        the answers that may be used again: list, show, search, forget, pin, …
  leadline tune [MODEL...]        measure the models that are here, and say which gives most
  leadline stats                  how long answers took, what was there before, what was made ahead, deep runs
  leadline doctor                 what is wrong and how to mend it
  leadline help [TOPIC]           keys, ask, settings, completion [bash|zsh|fish], shell [bash|zsh|fish]
  leadline --demo …               all of it with the built-in demo model and a store of its own
"""
HELP_SETTINGS = """\
Settings come from: defaults < config.toml < environment < flags. `leadline config` shows and changes them.

[fast]
provider = "ollama"    # or openai: llama-server, LM Studio, vLLM, a hosted model
base_url = ""          # "" = OLLAMA_HOST, or 127.0.0.1:11434; for openai as http://127.0.0.1:8080/v1
model = "auto"         # auto chooses once by what is installed, and keeps it
keep_alive = "30m"     # how long the model stays loaded
num_ctx = 0            # tokens of the window; 0 = the loaded model's own, at least 8192
system = ""            # "" = the built-in system prompt
[deep]
provider = ""          # openai | anthropic | ollama; "" = here, with thinking
base_url = ""          # "" = the vendor's own; for openai with its version path, as in https://host/v1
model = ""             # must be named once there is a provider
effort = "high"        # none | minimal | low | medium | high | xhigh | max
preset = "deep"        # one call; deeper = a plan, its parts at the same time, and a synthesis
api_key_cmd = ""       # a command that prints the key for base_url, as in "pass show openai"
confirm = "new"        # new | always | never: when the screen asks before something leaves
ask_above_usd = 0.10   # and from which cost on
max_usd_per_run = 0.50 # no call is begun that would probably go beyond
max_usd_per_day = 5.00
max_tokens_per_run = 0 # 0 = no bound, but for a model whose price is not known
when_offline = "ask"   # ask | local | queue
dialect = ""           # of an openai server, where its host does not tell: plain, openai, deepseek,
                       # openrouter, gemini, vllm, llama-server, lm-studio
anthropic_version = "" # of the Messages protocol; "" = the one that every server knows
[cache]
enabled = true         # false neither looks for stored answers nor stores any for later
semantic = true        # another wording may find an answer too; false: the same question only
ask = true             # leadline ask may answer from it
max_answers = 100000   # beyond it, those of least use make room
[context]
instructions = ".leadline.md"  # a file at the project's root that goes before every question; "AGENTS.md",
                       # or "" for none; at most 16 KiB
[speculation]
enabled = true         # false does nothing ahead, not even loading the model
chips = 3              # follow-up questions offered under an answer, 0 to 3
own_hosts = []         # other machines that count as this one, as in ["gpu-box.lan"]; otherwise nothing is
                       # sent anywhere before you press enter
[metrics]
failure_cost_s = 60    # seconds that settling a question elsewhere costs you; IPS and `leadline tune` use it
[ui]
theme = "leadline-dark"  # or leadline-light
on_exit = "last"       # last | all | nothing: what stays in the scrollback
notify = true          # a deep run that ends while the terminal has no focus rings its bell
[prices]               # model = "read written", or "read cached written": US dollars for a million tokens
[keys]                 # action id = "keys"; `leadline help keys` lists the ids

One at a time: leadline config set deep.provider anthropic deep.model claude-opus-5-5. Keys of providers do
not belong here: leadline keys set anthropic.
Each also as LEADLINE_<SECTION>__<KEY>, as in LEADLINE_FAST__MODEL=qwen3:4b. LEADLINE_HOME puts all files
under one folder.
"""


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
        return DONE


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
        case "models" | "pull" | "doctor" | "keys":
            from tui import chores

            gc.enable()  # a download may run for hours
            return chores.run(parser_of(name, is_demo).parse_args(rest, argparse.Namespace(chore=name)))
        case "history":
            return _history(rest, is_demo)
        case "cache":
            return _cache(rest, is_demo)
        case "config":
            return _config(rest, is_demo)
        case "stats":
            return _stats(rest, is_demo)
        case "tune":
            from tui import tune

            gc.enable()  # it takes minutes
            return tune.run(parser_of(name, is_demo).parse_args(rest))
        case "help":
            return _help(rest)
        case _ if name in NOT_BUILT:
            raise UsageInvalid(f"`leadline {name}` is not built yet", "`leadline help` lists what is.")
        case _ if name and not name.startswith("-"):
            raise UsageInvalid(f"there is no command `{name}`", f'To ask a question: leadline ask "{name} …"')
    return _screen(arguments, is_demo, frame)


def _ask(arguments: list[str], is_demo: bool) -> int:
    try:
        parsed = parse_ask(arguments, is_demo)
    except UsageInvalid as error:
        if "--json" in arguments:  # a program asks, and reads nothing but events
            from tui import oneshot

            return oneshot.refuse(error)
        raise
    if parsed.deep is None:
        from tui.recalled import recalled

        if (code := recalled(parsed)) is not None:
            return code
    from tui import oneshot

    return oneshot.run(parsed)


def parse_ask(arguments: list[str], is_demo: bool) -> argparse.Namespace:
    """The arguments of ``leadline ask``.

    Raises:
        UsageInvalid: They cannot be understood.
    """
    flags, words = _flags_and_words(arguments)
    # With its sign: a word behind it is the question's first, and not a preset.
    flags = ["--deep=" if flag == "--deep" else flag for flag in flags]
    parsed = parser_of("ask", is_demo).parse_intermixed_args(flags)
    parsed.question += words
    if parsed.extract and parsed.json:
        raise UsageInvalid("-x and --json exclude each other", "Take one of them.")
    return parsed


def _flags_and_words(arguments: list[str]) -> tuple[list[str], list[str]]:
    """What stands before and behind a ``--``."""
    # Cut here, because argparse reads what stands behind it once more when flags and words may mix.
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:end], arguments[end + 1 :]


def _history(arguments: list[str], is_demo: bool) -> int:
    import time

    from core.context.project import directory_of, find_project
    from core.settings.paths import find_paths
    from core.store.database import Database
    from tui import history

    flags, words = _flags_and_words(arguments)
    parsed = parser_of("history", is_demo).parse_intermixed_args(flags)
    parsed.words += words
    store = Database.open(find_paths(os.environ, parsed.demo).database, time.time)
    try:
        return history.run(parsed, store, find_project(directory_of(os.environ)).root)
    finally:
        store.close()


def _cache(arguments: list[str], is_demo: bool) -> int:
    from core.settings.paths import find_paths
    from tui import cache

    while arguments[:1] == ["--demo"]:
        arguments, is_demo = arguments[1:], True
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in ("-h", "--help")):
        arguments = ["list", *arguments]
    parsed = parser_of("cache", is_demo).parse_args(arguments)
    return cache.run(parsed, find_paths(os.environ, parsed.demo).database)


def _stats(arguments: list[str], is_demo: bool) -> int:
    from core.providers.whereabouts import whereabouts
    from core.settings.load import load
    from core.settings.paths import find_paths
    from tui import stats

    parsed = parser_of("stats", is_demo).parse_args(arguments)
    paths = find_paths(os.environ, parsed.demo)
    settings = load(paths, os.environ, {}).settings
    where = whereabouts(settings.fast, os.environ, is_demo=parsed.demo)
    return stats.run(parsed, settings, where, paths.database)


def _config(arguments: list[str], is_demo: bool) -> int:
    from core.settings.paths import find_paths
    from tui import config

    parsed = parser_of("config", is_demo).parse_args(arguments)
    return config.run(parsed, find_paths(os.environ, parsed.demo), os.environ)


def _screen(arguments: list[str], is_demo: bool, frame: FirstFrame | None) -> int:
    parsed = parser_of("", is_demo).parse_args(arguments)
    if parsed.help:
        return _help([])
    if parsed.version:
        from importlib.metadata import version

        print(f"leadline {version('leadline')}")
        return 0
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageInvalid("the screen needs a terminal", 'In a pipe: leadline ask "…"')
    if sys.stderr is None or not sys.stderr.isatty():
        raise UsageInvalid("the screen is drawn on stderr, which is no terminal here", "Start it without 2>")
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
    topic, *more = topics or [""]
    match topic:
        case "" | "-h" | "--help":
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
        case "completion":
            from tui.shells.completion import completion_script
            from tui.shells.scripts import shell_named

            print(completion_script(shell_named(more, os.environ)), end="")
        case "shell":
            from tui.shells.scripts import OVERVIEW, shell_named, widget_script

            print(widget_script(shell_named(more, os.environ)) if more else OVERVIEW, end="")
        case _:
            raise UsageInvalid(f"there is no help on `{topic}`", f"Topics: {', '.join(TOPICS)}.")
    return 0


def _complain(error: HouseError, code: int) -> int:
    from core.redaction import redact

    # Someone will paste a key where something else belongs, and the parser repeats what it does not know.
    print(redact(clean(f"leadline: {error.message}\n{error.remedy}")), file=sys.stderr)
    return code
