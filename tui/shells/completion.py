"""Completion scripts, filled in from the grammar, with the words of help where a shell shows any."""

from collections.abc import Iterable

from tui.arguments import SHELLS
from tui.shells.grammar import Command, Value, commands, topics
from tui.shells.scripts import read_script


def completion_script(shell: str) -> str:
    """The script for one of `SHELLS`."""
    known = commands()
    names = [command.name for command in known if command.name]
    offers = {"bash": _bash_offers, "zsh": _zsh_offers, "fish": _fish_offers}[shell]
    filled = {
        "names": (" " if shell == "fish" else " | ").join(names),
        "files": _cases(known, "file"),
        "models": _cases(known, "model"),
        "texts": _cases(known, "text"),
        "shells": " ".join(SHELLS),
        "offers": "\n".join(offers(known)),
    }
    script = read_script(f"complete.{shell}")
    for name, text in filled.items():
        script = script.replace(f"@@{name}@@", text)
    return script


def quoted(text: str) -> str:
    """A text as one word that no shell looks into."""
    return "'" + text.replace("'", """'"'"'""") + "'"


def _cases(known: Iterable[Command], value: Value) -> str:
    """Patterns of ``command option`` behind which such a value stands."""
    cases = [
        f'"{command.name} {flag}"'
        for command in known
        for option in command.options
        if option.value == value
        for flag in option.flags
    ]
    if value == "model":
        cases += [f'"{command.name} {command.name}"' for command in known if command.operand == "model"]
    return " | ".join(cases)


def _operands(command: Command, known: Iterable[Command]) -> dict[str, str]:
    """What can be said outright of what stands behind a command, with its words."""
    match command.operand:
        case "command":
            return {other.name: other.words for other in known if other.name}
        case "topic":
            return dict.fromkeys(topics(), "topic")
        case _:
            return {}


def _behind(command: Command) -> dict[tuple[str, ...], list[str]]:
    """Words that can stand behind some of what a command does, with all of what they stand behind."""
    acts: dict[tuple[str, ...], list[str]] = {}
    for act, words in command.behind.items():
        acts.setdefault(words, []).append(act)
    return acts


def _bash_offers(known: tuple[Command, ...]) -> Iterable[str]:
    for command in known:
        flags = " ".join(flag for option in command.options for flag in option.flags)
        yield f"        {command.name}:-*) offered=({flags}) ;;"
        if operands := _operands(command, known):
            yield f"        {command.name}:*) offered=({' '.join(operands)}) ;;"
        if command.acts:
            yield f"        {command.name}:*) case $prev in"
            yield f"            {command.name}) offered=({' '.join(command.acts)}) ;;"
            for words, acts in _behind(command).items():
                yield f"            {' | '.join(acts)}) offered=({' '.join(words)}) ;;"
            yield "        esac ;;"


def _zsh_offers(known: tuple[Command, ...]) -> Iterable[str]:
    def described(words: dict[str, str]) -> str:
        return " ".join(quoted(f"{name}:{text}") for name, text in words.items())

    for command in known:
        flags = {flag: option.words for option in command.options for flag in option.flags}
        yield f"        ({command.name}:-*) offered=({described(flags)}) && _describe -o option offered ;;"
        if operands := _operands(command, known):
            yield f"        ({command.name}:*) offered=({described(operands)}) && _describe word offered ;;"
        elif command.acts:
            yield f"        ({command.name}:*) case $prev in"
            yield (
                f"            ({command.name}) offered=({described(dict(command.acts))})"
                " && _describe word offered ;;"
            )
            for words, acts in _behind(command).items():
                yield f"            ({' | '.join(acts)}) compadd {' '.join(words)} ;;"
            yield "        esac ;;"
        elif command.operand == "text":
            yield f"        ({command.name}:*) _files ;;"


def _fish_offers(known: tuple[Command, ...]) -> Iterable[str]:
    nothing = '""'
    behind: dict[Value, str] = {
        "": "",
        "file": " -r -F",
        "model": " -x -a '(__leadline_models)'",
        "text": " -x",
    }
    for command in known:
        when = f"complete -c leadline -n '__leadline_is {command.name or nothing}'"
        for option in command.options:
            names = " ".join(f"-l {f[2:]}" if f.startswith("--") else f"-s {f[1:]}" for f in option.flags)
            yield f"{when} {names}{behind[option.value]} -d {quoted(option.words)}"
        for name, words in _operands(command, known).items():
            only = f"; and __leadline_topic {command.name}" if command.operand == "topic" else ""
            yield f"{when[:-1]}{only}' -a {name} -d {quoted(words)}"
        for act, words in command.acts.items():
            yield f"{when[:-1]}; and __leadline_topic {command.name}' -a {act} -d {quoted(words)}"
        for offered, acts in _behind(command).items():
            yield f"{when[:-1]}; and __leadline_topic {' '.join(acts)}' -a '{' '.join(offered)}'"
        if command.operand == "model":
            yield f"{when} -a '(__leadline_models)'"
    pairs = " ".join(topic for topic, more in topics().items() if more)
    shells = " ".join(SHELLS)
    yield f"complete -c leadline -n '__leadline_is help; and __leadline_topic {pairs}' -a '{shells}'"
