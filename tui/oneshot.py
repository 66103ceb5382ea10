"""``leadline ask``: one question from arguments, files and stdin to one answer on stdout."""

import argparse
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import AttachmentRefused, HouseError, UsageInvalid
from core.events import Noted, TurnCancelled, TurnEvent, TurnFailed
from core.messages import Attachment, Door, Question
from core.settings.model import Settings
from core.settings.places import find_places
from core.settings.quick import settings_in_force
from tui.exits import DONE, INTERRUPTED
from tui.printing import (
    JsonPrinter,
    OutputLost,
    Printer,
    TextPrinter,
    failure,
    forget_stdout,
    say,
)
from tui.recalled import answer_at_once

if TYPE_CHECKING:
    from core.deep.question import Preset
    from core.engine.engine import Engine


def run(arguments: argparse.Namespace) -> int:
    """Ask one question; the exit code."""
    printer = JsonPrinter() if arguments.json else TextPrinter(arguments.extract)
    try:
        return _run(arguments, printer)
    except KeyboardInterrupt:
        if not printer.is_over:
            printer.take(TurnCancelled(printer.is_partial))
        return INTERRUPTED
    except OutputLost as error:
        forget_stdout()
        say(f"{error.message}\n{error.remedy}")
        return printer.exit_code or 1
    except BrokenPipeError:
        forget_stdout()
        return DONE


def refuse(error: UsageInvalid) -> int:
    """Tell a program that its arguments cannot be understood, in the form it asked for; the exit code."""
    printer = JsonPrinter()
    printer.take(failure(error))
    return printer.exit_code


def _run(arguments: argparse.Namespace, printer: Printer) -> int:
    try:
        question = _read_question(arguments, printer)
        places = find_places(os.environ, arguments.demo)
        settings = settings_in_force(places, os.environ)
        if (
            arguments.deep is None
            and not arguments.goes_on
            and answer_at_once(question, settings, places.database, printer, is_demo=arguments.demo)
        ):
            return printer.exit_code
        question = replace(question, use_cache=question.use_cache and settings.cache.ask)
        return _with_engine(question, settings, places.database, arguments, printer)
    except OutputLost:
        raise
    except HouseError as error:
        printer.take(failure(error))
        return printer.exit_code


def _with_engine(
    question: Question, settings: Settings, database: str, arguments: argparse.Namespace, printer: Printer
) -> int:
    """Ask the engine, and only now import what that takes."""
    import asyncio

    from core.engine.build import build_engine

    engine, note = build_engine(settings, Path(database), os.environ, arguments.demo)
    if note:
        printer.take(Noted(note))
    return asyncio.run(_ask(engine, question, arguments, printer))


async def _ask(engine: "Engine", question: Question, arguments: argparse.Namespace, printer: Printer) -> int:
    import asyncio

    from tui.interrupt import cancel_on_interrupt

    cancel_on_interrupt()
    try:
        if arguments.goes_on:
            question = _continued(engine, question, printer)
        async with aclosing(_answer(engine, question, arguments, printer)) as events:
            async for event in events:
                printer.take(event)
    except asyncio.CancelledError:
        if not printer.is_over:
            printer.take(TurnCancelled(printer.is_partial))
            if arguments.deep is not None:
                say("what came is kept; on the screen the run can go on")
    except OutputLost:
        raise
    except HouseError as error:
        printer.take(failure(error))
    except BrokenPipeError:
        raise
    except Exception as bug:
        # The question and what came are stored; the traceback behind this is for whoever mends it.
        message = f"leadline itself failed: {type(bug).__name__}: {bug}"
        remedy = "Please report it with the lines below; what was asked and answered is kept."
        printer.take(TurnFailed("bug", message, remedy, printer.is_partial))
        raise
    finally:
        await engine.aclose()
    return printer.exit_code


def _answer(
    engine: "Engine", question: Question, arguments: argparse.Namespace, printer: Printer
) -> AsyncGenerator[TurnEvent, None]:
    """What happens: the fast answer, or the deep one."""
    return (
        engine.ask(question) if arguments.deep is None else _deep_answer(engine, question, arguments, printer)
    )


async def _deep_answer(
    engine: "Engine", question: Question, arguments: argparse.Namespace, printer: Printer
) -> AsyncGenerator[TurnEvent, None]:
    """The deep answer that is there already, or the run that makes one."""
    from core.deep.question import Preset

    preset = Preset(arguments.deep or engine.settings.deep.preset)
    quick = replace(question, model=None)  # the model that is named is the deep one
    if question.use_cache and await engine.has_deep(quick, preset.depth, question.model or ""):
        events = engine.ask(quick)
    else:
        events = _run_of(engine, question, preset, arguments, printer)
    async with aclosing(events):
        async for event in events:
            yield event


def _run_of(
    engine: "Engine", question: Question, preset: "Preset", arguments: argparse.Namespace, printer: Printer
) -> AsyncGenerator[TurnEvent, None]:
    """A run, with nobody there to be asked on the way."""
    from core.deep.question import DeepQuestion
    from tui.deep_oneshot import thought_through

    deep = DeepQuestion(
        question.text,
        preset,
        conversation=question.conversation,
        attachments=question.attachments,
        system=question.system,
        model=question.model or "",
        allows_secrets=arguments.allow_secrets,
        door=question.door,
    )
    return thought_through(engine.deep, deep, printer.pass_by, fits=question.fit)


def _continued(engine: "Engine", question: Question, printer: Printer) -> Question:
    """The question as the next one of this project's last conversation."""
    latest = engine.latest()
    if latest is None:
        printer.take(Noted("no conversation here yet; this begins one"))
        return question
    return replace(question, conversation=latest.id)


def _read_question(arguments: argparse.Namespace, printer: Printer) -> Question:
    """The question from arguments, stdin and sources.

    Raises:
        UsageInvalid: There is no question.
        AttachmentRefused: A source cannot be sent.
        SecretsFound: Something in a source looks like a secret, and may not be sent.
    """
    asked = " ".join(arguments.question)
    text = asked.strip()
    attachments: list[Attachment] = []
    if arguments.file or "@" in asked:
        import asyncio

        from core.context.project import directory_of
        from tui.gathering import gather

        here = Path(directory_of(os.environ))
        attachments, note = asyncio.run(gather(asked, arguments.file, here, os.environ))
        if note:
            printer.take(Noted(note))
    piped = None if sys.stdin.isatty() else _read_stdin(arguments.stdin)
    if piped is not None and text:
        attachments.append(piped)
    elif piped is not None:
        text = piped.text.strip()
    if not text:
        raise UsageInvalid("there is no question", 'As in: leadline ask "how do I undo the last commit?"')
    if not arguments.allow_secrets and (attachments or piped is not None):
        from tui.gathering import refuse_secrets

        refuse_secrets([*attachments, *([piped] if piped and piped not in attachments else [])])
    from core.sanitise import clean

    return Question(
        clean(text),
        tuple(attachments),
        model=arguments.model,
        system=arguments.system,
        fit=arguments.fit,
        use_cache=not arguments.no_cache,
        takes_offers=arguments.json,
        door=Door.ASK,
    )


def _read_stdin(read: bytes | None) -> Attachment | None:
    """What came through stdin, read here unless somebody has read it already."""
    from core.context.attachments import read_stdin
    from core.context.bounds import LARGEST_BYTES

    if read is not None:
        return read_stdin(read)
    try:
        data = sys.stdin.buffer.read(LARGEST_BYTES + 1)  # one byte more shows that it is too much
    except OSError as error:
        reason = (error.strerror or "the system refused").lower()
        raise AttachmentRefused(f"stdin cannot be read: {reason}", "Send it as a file: -f FILE.") from None
    return read_stdin(data)
