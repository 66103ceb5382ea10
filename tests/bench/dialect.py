"""What a terminal answers when a program asks it, and how it says that a key was pressed."""

import re
from dataclasses import dataclass

_ESC = b"\x1b"
_TAIL = 64
"""No question is longer, so no more need be kept of what was looked at."""

_QUESTION = re.compile(
    rb"\x1b\[(?P<report>[56])n"
    rb"|\x1b\[(?P<attributes>[>=]?)0?c"
    rb"|\x1b\[>0?(?P<version>q)"
    rb"|\x1b\[\?(?P<mode>\d+)\$p"
    rb"|\x1b\[\?(?P<flags>u)"
    rb"|\x1b\[>(?P<push>\d+)u"
    rb"|\x1b\[<(?P<pop>\d*)u"
    rb"|\x1b\](?P<colour>1[01]);\?(?:\x07|\x1b\\)"
    rb"|\x1b\[1(?P<size>[468])t"
)

KEYS: dict[str, tuple[bytes, bytes]] = {
    "enter": (b"\r", b"\x1b[13u"),
    "escape": (b"\x1b", b"\x1b[27u"),
    "tab": (b"\t", b"\x1b[9u"),
    "backspace": (b"\x7f", b"\x1b[127u"),
    "shift+tab": (b"\x1b[Z", b"\x1b[9;2u"),
    "shift+enter": (b"\r", b"\x1b[13;2u"),
    **{key: (code, code) for key, code in (("up", b"\x1b[A"), ("down", b"\x1b[B"), ("end", b"\x1b[F"))},
    **{key: (code, code) for key, code in (("page_up", b"\x1b[5~"), ("page_down", b"\x1b[6~"))},
    **{f"f{n}": (code, code) for n, code in enumerate((b"\x1bOP", b"\x1bOQ", b"\x1b[13~", b"\x1bOS"), 1)},
}
"""Keys as an ordinary terminal sends them, and as one does that was asked for the kitty protocol."""

_SYNCHRONISED, _IN_BAND_RESIZE = 2026, 2048


@dataclass(frozen=True, slots=True)
class Traits:
    """What the terminal can do.

    Attributes:
        kitty: it knows the kitty keyboard protocol; an Esc is then told from the start of a sequence at once.
        in_band_resize: it reports its size in the stream.
    """

    kitty: bool = False
    in_band_resize: bool = False


class Dialect:
    """The state of one terminal's conversation with one program."""

    def __init__(self, traits: Traits, columns: int, rows: int) -> None:
        self._traits = traits
        self._columns = columns
        self._rows = rows
        self._flags: list[int] = []
        self._unread = b""

    @property
    def speaks_kitty(self) -> bool:
        """Whether keys go out in the kitty protocol now."""
        return self._traits.kitty and bool(self._flags) and self._flags[-1] > 0

    def answers(self, output: bytes) -> bytes:
        """What is to be sent back for this piece of the program's output; pieces may cut a question."""
        text = self._unread + output
        end = 0
        said = []
        for match in _QUESTION.finditer(text):
            end = match.end()
            said.append(self._answer(match))
        self._unread = text[end:][-_TAIL:]
        return b"".join(said)

    def text(self, text: str) -> bytes:
        """Typed text."""
        if not self.speaks_kitty:
            return text.encode()
        return b"".join(f"\x1b[{ord(character)};;{ord(character)}u".encode() for character in text)

    def key(self, name: str) -> bytes:
        """A pressed key: a name of `KEYS`, or ``ctrl+`` and a letter."""
        if name.startswith("ctrl+"):
            letter = name.removeprefix("ctrl+")
            return (
                f"\x1b[{ord(letter)};5u".encode()
                if self.speaks_kitty
                else bytes([ord(letter.upper()) & 0x1F])
            )
        return KEYS[name][self.speaks_kitty]

    def _answer(self, match: re.Match[bytes]) -> bytes:
        kind, value = match.lastgroup, match[match.lastgroup or 0]
        match kind:
            case "report":
                return b"\x1b[0n" if value == b"5" else b"\x1b[1;1R"
            case "attributes":
                return b"\x1b[?62;22c" if value == b"" else b"\x1b[>1;10;0c"
            case "version":
                return b"\x1bP>|bench(1)\x1b\\"
            case "mode":
                return f"\x1b[?{int(value)};{self._mode(int(value))}$y".encode()
            case "colour":
                shade = b"ffff/ffff/ffff" if value == b"10" else b"0000/0000/0000"
                return b"\x1b]" + value + b";rgb:" + shade + b"\x1b\\"
            case "size":
                return f"\x1b[8;{self._rows};{self._columns}t".encode() if value == b"8" else b""
        return self._kitty(kind, value)

    def _kitty(self, kind: str | None, value: bytes) -> bytes:
        if not self._traits.kitty:
            return b""
        if kind == "push":
            self._flags.append(int(value))
        elif kind == "pop":
            del self._flags[-int(value or b"1") :]
        elif kind == "flags":
            return f"\x1b[?{self._flags[-1] if self._flags else 0}u".encode()
        return b""

    def _mode(self, mode: int) -> int:
        """2 is known and off, 0 is unknown."""
        return 2 if mode == _SYNCHRONISED or (mode == _IN_BAND_RESIZE and self._traits.in_band_resize) else 0
