"""``leadline`` itself: help, version, the demo, and what it says to what it does not know."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version

import pytest

from tests.server import OllamaServer
from tests.shell.running import Done, Shell
from tui.cli import NOT_BUILT
from tui.extract import CodeBlock, first_code_block


def assert_refused(done: Done) -> None:
    """Exit code 2, one sentence and one remedy."""
    assert (done.code, done.out) == (2, "")
    sentence, remedy = done.err.rstrip().split("\n")
    assert sentence.startswith("leadline: ")
    assert remedy


@pytest.mark.parametrize("arguments", [("--help",), ("-h",), ("help",)])
def test_help_names_every_command_that_is_built(shell: Shell, arguments: tuple[str, ...]) -> None:
    """It is where people look first, and it must not promise what is not there."""
    done = shell.run(*arguments)

    assert (done.code, done.err) == (0, "")
    for command in (
        "leadline ask",
        "leadline models",
        "leadline pull",
        "leadline cache",
        "leadline doctor",
        "--demo",
    ):
        assert command in done.out
    assert not any(f"leadline {name}" in done.out for name in NOT_BUILT)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("help", "keys"), "ctrl+j"),
        (("help", "ask"), "--fit"),
        (("help", "settings"), "keep_alive"),
        (("ask", "--help"), "exit codes"),
        (("models", "--help"), "--use"),
        (("pull", "--help"), "ollama.com/library"),
        (("doctor", "--help"), "--json"),
        (("stats", "--help"), "--since"),
        (("help", "settings"), "own_hosts"),
    ],
)
def test_each_topic_has_its_help(shell: Shell, arguments: tuple[str, ...], words: str) -> None:
    """Without a manual page, this is the manual."""
    done = shell.run(*arguments, env={"LANG": "C", "PYTHONIOENCODING": "ascii"})

    assert (done.code, done.err) == (0, "")
    assert words in done.out


def test_version_is_the_installed_one(shell: Shell) -> None:
    """A bug report begins with it."""
    assert shell.run("--version") == Done(0, f"leadline {version('leadline')}\n", "")
    assert shell.run("-V").out == shell.run("--version").out


@pytest.mark.parametrize("name", NOT_BUILT)
def test_a_command_of_a_later_part_says_that_it_is_not_built(shell: Shell, name: str) -> None:
    """Who read of it somewhere must not think that they mistyped it."""
    done = shell.run(name)

    assert_refused(done)
    assert f"`leadline {name}` is not built yet" in done.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("explain",), 'leadline ask "explain …"'),
        (("--frobnicate",), "--frobnicate"),
        (("--dem",), "--dem"),
        (("help", "nonsense"), "keys, ask, settings"),
        (("models", "extra"), "extra"),
        (("pull",), "MODEL"),
        (("pull", "a", "b"), "b"),
        ((), "needs a terminal"),
        (("--demo",), "needs a terminal"),
    ],
)
def test_what_cannot_be_understood_is_exit_code_2_with_a_way_on(
    shell: Shell, server: OllamaServer, arguments: tuple[str, ...], words: str
) -> None:
    """A wall of usage text is no answer to a typo."""
    done = shell.run(*arguments)

    assert_refused(done)
    assert words in done.err
    assert server.log == ()


@pytest.mark.parametrize("arguments", [("help",), ("ask", "--help"), ("help", "keys")])
def test_help_into_a_pipe_that_closes_is_no_error(shell: Shell, arguments: tuple[str, ...]) -> None:
    """`leadline help | head` is how people read help."""
    done = shell.sh(f"$leadline {' '.join(arguments)} | true; echo ${{PIPESTATUS[0]}}")

    assert done.out == "0\n"
    assert done.err == ""


def test_the_demo_answers_without_any_server_in_a_store_of_its_own(
    shell: Shell, server: OllamaServer
) -> None:
    """To try it costs nothing, leaves nothing among real answers, and never passes for a real model.

    A program must be able to tell prepared text from an answer as well.
    """

    def run(*arguments: str) -> tuple[Shell, Done]:
        own = Shell(shell.home / "-".join(arguments), server.url)
        own.home.mkdir()
        return own, own.run(*arguments, "how do I undo the last commit?")

    forms = [("--demo", "ask"), ("ask", "--demo"), ("--demo", "ask", "--demo"), ("--demo", "ask", "--json")]
    with ThreadPoolExecutor() as at_once:  # it speaks at the pace of a model
        *plain, (_, as_events) = at_once.map(lambda arguments: run(*arguments), forms)
    for own, done in plain:
        assert done.code == 0
        assert "git reset" in done.out
        assert done.err == "leadline: the demo model answers: prepared texts, no real model\n"
        assert not (own.home / "leadline.db").exists()
        assert own.turns("leadline-demo.db")[0].answers[0].place == "demo"
    assert server.log == ()
    events = as_events.events()
    assert events[0] == {
        "event": "routed",
        "route": "fast",
        "model": "demo model",
        "provider": "demo",
        "place": "demo",
    }
    assert events[-1]["event"] == "finished"


def test_models_of_the_demo_are_the_demo_s(shell: Shell, server: OllamaServer) -> None:
    """`--demo` means all of it."""
    done = shell.run("--demo", "models")

    assert done.code == 0
    assert "demo model" in done.out
    assert server.log == ()
    assert shell.run("pull", "--demo", "llama3.2:3b").code == 1


def test_the_one_shot_command_loads_no_screen(shell: Shell) -> None:
    """Imports are the first latency that anyone feels."""
    code = (
        "import sys; from tui.cli import run; run(['--demo', 'ask', 'hi']);"
        "print(sorted({'textual', 'rich', 'ollama', 'sqlite_utils.utils', 'pygments'} & set(sys.modules)))"
    )
    shell.run("--demo", "ask", "hi")  # the second start is the usual one: the database is there
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        env=shell.environ,
        cwd=shell.home,
        timeout=100,
        check=True,
    )

    assert done.stdout.decode().endswith("\n[]\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no code, only `this`", None),
        ("a\n```sh\nls\n```\nb\n```\nno\n```", CodeBlock("ls\n", True)),
        ("~~~\na ``` b\n~~~", CodeBlock("a ``` b\n", True)),
        ("````md\n```\nx\n```\n````", CodeBlock("```\nx\n```\n", True)),
        ("```\nx\n``` y\n```", CodeBlock("x\n``` y\n", True)),
        ("1. do\n\n   ```sh\n   ls\n     -l\n   ```", CodeBlock("ls\n  -l\n", True)),
        ("```sh\nls\n\n  \n", CodeBlock("ls\n", False)),
        ("```inline``` is no block", None),
        ("```\n```", CodeBlock("", True)),
        ("    ```\n    indented code\n", None),
        ("- so:\n\n    ```sh\n    ls\n    ```\n", CodeBlock("ls\n", True)),
        ("10. so:\n    ~~~\n    ls\n    ~~~\n", CodeBlock("ls\n", True)),
        ("1. a\n   - b:\n     ```\n     ls\n       -l\n     ```\nend", CodeBlock("ls\n  -l\n", True)),
        ("- ```sh\n  ls\n  ```", CodeBlock("ls\n", True)),
        ("> ```sh\n> ls\n> ```\n", CodeBlock("ls\n", True)),
        ("- a\n\ntext\n\n        ```\n", None),
        ("```sh\nls\n    ```\nx\n```\n", CodeBlock("ls\n    ```\nx\n", True)),
    ],
)
def test_the_first_code_block_is_found_as_markdown_has_it(text: str, expected: CodeBlock | None) -> None:
    """What `-x` prints may be run at once, so it must be the block, and all of it."""
    assert first_code_block(text) == expected
