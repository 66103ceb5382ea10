"""Leaving: what stays in the scrollback, and a terminal in order however it ends."""

import os
import re
import signal
import sqlite3
import sys
import termios
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from core.store.conversations import Conversations
from core.store.database import Database
from tests.bench.terminal import ALTERNATE_SCREEN, Terminal, drawn
from tests.screen.driving import Person, drive, settings_for
from tests.screen.labels import labels
from tests.screen.terminals import (
    LEFT_ALTERNATE_SCREEN,
    ROOT,
    command,
    environment,
    in_terminal,
    sees,
    sees_label,
)
from tests.server import OllamaServer, Script

RUNNING = Script(reply="word " * 20_000, tokens_per_s=200)


def is_in_order(terminal: Terminal, *, kitty: bool = False) -> None:
    """The terminal is as it was found: screen, mouse, cursor, keys, and the line discipline."""
    output = terminal.output
    for mode in (b"1049", b"1000", b"1002", b"1003", b"1006", b"2004", b"1004"):
        on, off = output.rfind(b"\x1b[?" + mode + b"h"), output.rfind(b"\x1b[?" + mode + b"l")
        assert off >= on, f"mode {mode.decode()} is still on"
    assert output.rfind(b"\x1b[?25h") > output.rfind(b"\x1b[?25l"), "the cursor is hidden"
    if kitty:
        assert output.count(b"\x1b[<u") >= len(re.findall(rb"\x1b\[>\d+u", output)) >= 1
    coming, _, _, local, *_ = termios.tcgetattr(terminal._master)
    assert coming & termios.IXON
    assert coming & termios.ICRNL
    assert local & termios.ECHO
    assert local & termios.ICANON
    assert local & termios.ISIG


def after_the_screen(terminal: Terminal) -> str:
    """What stands in the scrollback: all that was written after the screen was left."""
    terminal.settle(0.1, 1)
    output = terminal.output
    left = output.rfind(b"\x1b[?1049l")
    assert left > 0
    return re.sub(r"\x1b\[[?<>=]?[0-9;]*[a-zA-Z]", "", output[left:].decode())


@pytest.mark.parametrize("kitty", [False, True])
def test_on_quit_the_last_answer_stands_in_the_scrollback(tmp_path: Path, kitty: bool) -> None:
    """The command that was asked for can be copied after the screen is gone."""
    with OllamaServer() as server, in_terminal(tmp_path, server.url, kitty=kitty) as terminal:
        terminal.type("which?")
        terminal.press("enter")
        sees_label(terminal)
        terminal.press("ctrl+q")
        assert terminal.wait_for_exit() == 0
        assert after_the_screen(terminal).strip() == "Use `git switch`."
        is_in_order(terminal, kitty=kitty)


def test_the_first_key_of_all_may_be_the_one_that_quits(tmp_path: Path) -> None:
    """A terminal takes ctrl+q for itself until it is told not to, and who pressed it would wait for ever."""
    with OllamaServer() as server, in_terminal(tmp_path, server.url) as terminal:
        terminal.press("ctrl+q")
        assert terminal.wait_for_exit() == 0
        assert after_the_screen(terminal).strip() == ""
        is_in_order(terminal)


def test_ctrl_c_among_our_own_imports_leaves_the_terminal_in_order(tmp_path: Path) -> None:
    """Nobody who changes their mind at once is to read a traceback."""
    start = f"""
import sys, time
sys.path.insert(0, {str(ROOT)!r})
from tui.__main__ import main
class Slow:
    def find_spec(self, name, *_):
        time.sleep(60 if name == "tui.cli" else 0)
sys.meta_path.insert(0, Slow())
sys.exit(main())
"""
    line = [sys.executable, "-c", start]
    with Terminal(line, environment(tmp_path, "http://h"), directory=tmp_path) as terminal:
        terminal.wait_for(ALTERNATE_SCREEN)
        terminal.press("ctrl+c")
        assert terminal.wait_for_exit() == 130
        assert after_the_screen(terminal).strip() == ""
        is_in_order(terminal)


def test_where_nobody_would_see_the_screen_there_is_none(tmp_path: Path) -> None:
    """It is drawn on stderr; into a file it would be a terminal that hangs, and that echoes nothing after."""
    script = '"$@" 2>complaint; echo "code $?"'
    with Terminal(
        ["/bin/sh", "-c", script, "sh", *command()], environment(tmp_path, "http://h"), directory=tmp_path
    ) as terminal:
        terminal.wait_for(drawn("code 2"))
        local = termios.tcgetattr(terminal._master)[3]
        assert local & termios.ECHO
        assert local & termios.ICANON
    assert "Start it without 2>" in (tmp_path / "complaint").read_text()


@pytest.mark.parametrize(
    ("on_exit", "left"),
    [("nothing", ""), ("all", "› one\n\nUse `git switch`.\n\n› two\n\nUse `git switch`.")],
)
def test_what_stays_is_a_setting(tmp_path: Path, on_exit: str, left: str) -> None:
    """Some want nothing of it in the scrollback, some want all."""
    also = {"LEADLINE_UI__ON_EXIT": on_exit}
    with OllamaServer() as server, in_terminal(tmp_path, server.url, also=also) as terminal:
        for question in ("one", "two"):
            terminal.type(f"{question}\r")
            terminal.wait_until(partial(_is_answered, question))
        terminal.type("/quit\r")
        assert terminal.wait_for_exit() == 0
        assert after_the_screen(terminal).replace("\r\n", "\n").strip() == left


def test_what_has_come_of_a_running_answer_stays_too(tmp_path: Path) -> None:
    """A question is in the scrollback, whether the store has it by then or not."""

    async def scene(person: Person) -> None:
        await person.until(lambda: person.chat.bridge.is_open)
        await person.ask("one")
        await person.sees("word word")
        await person.leave()

    async def still_asked(person: Person) -> None:
        await person.until(lambda: person.chat.bridge.is_open)
        with closing(sqlite3.connect(tmp_path / "leadline.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")  # another program writes, so the store cannot have it yet
            await person.ask("two")
            await person.until(lambda: len(server.requests("/api/chat")) == 2)
            await person.leave()

    with OllamaServer(Script(reply="word " * 5_000, tokens_per_s=300)) as server:
        settings = settings_for(server.url)
        settings = replace(settings, ui=replace(settings.ui, on_exit="all"))
        running = drive(scene, tmp_path, settings=settings)
        server.script = Script(ttft_s=60)
        unwritten = drive(still_asked, tmp_path, settings=settings)
    assert running.left.startswith("› one\n\nword word")
    assert unwritten.left == "› two\n\n"


def _is_answered(question: str, lines: Sequence[str]) -> bool:
    text = "\n".join(lines)
    return f"› {question}" in text and labels(text.split(f"› {question}")[-1]) > 0


def test_quitting_asks_nothing_that_still_waits(tmp_path: Path) -> None:
    """The answer that is stopped makes room for the next question, and nobody is there to read it."""

    async def scene(person: Person) -> None:
        await person.until(lambda: person.chat.bridge.is_open)
        await person.ask("one")
        await person.sees("word word")
        await person.ask("two")
        await person.leave()

    with OllamaServer(Script(reply="word " * 5_000, tokens_per_s=300)) as server:
        app = drive(scene, tmp_path, server.url)
    assert app.left.endswith("not asked:\n› two")
    with closing(Database.open(tmp_path / "leadline.db", time.time)) as database:
        assert Conversations(database).questions(9) == ("one",)


def test_quitting_in_the_middle_of_an_answer_keeps_and_leaves_what_came(tmp_path: Path) -> None:
    """Leaving must not wait for the model, nor lose what it said."""
    with OllamaServer(RUNNING) as server:
        with in_terminal(tmp_path, server.url) as terminal:
            terminal.type("long?\r")
            sees(terminal, "word word word")
            terminal.press("ctrl+q")
            assert terminal.wait_for_exit() == 0
            assert after_the_screen(terminal).strip().startswith("word word word")
            assert "Traceback" not in terminal.output.decode()
            is_in_order(terminal)
        server.wait_for(lambda record: record.client_gone_at is not None)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_to_go_leaves_the_terminal_in_order(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    """A closed session or a `kill` must not leave a terminal without echo and with the mouse on."""
    with OllamaServer(RUNNING) as server, in_terminal(tmp_path, server.url, kitty=True) as terminal:
        terminal.type("long?")
        terminal.press("enter")
        sees(terminal, "word word")
        os.kill(terminal.process.pid, number)
        assert terminal.wait_for_exit() == code
        is_in_order(terminal, kitty=True)


def test_a_bug_leaves_the_terminal_in_order_and_shows_itself(tmp_path: Path) -> None:
    """A crash is bad enough without a broken terminal."""
    start = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from tui.screens.chat import ChatScreen\n"
        "import os\n"
        "def broken(self):\n"
        "    environ = dict(os.environ)\n"
        "    raise RuntimeError('a bug for the test')\n"
        "ChatScreen.action_help = broken\n"
        "from tui.__main__ import main\n"
        "sys.exit(main())\n"
    )
    environ = environment(tmp_path, "127.0.0.1:9") | {"OLLAMA_API_KEY": "sk-planted-1"}
    with Terminal([sys.executable, "-c", start], environ) as terminal:
        sees(terminal, "Ask anything")
        terminal.press("f1")
        assert terminal.wait_for_exit() == 1
        terminal.wait_for(drawn("a bug for the test"))
        is_in_order(terminal)
        assert b"planted" not in terminal.output


def test_ctrl_z_gives_the_shell_and_fg_comes_back(tmp_path: Path) -> None:
    """A developer's terminal is also a shell; what was typed must be there on return."""
    shell = {"PS1": "$ ", "ENV": "", "HISTFILE": ""}
    start = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from tui.__main__ import main; sys.exit(main())"
    (tmp_path / "start.py").write_text(start)
    with (
        OllamaServer() as server,
        Terminal(
            ["/bin/bash", "--norc", "--noediting", "-i"],
            {**environment(tmp_path, server.url), **shell},
            directory=tmp_path,
        ) as terminal,
    ):
        terminal.wait_for(re.compile(rb"\$ "))
        terminal.type(f"{sys.executable} start.py\r")
        sees(terminal, "Ask anything")
        terminal.type("a draft")
        sees(terminal, "a draft")
        here = terminal.end
        terminal.press("ctrl+z")
        here = terminal.wait_for(LEFT_ALTERNATE_SCREEN, here).end
        here = terminal.wait_for(re.compile(rb"Stopped"), here).end
        terminal.type("echo in the $((40+2)) shell\r")
        here = terminal.wait_for(re.compile(rb"in the 42 shell"), here).end
        terminal.type("fg\r")
        here = terminal.wait_for(re.compile(re.escape(b"\x1b[?1049h")), here).end
        terminal.wait_for(drawn("a draft"), here)
        terminal.wait_for(drawn("nothing leaves this machine"), here)  # all of it is painted again
        terminal.type(" goes on")
        sees(terminal, "a draft goes on")
        terminal.press("ctrl+q")
        terminal.wait_for(LEFT_ALTERNATE_SCREEN, here)


def test_a_dumb_terminal_gets_no_traceback(tmp_path: Path) -> None:
    """`TERM=dumb` is what editors and CI give; whatever happens there, it is no crash."""
    also = {"TERM": "dumb"}
    with OllamaServer() as server, in_terminal(tmp_path, server.url, also=also) as terminal:
        terminal.type("hi\r")
        terminal.wait_for(drawn("switch"))
        terminal.press("ctrl+q")
        assert terminal.wait_for_exit() == 0
        assert b"Traceback" not in terminal.output


def test_no_color_writes_no_colour(tmp_path: Path) -> None:
    """`NO_COLOR` is a request, and some of those who make it cannot read otherwise."""
    with OllamaServer() as server, in_terminal(tmp_path, server.url, also={"NO_COLOR": "1"}) as terminal:
        terminal.type("hi\r")
        sees_label(terminal)
        for match in re.finditer(rb"\x1b\[([0-9;]*)m", terminal.output):
            codes = [int(code) for code in match[1].split(b";") if code]
            while codes:
                code = codes.pop(0)
                if code in (38, 48):
                    kind, *rest = codes
                    shades, codes = (rest[:3], rest[3:]) if kind == 2 else (rest[:1], rest[1:])
                    assert len(set(shades)) == 1, f"a colour: {shades}"
                else:
                    assert code < 30 or code in (39, 49), f"a colour: {code}"


def test_leaving_before_anything_was_asked_leaves_nothing(tmp_path: Path) -> None:
    """No answer, no line."""

    async def scene(person: Person) -> None:
        await person.press("ctrl+q")

    assert drive(scene, tmp_path).left == ""
