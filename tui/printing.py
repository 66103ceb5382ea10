"""An answer's events on stdout and stderr: as text for people and pipes, or as JSON lines for programs.

Stdout carries only the answer. No escape sequence is ever written: a line that passes is wiped with spaces.
"""

import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress

from core.errors import HouseError
from core.events import (
    MaybeFound,
    Noted,
    Routed,
    StageReported,
    StageState,
    StoredQuestion,
    TextDelta,
    TextRestarted,
    ThinkingDelta,
    TurnCancelled,
    TurnEvent,
    TurnFailed,
    TurnFinished,
    UsageReported,
    Waiting,
    WaitReason,
)
from core.metrics.waits import ABANDONED_MS
from core.sanitise import clean
from tui.exits import DONE, FAILED, INTERRUPTED, WRONG_USAGE
from tui.extract import first_code_block
from tui.labels import stored_label
from tui.wait_words import instead_in_shell_text
from tui.wording import still_wait_text


class OutputLost(HouseError):
    """What was to be printed cannot be written, and not because its reader went away."""

    kind = "output"


def put(text: str) -> None:
    """Write to stdout, at once.

    Raises:
        BrokenPipeError: The reader went away.
        OutputLost: The disk is full, or the like.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = (error.strerror or "the system refused").lower()
        raise OutputLost(f"stdout cannot be written: {reason}", "Send it somewhere else.") from None


def put_json(values: Mapping[str, object]) -> None:
    """Write one line of JSON to stdout, its texts harmless; in ASCII where stdout takes nothing else."""
    plain = {name: clean(value) if isinstance(value, str) else value for name, value in values.items()}
    is_utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    put(json.dumps(plain, ensure_ascii=not is_utf8) + "\n")


def say(text: str) -> None:
    """Tell the person something that is not the answer; arguments and paths in it may hold anything."""
    print(f"leadline: {clean(text)}", file=sys.stderr, flush=True)  # noqa: T201  (stderr is what it is for)


def forget_stdout() -> None:
    """The reader went away, which is no error; Python's own flush at exit must not complain either."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def failure(error: HouseError) -> TurnFailed:
    """The event of an error that came before there was a turn."""
    return TurnFailed(error.kind, error.message, error.remedy, is_partial=False)


def stage_text(stage: StageReported) -> str:
    """What a person must know of a stage: what is missing in the answer, and what it was held against."""
    match stage:
        case StageReported(id="check", state=StageState.FINISHED, note=note) if note:
            return f"check: {note}"
        case StageReported(state=StageState.FAILED) if stage.id.startswith("part"):
            return f"without {stage.name}: {stage.note}" if stage.note else f"without {stage.name}"
    return ""  # of any other that fails the end of it all tells


def _is_one_stream() -> bool:
    """Whether both streams end in the same file or pipe, as in a filter of vim's."""
    try:
        out, err = os.fstat(sys.stdout.fileno()), os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):  # closed, or no real file
        return False
    return (out.st_dev, out.st_ino) == (err.st_dev, err.st_ino) and not sys.stdout.isatty()


def columns() -> int:
    """How wide the terminal is that stderr goes to; 80 without one."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


class PassingLine:
    """A line on stderr that is written over; nothing at all where stderr is no terminal."""

    def __init__(self) -> None:
        self.is_shown = sys.stderr.isatty()
        self._width = 0

    def show(self, text: str) -> None:
        """Put a text in the place of the one before."""
        if self.is_shown:
            self.wipe()
            text = text[: columns() - 1]  # a line that wraps could not be wiped
            self._width = len(text)
            sys.stderr.write(text)
            sys.stderr.flush()

    def wipe(self) -> None:
        """Leave an empty line, with the cursor at its beginning."""
        if self._width:
            sys.stderr.write(f"\r{' ' * self._width}\r")
            sys.stderr.flush()
            self._width = 0


class Printer:
    """Shows events; what both forms have in common.

    Attributes:
        is_partial: some text came.
        is_over: the final event was shown.
    """

    def __init__(self) -> None:
        self.exit_code = FAILED
        self.is_partial = False
        self.is_over = False

    def take(self, event: TurnEvent) -> None:
        """Show one event.

        Raises:
            BrokenPipeError: The reader went away.
            OutputLost: Stdout cannot be written.
        """
        match event:
            case TextDelta():
                self.is_partial = True
            case TurnFinished():
                self.is_over, self.exit_code = True, DONE
            case TurnFailed(kind=kind):
                self.is_over, self.exit_code = True, WRONG_USAGE if kind == "usage" else FAILED
            case TurnCancelled():
                self.is_over, self.exit_code = True, INTERRUPTED
        self.show(event)

    def show(self, event: TurnEvent) -> None:
        """Print what the event means."""
        raise NotImplementedError

    def pass_by(self, text: str) -> None:
        """Show how far it is, in a line that passes; nothing where nobody would see it."""


class TextPrinter(Printer):
    """The answer as text; the rest on stderr, and a passing line there while a terminal waits.

    Args:
        extract: print the first code block alone (without one the answer), when all of it is there. What only
            is worth knowing is then not said into the same file.
    """

    def __init__(self, extract: bool) -> None:
        super().__init__()
        self._extract = extract
        self._text: list[str] = []
        self._line = PassingLine()
        self._has_thought = False

    def show(self, event: TurnEvent) -> None:
        """Print what the event means."""
        match event:
            case Routed(route, model, source=StoredQuestion() as source):
                self._note(stored_label(route, model, source))
            case Routed(place="demo") if not self._is_filter:
                self._note("the demo model answers: prepared texts, no real model")
            case Waiting(reason, waited_ms, usual_ms):
                self._wait(reason, waited_ms, usual_ms)
            case ThinkingDelta() if not self._text and not self._has_thought:
                self._has_thought = True  # said once: what passes by may tell more of it
                self._wait(WaitReason.THINKING, 0.0, None)
            case TextDelta(text):
                self._line.wipe()
                self._text.append(text)
                if not self._extract:
                    put(text)
            case Noted(text) if not self._is_filter:
                self._note(text)
            case StageReported() if (said := stage_text(event)) and not self._is_filter:
                self._end_line()
                self._note(said)
            case TextRestarted(reason):
                self._begin_again(reason)
            case TurnFinished(reason=reason):
                self._finish(is_cut=reason == "length")
            case TurnFailed():
                self._break_off()
                self._note(f"{event.message}\n{event.remedy}")
            case TurnCancelled():
                self._break_off()

    def pass_by(self, text: str) -> None:
        """The line stands on stderr, but never on the line of an answer that is being printed there too."""
        if self._extract or not self._text or not sys.stdout.isatty():
            self._line.show(text)

    def _wait(self, reason: WaitReason, waited_ms: float, usual_ms: float | None) -> None:
        words = still_wait_text(reason, usual_ms)
        self._line.show(f"{instead_in_shell_text(words) if waited_ms >= ABANDONED_MS else words} …")

    def _begin_again(self, reason: str) -> None:
        """What was printed cannot be taken back; it can be said that it is no part of the answer."""
        if self._text:
            self._end_line()
            self._text.clear()
            self._note(f"the answer begins again: {reason}")

    @property
    def _is_filter(self) -> bool:
        """Whether what is only worth knowing would stand in the file that the answer goes to."""
        return self._extract and _is_one_stream()

    def _finish(self, is_cut: bool) -> None:
        if self._extract:
            self._print_block(is_cut)
        else:
            self._end_line()
        if is_cut:
            self._note("the answer was cut: the window is full")

    def _print_block(self, is_cut: bool) -> None:
        """The first code block, else the answer; but nothing of what was cut, as a pipe may run it."""
        self._line.wipe()
        text = "".join(self._text)
        block = first_code_block(text)
        if block is None and not is_cut:
            put(text.strip("\n") + "\n")
        elif block is not None and (block.is_closed or not is_cut):
            put(block.code)
        else:
            self._note(f"the {'answer' if block is None else 'code block'} is not whole:\n{text}")
            self.exit_code = FAILED

    def _break_off(self) -> None:
        """The text so far is kept; with -x it goes where a person reads it, since code may be missing."""
        self._end_line()
        if self._extract and self._text:
            self._note("the answer so far:\n" + "".join(self._text))

    def _end_line(self) -> None:
        self._line.wipe()
        if self._text and not self._extract and not self._text[-1].endswith("\n"):
            put("\n")
            self._text.append("\n")

    def _note(self, text: str) -> None:
        """Tell something, on a line of its own when both streams are the same terminal."""
        self._line.wipe()
        say(text)


_JSON_FIELDS: dict[type, tuple[str, tuple[str, ...]]] = {
    Routed: ("routed", ("route", "model", "provider", "place", "source")),
    MaybeFound: ("maybe", ("text", "model", "source")),
    TextDelta: ("text", ("text",)),
    ThinkingDelta: ("thinking", ("text",)),
    UsageReported: (
        "usage",
        ("input_tokens", "cached_tokens", "thinking_tokens", "output_tokens", "usd", "is_estimate"),
    ),
    StageReported: (
        "stage",
        ("id", "name", "index", "count", "state", "elapsed_ms", "usual_ms", "usd"),
    ),
    TextRestarted: ("restarted", ("reason",)),
    TurnFinished: ("finished", ("turn", "answer", "ttft_ms", "total_ms", "output_tokens", "reason")),
    TurnFailed: ("failed", ("kind", "message", "remedy", "is_partial")),
    TurnCancelled: ("cancelled", ("is_partial",)),
}
"""The names and fields that programs rely on; what is None is left out."""


class JsonPrinter(Printer):
    """One event a line, ``event`` first; notes and errors are told on stderr as well, for people."""

    def show(self, event: TurnEvent) -> None:
        """Print what the event means."""
        match event:
            case Noted(text):
                say(text)
            case StageReported() if said := stage_text(event):
                say(said)
            case TurnFailed():
                say(f"{event.message}\n{event.remedy}")
        if type(event) not in _JSON_FIELDS:
            return
        name, fields = _JSON_FIELDS[type(event)]
        put_json({"event": name} | _shown({field: getattr(event, field) for field in fields}))


def _shown(values: dict[str, object]) -> dict[str, object]:
    """Values as JSON has them: harmless texts, times with one decimal, nothing of what is None."""
    return {name: _plain(name, value) for name, value in values.items() if value is not None}


def _plain(name: str, value: object) -> object:
    match value:
        case str():
            return clean(value)
        case float() if name.endswith(("_ms", "_s")):
            return round(value, 1)
        case StoredQuestion(question, age_s, differs):
            return _shown({"question": question, "age_s": age_s, "differs": [clean(one) for one in differs]})
    return value
