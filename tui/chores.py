"""``leadline models``, ``pull`` and ``doctor``: what has to be done around the answers, from the shell."""

import argparse
import asyncio
import os
import sys
from contextlib import aclosing
from typing import TYPE_CHECKING

from core.engine.build import build_engine
from core.errors import SettingsInvalid
from core.settings.load import Loaded, load
from core.settings.paths import Paths, find_paths
from tui.amounts import bytes_text
from tui.exits import DONE, FAILED, INTERRUPTED
from tui.interrupt import cancel_on_interrupt
from tui.printing import PassingLine, say
from tui.wording import describe_model

if TYPE_CHECKING:
    from core.engine.engine import Engine
    from core.providers.base import PullProgress


def run(arguments: argparse.Namespace) -> int:
    """Do one chore; the exit code."""
    paths = find_paths(os.environ, arguments.demo)
    if arguments.chore == "doctor":
        from tui.examination import examine_and_print

        return examine_and_print(paths, arguments.demo, arguments.json)
    if arguments.chore == "keys":
        from tui import api_keys

        return api_keys.run(paths, load(paths, os.environ, {}), arguments.action, arguments.name)
    return asyncio.run(_with_engine(paths, load(paths, os.environ, {}), arguments))


async def _with_engine(paths: Paths, loaded: Loaded, arguments: argparse.Namespace) -> int:
    cancel_on_interrupt()
    engine, note = build_engine(loaded.settings, paths.database, os.environ, arguments.demo)
    if note:
        say(note)
    try:
        if arguments.chore == "pull":
            return await _pull(engine, arguments.model)
        if arguments.use:
            return await _use(engine, arguments.use, loaded)
        return await _list(engine)
    finally:
        await engine.aclose()


async def _use(engine: "Engine", model: str, loaded: Loaded) -> int:
    """Choose a model, unless a setting would go on choosing another.

    Raises:
        SettingsInvalid: A setting names the model.
    """
    named = loaded.settings.fast.model
    if named != "auto":
        source = loaded.sources["fast.model"]
        raise SettingsInvalid(
            f"{source} says fast.model = {named}, and a setting wins over a choice",
            f'Change it to "{model}" there, or to "auto".',
        )
    ready = await engine.use(model)
    print(f"{ready.model} answers from now on ({engine.provider.place(ready.remote_host)})")
    return DONE


async def _list(engine: "Engine") -> int:
    """The models, the one in use marked; with none there, what to do."""
    models = await engine.models()
    if not models:
        outlook = await engine.look()
        models = (outlook.model,) if outlook.model else ()
    if not models:
        say(f"{outlook.message}\n{outlook.remedy}")
        return FAILED
    in_use = engine.model_in_use()
    width = max(len(model.name) for model in models)
    for model in models:
        is_used = in_use is not None and model.name in (in_use.model, f"{in_use.model}:latest")
        mark = "*" if is_used else " "
        print(f"{mark} {model.name:<{width}}  {describe_model(model, engine.place_of(model))}")
    if in_use is None and not engine.provider.fetches and engine.provider.place().startswith("REMOTE"):
        say("none is chosen yet: leadline models --use NAME, or fast.model in the settings")
    elif in_use is None:
        say("none is chosen yet; the first question chooses one (or: leadline models --use NAME)")
    return DONE


async def _pull(engine: "Engine", model: str) -> int:
    """Fetch a model with a bar on a terminal, or a line a status elsewhere."""
    progress = _Progress()
    try:
        async with aclosing(engine.pull(model)) as steps:
            async for step in steps:
                progress.show(step)
    except asyncio.CancelledError:
        progress.end()
        say(f"stopped; `leadline pull {model}` goes on where it is")
        return INTERRUPTED
    finally:
        progress.end()
    print(f"{model} is there")
    return DONE


class _Progress:
    """A download on stderr."""

    def __init__(self) -> None:
        self._line = PassingLine()
        self._status = ""

    def show(self, step: "PullProgress") -> None:
        """One report."""
        if self._line.is_shown:
            share = min(max(step.completed / step.total, 0.0), 1.0) if step.total > 0 else 0.0
            amount = (
                f"{share:4.0%} {bytes_text(step.completed)}/{bytes_text(step.total)} " if step.total else ""
            )
            self._line.show(f"{'━' * round(share * 24):<24} {amount}{step.status[:40]}")
        elif step.status != self._status:
            print(step.status, file=sys.stderr, flush=True)
        self._status = step.status

    def end(self) -> None:
        """Leave the line."""
        self._line.wipe()
