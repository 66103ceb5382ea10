"""Completion in real shells: what the parsers know, the models that are there, and nothing that acts."""

import pytest

from tests.bench.terminal import Terminal
from tests.server import Loaded, Model, OllamaServer, Script
from tests.shell import shells
from tests.shell.running import Shell
from tui.arguments import SHELLS
from tui.shells.completion import completion_script
from tui.shells.grammar import commands, topics

BASH = """
source ./script
COMP_LINE="$LINE" COMP_POINT=${#LINE}
_leadline
printf '%s\\n' "${COMPREPLY[@]}"
"""


def offered(name: str, shell: Shell, line: str) -> set[str]:
    """What bash or fish would offer behind a line."""
    (shell.home / "script").write_text(completion_script(name))
    if name == "fish":
        told = shells.run_in("fish", shell, f"source ./script; complete -C {line!r}")
        return {each.partition("\t")[0] for each in told.splitlines()}
    script = f"LINE={line!r}\n{BASH}"
    return set(filter(None, shells.run_in("bash", shell, script).splitlines()))


@pytest.mark.parametrize("name", SHELLS)
def test_a_script_knows_every_command_option_and_topic(name: str) -> None:
    """A new option that no completion knows is one that few find; nothing is written down twice."""
    script = completion_script(name)
    for command in commands():
        assert command.name in script
        for option in command.options:
            for flag in option.flags:
                shown = f"-l {flag[2:]} " if flag.startswith("--") else f"-s {flag[1:]} "
                assert (shown if name == "fish" else flag) in script, (command.name, flag)
    assert all(topic in script for topic in topics())
    assert "@@" not in script


def test_the_grammar_is_what_the_command_takes(shell: Shell) -> None:
    """The list of commands is a table of words; the command line and its help must know each of them."""
    for command in commands():
        if command.name:
            assert shell.run(command.name, "--help").code == 0, command.name
    told = shell.run("help").out
    assert all(command.name in told for command in commands())
    assert all(topic in told for topic in topics())
    assert all(shell.run("help", topic, *more[:1]).code == 0 for topic, more in topics().items())


@pytest.mark.parametrize("name", ["bash", "fish"])
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("leadline mo", {"models"}),
        ("leadline ask --no", {"--no-cache"}),
        ("leadline --demo doctor --js", {"--json"}),
        ("leadline help comp", {"completion"}),
        ("leadline help shell z", {"zsh"}),
        ("leadline models --use qwen3.5", {"qwen3.5:4b"}),
        ("leadline ask --dee", {"--deep"}),
        ("leadline cache sea", {"search"}),
        ("leadline cache list --pin", {"--pinned"}),
        ("leadline cache search sea", set()),
        ("leadline keys re", {"remove"}),
        ("leadline keys set open", {"openai", "openrouter"}),
        ("leadline config un", {"unset"}),
        ("leadline config set deep.pre", {"deep.preset"}),
        ("leadline config unset fast.m", {"fast.model"}),
        ("leadline config show --js", {"--json"}),
        ("leadline config set speculation.own", {"speculation.own_hosts"}),
        ("leadline stats --s", {"--since"}),
    ],
)
def test_what_can_stand_there_is_offered(name: str, shell: Shell, line: str, expected: set[str]) -> None:
    """Tab is how people learn what a command can do."""
    assert offered(name, shell, line) == expected


@pytest.mark.parametrize("name", ["bash", "fish"])
def test_behind_a_command_all_of_it_is_offered(name: str, shell: Shell) -> None:
    """An empty word is a question too."""
    assert {"ask", "models", "pull", "doctor", "help"} <= offered(name, shell, "leadline ")
    assert set(SHELLS) <= offered(name, shell, "leadline help completion ")


def test_a_model_s_colon_is_completed_behind_it(shell: Shell) -> None:
    """Bash cuts words at a colon, and would put the beginning in twice."""
    assert offered("bash", shell, "leadline ask -m qwen3.5:") == {"4b"}


@pytest.mark.parametrize("name", ["bash", "fish"])
def test_names_of_models_cannot_act(name: str, shell: Shell) -> None:
    """A server may call a model what it likes; what is offered goes onto a command line."""
    names = ("good:1b", "$(touch${IFS}bad1):1b", "`touch bad2`", "a;touch bad3", "-rf", "x y")
    models = tuple(Model(each) for each in names)
    with OllamaServer(Script(models=models, loaded=(Loaded("good:1b", 8192),))) as server:
        hostile = Shell(shell.home, server.url)
        assert offered(name, hostile, "leadline ask -m ") == {"good:1b"}
    assert not list(shell.home.glob("bad*"))


@pytest.mark.parametrize("name", ["bash", "fish"])
def test_without_a_server_completion_is_silent(name: str, shell: Shell) -> None:
    """An error in the midst of a line that is being typed helps nobody."""
    away = Shell(shell.home, "127.0.0.1:9")
    assert offered(name, away, "leadline ask --model ") == set()


def press_tab(terminal: Terminal, typed: str, becomes: str) -> None:
    """Type the beginning of a line, press tab, and see what it becomes."""
    terminal.type(typed)
    terminal.wait_until(lambda _: shells.line_typed(terminal).startswith(typed.strip()))
    terminal.send(b"\t")
    terminal.wait_until(lambda _: shells.line_typed(terminal).strip() == becomes)
    terminal.send(b"\x15")
    terminal.wait_until(lambda _: not shells.line_typed(terminal).strip())


@pytest.mark.parametrize("name", SHELLS)
def test_tab_completes_in_a_terminal(name: str, shell: Shell) -> None:
    """The whole way: the script as it is taken in, a key, and the line."""
    (shell.home / "some notes.txt").touch()
    with shells.typing_in(name, shell, shells.eval_of(name, "completion")) as terminal:
        press_tab(terminal, "leadline mod", "leadline models")
        press_tab(terminal, "leadline ask --no-c", "leadline ask --no-cache")
        press_tab(terminal, "leadline ask -m qwen3.5:", "leadline ask -m qwen3.5:4b")
        press_tab(terminal, "leadline ask -f some", "leadline ask -f some\\ notes.txt")
        press_tab(terminal, "leadline help sh", "leadline help shell")
        press_tab(terminal, "leadline cache sea", "leadline cache search")
        press_tab(terminal, "leadline config set deep.pre", "leadline config set deep.preset")


def test_the_shell_is_the_person_s_own_unless_named(shell: Shell) -> None:
    """Most have one shell; where it is not known, the three are named."""
    assert "complete -o" in shell.run("help", "completion", env={"SHELL": "/bin/bash"}).out
    refused = shell.run("help", "completion", env={"SHELL": "/bin/tcsh"})
    assert refused.code == 2
    assert "no script for `tcsh`" in refused.err
    assert "bash, zsh, fish" in refused.err
    assert shell.run("help", "shell", "tcsh").code == 2
    assert "ctrl+x ctrl+l" in shell.run("help", "shell").out
