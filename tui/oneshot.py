"""``leadline ask``: the engine's events as one answer on stdout, notes on stderr."""

import argparse
import asyncio
import json
import os
import sys
from contextlib import aclosing, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import HouseError, UsageInvalid
from core.events import (
    Noted,
    Routed,
    TextDelta,
    ThinkingDelta,
    TurnCancelled,
    TurnEvent,
    TurnFailed,
    TurnFinished,
    UsageReported,
    Waiting,
)
from core.messages import Attachment, Question
from core.settings.load import load
from core.settings.paths import find_paths
from tui.extract import first_code_block
from tui.wording import wait_text

if TYPE_CHECKING:
    from core.engine.engine import Engine

ANSWERED, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130


def run(arguments: argparse.Namespace) -> int:
    """Ask one question; the exit code."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # absent on replaced streams
    printer = _JsonPrinter() if arguments.json else _TextPrinter(arguments.extract)
    try:
        question = _read_question(arguments)
        paths = find_paths(os.environ, arguments.demo)
        settings = load(paths, os.environ, {}).settings
        from core.engine.build import build_engine

        engine, note = build_engine(settings, paths.database, os.environ, arguments.demo)
    except HouseError as error:
        printer.take(TurnFailed(error.kind, error.message, error.remedy, is_partial=False))
        return WRONG_USAGE if isinstance(error, UsageInvalid) else FAILED
    except KeyboardInterrupt:  # while stdin was read
        printer.take(TurnCancelled(is_partial=False))
        return INTERRUPTED
    if note:
        printer.take(Noted(note))
    return asyncio.run(_ask(engine, question, arguments.goes_on, printer))


async def _ask(engine: "Engine", question: Question, goes_on: bool, printer: "_Printer") -> int:
    try:
        if goes_on:
            latest = engine.latest()
            if latest is None:
                printer.take(Noted("no conversation here yet; this begins one"))
            else:
                question = replace(question, conversation=latest.id)
        async with aclosing(engine.ask(question)) as events:
            async for event in events:
                printer.take(event)
    except asyncio.CancelledError:
        printer.take(TurnCancelled(printer.is_partial))
        return INTERRUPTED
    except BrokenPipeError:
        forget_stdout()
        return ANSWERED
    finally:
        await engine.aclose()
    return printer.exit_code


def forget_stdout() -> None:
    """The reader went away, which is no error; Python's own flush at exit must not complain either."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _read_question(arguments: argparse.Namespace) -> Question:
    """The question from arguments, stdin and files.

    Raises:
        UsageInvalid: There is no question.
        AttachmentRefused: A file or stdin cannot be sent.
    """
    text = " ".join(arguments.question).strip()
    attachments: list[Attachment] = []
    if arguments.file:
        from core.context.attachments import read_file

        attachments = [read_file(name, Path.cwd()) for name in arguments.file]
    if sys.stdin is not None and not sys.stdin.isatty():
        from core.context.attachments import read_stdin

        piped = read_stdin(sys.stdin.buffer.read())
        if piped is not None and text:
            attachments.append(piped)
        elif piped is not None:
            text = piped.text.strip()
    if not text:
        raise UsageInvalid("there is no question", 'As in: leadline ask "how do I undo the last commit?"')
    from core.sanitise import clean

    return Question(
        clean(text),
        tuple(attachments),
        model=arguments.model,
        system=arguments.system,
        fit=arguments.fit,
        use_cache=not arguments.no_cache,
    )


class _Printer:
    """Shows events; what both forms have in common."""

    exit_code = FAILED
    is_partial = False

    def take(self, event: TurnEvent) -> None:
        """Show one event."""
        match event:
            case TextDelta():
                self.is_partial = True
            case TurnFinished():
                self.exit_code = ANSWERED


class _TextPrinter(_Printer):
    """The answer as text; the rest on stderr, and a passing line there while a terminal waits."""

    def __init__(self, extract: bool) -> None:
        self._extract = extract
        self._text: list[str] = []
        self._is_waiting = False
        self._may_tell_waits = sys.stderr is not None and sys.stderr.isatty()

    def take(self, event: TurnEvent) -> None:
        super().take(event)
        match event:
            case Waiting(reason, waited_ms, usual_ms):
                self._tell_wait(wait_text(reason, waited_ms, usual_ms))
            case TextDelta(text):
                self._end_wait()
                self._text.append(text)
                if not self._extract:
                    sys.stdout.write(text)
                    sys.stdout.flush()
            case Noted(text):
                self._note(text)
            case TurnFinished(reason=reason):
                self._finish(reason)
            case TurnFailed():
                self._end_line()
                self._note(f"{event.message}\n{event.remedy}")
            case TurnCancelled():
                self._end_line()

    def _finish(self, reason: str) -> None:
        if self._extract:
            self._print_block()
        else:
            self._end_line()
        if reason == "length":
            self._note("the answer was cut: the window is full")

    def _print_block(self) -> None:
        """Only code may reach a pipe that runs or commits it, so prose goes where a person reads it."""
        code = first_code_block("".join(self._text))
        if code is None:
            self._note("there is no code block in the answer:\n" + "".join(self._text))
            self.exit_code = FAILED
            return
        sys.stdout.write(code)
        sys.stdout.flush()

    def _end_line(self) -> None:
        self._end_wait()
        if self._text and not self._extract and not self._text[-1].endswith("\n"):
            sys.stdout.write("\n")
        with suppress(BrokenPipeError):
            sys.stdout.flush()

    def _note(self, text: str) -> None:
        self._end_wait()
        print(f"leadline: {text}", file=sys.stderr, flush=True)

    def _tell_wait(self, words: str) -> None:
        if self._may_tell_waits:
            self._is_waiting = True
            sys.stderr.write(f"\r\x1b[K{words} …")
            sys.stderr.flush()

    def _end_wait(self) -> None:
        if self._is_waiting:
            self._is_waiting = False
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


_JSON_NAMES: dict[type, str] = {
    Routed: "routed",
    TextDelta: "text",
    ThinkingDelta: "thinking",
    UsageReported: "usage",
    TurnFinished: "finished",
    TurnFailed: "failed",
    TurnCancelled: "cancelled",
}


class _JsonPrinter(_Printer):
    """One event a line, ``event`` first; notes stay on stderr, so that every line is a named event."""

    def take(self, event: TurnEvent) -> None:
        super().take(event)
        if isinstance(event, Noted):
            print(f"leadline: {event.text}", file=sys.stderr, flush=True)
        name = _JSON_NAMES.get(type(event))
        if name is None:
            return
        fields = {key: value for key, value in asdict(event).items() if value is not None}
        for key in ("ttft_ms", "total_ms"):
            if key in fields:
                fields[key] = round(fields[key], 1)
        line = json.dumps({"event": name, **fields}, ensure_ascii=False)
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
