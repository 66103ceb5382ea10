"""Names, contents and output that want to act on the terminal, through everything that shows sources."""

import os
import re
import unicodedata
from pathlib import Path

import pytest

from tests.bench.terminal import Terminal
from tests.screen.terminals import in_terminal, sees
from tests.screen.test_terminal_safety import ALL, PAYLOADS, SECRET, grammar, remainder
from tests.server import OllamaServer, Script

HARMLESS = {"\n", "\r", "\t"}
IN_NAMES = "".join(PAYLOADS[name] for name in ("OSC 0", "CSI", "C1 OSC", "bidi", "zero width", "tags"))


def look_at_all_sources(terminal: Terminal) -> None:
    """Complete, attach, look, send, and run: every place where a source is shown."""
    sees(terminal, "Ask anything")
    terminal.type("@evil")
    sees(terminal, "@evil-0.txt")
    terminal.press("escape")
    terminal.wait_until(lambda lines: "tab takes" not in " ".join(lines))
    terminal.type("* @plain.txt")
    sees(terminal, "▤")
    sees(terminal, "plain.txt 2 tok")
    terminal.press("ctrl+s")
    sees(terminal, "What goes along")
    terminal.press("down")
    terminal.settle(0.1, 1)
    terminal.press("escape")
    terminal.wait_until(lambda lines: "What goes along" not in " ".join(lines))
    terminal.press("enter")
    sees(terminal, "THE END")
    terminal.type("!cat evil-1*; ls; echo over\r")
    sees(terminal, "goes with the next question")
    for key in ("page_up", "page_up", "page_down"):
        terminal.press(key)
        terminal.settle(0.05, 1)
    terminal.type("and now?\r")
    sees(terminal, "› and now?")
    terminal.press("ctrl+q")
    terminal.wait_for_exit()
    terminal.settle(0.1, 1)


def lay_out(folder: Path, name: str, text: str) -> None:
    """A project with a name and a content that may be anything."""
    (folder / "plain.txt").write_text("plain\n", "utf-8")
    for number, ending in enumerate(("", name)):
        data = f"begin {text}\nend {text}\n".replace("\0", "").encode("utf-8", "replace")
        place = os.path.join(os.fsencode(folder), f"evil-{number}{ending}.txt".replace("\0", "").encode())
        with open(place, "wb") as file:
            file.write(data)


@pytest.mark.timeout(90)
def test_no_source_reaches_the_terminal_as_anything_but_text(tmp_path: Path) -> None:
    """A file name from a cloned repository, a log, a command's output: 0 bytes may act.

    What a run with plain names and contents writes is the grammar; a run with every payload in names,
    contents and output may write no more.
    """
    outputs = []
    for number, (name, text) in enumerate((("plain", "plain"), (IN_NAMES, ALL.replace("\0", "")))):
        home = tmp_path / str(number)
        home.mkdir()
        lay_out(home, name, text)
        with (
            OllamaServer(Script(reply="THE END")) as server,
            in_terminal(home, server.url, also={"SHELL": "/bin/sh"}) as terminal,
        ):
            look_at_all_sources(terminal)
            outputs.append(terminal.output)

    harmless, poisoned = outputs
    assert grammar(poisoned) <= grammar(harmless)
    text = remainder(poisoned)
    assert "\x1b" not in text
    odd = {
        f"U+{ord(character):04X}"
        for character in text
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
        and character not in HARMLESS
    }
    assert odd <= {
        f"U+{ord(character):04X}"
        for character in remainder(harmless)
        if unicodedata.category(character) in ("Cc", "Cf")
    }
    assert not re.search(rb"\x1b\][^\x1b\x07]*" + SECRET.encode(), poisoned)
