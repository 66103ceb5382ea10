"""The last command found by how its prompt looks: what real shells leave on a screen."""

import pytest

from core.context.sources.prompts import Ran, last_command

FAILED = ("=== FAILURES ===", "E   assert 1 == 2", "1 failed in 0.12s")


def screen(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").split("\n")]


IDLE = {
    "bash": """
user@host:~/proj$ ls
a.py  b.py
user@host:~/proj$ pytest -q
=== FAILURES ===
E   assert 1 == 2
1 failed in 0.12s
user@host:~/proj$
""",
    "bash, plain, as root": """
bash-5.2# ls
a.py  b.py
bash-5.2# pytest -q
=== FAILURES ===
E   assert 1 == 2
1 failed in 0.12s
bash-5.2#
""",
    "zsh": """
host% ls
a.py  b.py
host% pytest -q
=== FAILURES ===
E   assert 1 == 2
1 failed in 0.12s
host%
""",
    "zsh with a right prompt": """
host ~/proj % ls                                                   12:01:02
a.py  b.py
host ~/proj % pytest -q                                            12:01:44
=== FAILURES ===
E   assert 1 == 2
1 failed in 0.12s
host ~/proj %                                                      12:02:01
""",
    "robbyrussell": """
➜  proj git:(main) ✗ ls
a.py  b.py
➜  proj git:(main) ✗ pytest -q
=== FAILURES ===
E   assert 1 == 2
1 failed in 0.12s
➜  proj git:(main) ✗
""",
    "fish": """
user@host ~/proj> ls
a.py  b.py
user@host ~/proj> pytest -q
=== FAILURES ===
E   assert 1 == 2
1 failed in 0.12s
user@host ~/proj [1]>
""",
    "starship": """
~/proj on  main via 🐍 v3.11.7
❯ ls
a.py  b.py

~/proj on  main via 🐍 v3.11.7
❯ pytest -q
=== FAILURES ===
E   assert 1 == 2
1 failed in 0.12s

~/proj on  main [!] via 🐍 v3.11.7 took 3s
❯
""",
    "two lines with a frame": """
┌──(user㉿host)-[~/proj]
└─$ ls
a.py  b.py
┌──(user㉿host)-[~/proj]
└─$ pytest -q
=== FAILURES ===
E   assert 1 == 2
1 failed in 0.12s
┌──(user㉿host)-[~/proj]
└─$
""",
    "an exit code in front": """
[0] user:~/proj $ ls
a.py  b.py
[0] user:~/proj $ pytest -q
=== FAILURES ===
E   assert 1 == 2
1 failed in 0.12s
[1] user:~/proj $
""",
    "empty lines entered behind it": """
user@host:~/proj$ pytest -q
=== FAILURES ===
E   assert 1 == 2
1 failed in 0.12s
user@host:~/proj$
user@host:~/proj$
user@host:~/proj$
""",
    "another folder now": """
user@host:~/proj$ cd tests && pytest -q
=== FAILURES ===
E   assert 1 == 2
1 failed in 0.12s
user@host:~/proj/tests$
""",
    "something typed already": """
user@host:~/proj$ pytest -q
=== FAILURES ===
E   assert 1 == 2
1 failed in 0.12s
user@host:~/proj$ leadl
""",
}


@pytest.mark.parametrize("shown", IDLE.values(), ids=IDLE)
def test_the_last_command_is_found_at_a_prompt_that_waits(shown: str) -> None:
    """Most people's shells tell nothing."""
    ran = last_command(screen(shown), is_own=False)

    assert ran is not None
    assert ran.command.endswith("pytest -q")
    assert tuple(line for line in ran.output if line) == FAILED


@pytest.mark.parametrize("shown", IDLE.values(), ids=IDLE)
def test_the_command_that_asks_is_not_the_one_that_is_meant(shown: str) -> None:
    """`leadline ask @pane` is typed at that very prompt."""
    lines = screen(shown)
    lines[-1] = lines[-1].removesuffix("leadl")[:40].rstrip() + ' leadline ask "@pane why?"'

    ran = last_command(lines, is_own=True)

    assert ran is not None
    assert ran.command.endswith("pytest -q")
    assert tuple(line for line in ran.output if line) == FAILED


@pytest.mark.parametrize(
    "shown",
    [
        "user@host:~/proj$ ls\na.py\nuser@host:~/proj$ pytest -q\n=== FAILURES ===\nE   assert 1 == 2",
        "~/proj on main\n❯ ls\na.py\n\n~/proj on main\n❯ pytest -q\n=== FAILURES ===\nE   assert 1 == 2",
    ],
)
def test_a_command_that_runs_still_is_the_last_one(shown: str) -> None:
    """A build that hangs is asked about while it hangs."""
    ran = last_command(screen(shown), is_own=False)

    assert ran == Ran("pytest -q", ("=== FAILURES ===", "E   assert 1 == 2"))


def test_where_no_prompt_can_be_told_nothing_is_guessed() -> None:
    """The caller says so, and takes the last lines."""
    assert last_command(["one", "two", "three"], is_own=False) is None
    assert last_command([], is_own=False) is None
    assert last_command(["user@host:~$"], is_own=False) is None


def test_a_sign_within_the_output_is_no_prompt() -> None:
    """Prices, quotations and shell scripts hold them."""
    shown = """
user@host:~/proj$ cat notes
100 % sure
it costs 5 $ a month
> quoted
# a comment
user@host:~/proj$
"""
    ran = last_command(screen(shown), is_own=False)

    assert ran == Ran("cat notes", ("100 % sure", "it costs 5 $ a month", "> quoted", "# a comment"))


def test_equal_last_lines_of_two_commands_are_no_part_of_the_prompt() -> None:
    """They stand above each prompt like an upper line of it."""
    shown = "me@x:~$ make\nFAILED a/b.py\nme@x:~$ make\nFAILED a/b.py\nme@x:~$"

    assert last_command(screen(shown), is_own=False) == Ran("make", ("FAILED a/b.py",))


def test_what_the_shell_told_is_found_whatever_the_prompt_is() -> None:
    """No likeness is needed then."""
    shown = "?? make all\n1\n?? pytest -q\nE  boom\n1 failed\n??"

    assert last_command(screen(shown), False, "pytest -q") == Ran("pytest -q", ("E  boom", "1 failed", "??"))
    assert last_command(screen("me@x:~$ pytest -q\nboom\nme@x:~$"), False, "pytest -q") == Ran(
        "pytest -q", ("boom",)
    )
    assert last_command(screen(shown), False, "gone") is None


@pytest.mark.parametrize(
    "unit", ["$ ", "❯ x\n", "a@b:~$ x\n", "~/" * 300 + "\n", "%" * 300 + "\n", " " * 400 + "\n"]
)
def test_a_hostile_screen_takes_no_longer(unit: str) -> None:
    """Whatever a program wrote into the pane; the suite's own bound would fail this."""
    lines = (unit * (400_000 // len(unit))).split("\n")[:3000]

    last_command([*lines, "me@x:~$"], is_own=False)
