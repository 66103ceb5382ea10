"""Nothing a model, a server or a clipboard says can act on the terminal: measured in a real one."""

import re
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from tests.bench.terminal import Terminal
from tests.screen.terminals import in_terminal, sees
from tests.server import Fault, Model, OllamaServer, Pull, Script

SECRET = "cGF5bG9hZA=="
"""What every payload would do something with; its base64 must never come out behind an escape."""

PAYLOADS = {
    "OSC 52": f"\x1b]52;c;{SECRET}\x07",
    "OSC 52 with ST": f"\x1b]52;c;{SECRET}\x1b\\",
    "OSC 0": "\x1b]0;owned\x07",
    "OSC 8": "\x1b]8;;http://evil.example/\x1b\\click\x1b]8;;\x1b\\",
    "CSI": "\x1b[2J\x1b[31m\x1b[10;10H\x1b[6n\x1b[?1049l",
    "DCS": "\x1bP+q544e\x1b\\",
    "C1 CSI": "\u009b2J",
    "C1 OSC": f"\u009d52;c;{SECRET}\u009c",
    "reset": "\x1bc",
    "C0": "\x00\x05\x07\x08\x0b\x0c\x0e\x0f\x11\x13\x1a",
    "DEL": "\x7f",
    "bidi": "\u202e\u2066\u2069\u200f\u061c",
    "zero width": "\u200b\u200c\u2060\ufeff",
    "tags": "\U000e0041\U000e0042\U000e007f",
    "separators": "\u2028\u2029\u0085",
}
ALL = "".join(PAYLOADS.values())
SHORT = "".join(PAYLOADS[name] for name in ("OSC 52", "OSC 0", "CSI", "C1 OSC", "bidi", "zero width", "tags"))
ENTITIES = "&#x202e;&#27;]52;c;eA==&#7;&#x9b;2J&#x200b;&ZeroWidthSpace;&lrm;&#xe0041;&#155;31m"
REPLY = f"""\
text {ALL} text {ENTITIES}

# heading {ALL}{ENTITIES}

```python {ALL}
x = "{ALL}"  # {ALL}{ENTITIES}
```

- item {ALL}
- [link {ALL}](http://example.org/{PAYLOADS["OSC 8"]} "title {ALL}{ENTITIES}")
- <b>{ALL}</b> ![image {ALL}](x.png)
- <http://example.org/{PAYLOADS["tags"]}>

| {ALL} | b |
|---|---|
| `{ALL}` | {ENTITIES} |

> quote {ALL}

**THE END**
"""

_SEQUENCE = re.compile(
    rb"\x1b\[(?P<csi>[<-?]?[0-9;:]*[ -/]*[@-~])"
    rb"|\x1b(?P<string>[\]P_^X][^\x07\x1b]*)(?:\x07|\x1b\\)"
    rb"|\x1b(?P<other>[^\[\]P_^X])"
)
_HARMLESS_CONTROLS = {"\n", "\r", "\t"}


def grammar(output: bytes) -> set[str]:
    """The kinds of sequences in what was written: a CSI by its letters, a string by its whole text."""
    kinds = set()
    for match in _SEQUENCE.finditer(output):
        if match["csi"]:
            mode = match["csi"] if match["csi"][-1:] in b"hl" else re.sub(rb"[0-9;:]", b"", match["csi"])
            kinds.add(f"CSI {mode.decode()}")
        else:
            kinds.add(repr(match["string"] or match["other"]))
    return kinds


def remainder(output: bytes) -> str:
    """What is left as text when every sequence is taken out."""
    return _SEQUENCE.sub(b"", output).decode()


def look_at_everything(terminal: Terminal, server: OllamaServer) -> None:
    """Ask, page through the answer, open all that shows a server's words, and quit."""
    calm = server.script
    sees(terminal, "Ask anything")
    terminal.type("show me\r")
    sees(terminal, "THE END")
    for key in ("page_up", "page_up", "page_down", "page_down"):
        terminal.press(key)
        terminal.settle(0.05, 1)
    terminal.press("f2")
    sees(terminal, "Which model answers")
    sees(terminal, "second")
    terminal.press("escape")
    terminal.wait_until(lambda lines: "Which model" not in " ".join(lines))
    terminal.type("/pull third\r")
    sees(terminal, "could not")
    error = ('{"error": "broken ' + _as_json(ALL) + ' broken"}\n').encode()
    server.script = replace(calm, fault=Fault.RAW, raw_body=error, fault_times=1)
    terminal.type("another\r")
    sees(terminal, "› another")
    terminal.wait_until(lambda lines: "broken" in " ".join(lines))
    # Without single control characters: Textual takes what stands behind an ESC in a paste for keys.
    terminal.send(b"\x1b[200~" + f"pasted {SHORT} end".encode() + b"\x1b[201~")
    terminal.settle(0.1, 1)
    terminal.resize(100, 30)
    terminal.settle(0.1, 1)
    terminal.press("f1")
    sees(terminal, "send the question")
    terminal.press("escape")
    terminal.press("ctrl+q")
    terminal.wait_for_exit()
    terminal.settle(0.1, 1)


def _as_json(text: str) -> str:
    return "".join(f"\\u{unit:04x}" for unit in _utf16(text))


def _utf16(text: str) -> list[int]:
    data = text.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(data[at : at + 2]) for at in range(0, len(data), 2)]


def test_no_text_from_outside_reaches_the_terminal_as_anything_but_text(tmp_path: Path) -> None:
    """OSC 52 would take the clipboard, OSC 0 the title, a C1 byte the screen: none of them may come out.

    What a run with plain texts writes is the grammar; a run with every payload in every place (text, code,
    link target, title, entity, table, model name, error, paste, one character a piece) may write no more.
    """
    plain = re.sub(r"[^\n -~]", "", REPLY).replace("&#", "& #")
    evil_name = f"second{PAYLOADS['OSC 0']}{PAYLOADS['bidi']}:1b"

    def run(home: str, reply: str, name: str, error: str) -> bytes:
        (tmp_path / home).mkdir()
        models = (Model("qwen3.5:4b"), Model(name, parameter_size="1B"))
        script = Script(models=models, reply=tuple(reply), pull=Pull(error=error))
        with OllamaServer(script) as server, in_terminal(tmp_path / home, server.url) as terminal:
            look_at_everything(terminal, server)
            return terminal.output

    with ThreadPoolExecutor() as at_once:
        first = at_once.submit(run, "plain", plain, "second:1b", "could not")
        poisoned = run("poisoned", REPLY, evil_name, f"could not {SHORT}")
        harmless = first.result()
    assert grammar(poisoned) <= grammar(harmless)
    text = remainder(poisoned)
    assert "\x1b" not in text
    assert "THE END" in text
    odd = {
        f"U+{ord(character):04X}"
        for character in text
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
        and character not in _HARMLESS_CONTROLS
    }
    assert odd <= {
        f"U+{ord(character):04X}"
        for character in remainder(harmless)
        if unicodedata.category(character) in ("Cc", "Cf")
    }
    assert SECRET in text, "the payload's words are shown: nothing is hidden from who reads"
    assert not re.search(rb"\x1b\][^\x1b\x07]*" + SECRET.encode(), poisoned)


def test_the_measure_itself_sees_every_payload() -> None:
    """A guard that sees nothing would also find nothing wrong."""
    for name, payload in PAYLOADS.items():
        output = payload.encode()
        is_seen = bool(grammar(output)) or any(
            unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") for character in remainder(output)
        )
        assert is_seen, name
