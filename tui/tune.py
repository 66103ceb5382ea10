"""``leadline tune``: measures the models that are here, says which gives most, and takes it if wanted."""

import argparse
import asyncio
import os
import shlex
import sys
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import asdict
from typing import TYPE_CHECKING

from core.engine.build import build_engine
from core.errors import ProviderError, StoreUnavailable, StreamCut
from core.sanitise import clean_line
from core.settings.chosen import choose_for_good
from core.settings.load import load
from core.settings.paths import Paths, find_paths
from core.tuning.events import Asked, Measuring, ModelBegun, ModelDone, ModelFailed, TuneEvent
from core.tuning.result import Proposed, Result, propose
from tui.asking import wants
from tui.exits import DONE, FAILED, INTERRUPTED
from tui.interrupt import cancel_on_interrupt
from tui.labels import ago_text
from tui.printing import PassingLine, columns, put, put_json, say
from tui.tune_wording import begun_text, failed_text, left_out_text, progress_text, ranked, table_lines

if TYPE_CHECKING:
    from core.engine.engine import Engine


def run(arguments: argparse.Namespace) -> int:
    """Measure, print, propose; the exit code."""
    paths = find_paths(os.environ, arguments.demo)
    return asyncio.run(_tune(paths, arguments))


async def _tune(paths: Paths, arguments: argparse.Namespace) -> int:
    cancel_on_interrupt()
    settings = load(paths, os.environ, {}).settings
    engine, note = build_engine(settings, paths.database, os.environ, arguments.demo)
    if note:
        say(note)
    telling = _Telling(is_json=arguments.json)
    try:
        await _measure(engine, arguments, telling)
    except asyncio.CancelledError:
        telling.line.wipe()
        how = "--again begins anew" if arguments.again else "the same command goes on where it is"
        say(f"stopped; what was measured is kept, and {how}")
        return INTERRUPTED
    except (ProviderError, StoreUnavailable) as error:
        telling.line.wipe()
        if not (telling.results or isinstance(error, StreamCut)):
            raise
        # What a cut answer's remedy says is of no use here: nobody asked it.
        remedy = "" if isinstance(error, StreamCut) else f"{error.remedy}\n"
        say(f"{error.message}\n{remedy}what was measured is kept; `leadline tune` goes on where it is")
        telling.is_broken = telling.is_cut_short = True
    finally:
        telling.line.wipe()
        await engine.aclose()
    return _tell(telling, settings.metrics.failure_cost_s, paths, arguments)


async def _measure(engine: "Engine", arguments: argparse.Namespace, telling: "_Telling") -> None:
    models = await engine.tuner.candidates(arguments.models)
    if told := left_out_text(engine.tuner.left_out):
        say(f"{told}; `leadline tune NAME` measures it all the same")
    steps = engine.tuner.run(models, is_quick=arguments.quick, is_anew=arguments.again)
    async with aclosing(steps):
        async for step in steps:
            telling.take(step)


class _Telling:
    """Tells of the measuring on stderr as it goes; as JSON on stdout.

    Attributes:
        is_broken: something could not be measured.
        is_cut_short: and what was not yet measured never had its turn, so that nothing can be proposed.
    """

    def __init__(self, *, is_json: bool) -> None:
        self._is_json = is_json
        self.line = PassingLine()
        self.results: list[Result] = []
        self.is_broken = self.is_cut_short = False

    def take(self, step: TuneEvent) -> None:
        """One event."""
        match step:
            case ModelDone(result=result):
                self.results.append(result)
            case ModelFailed():
                self.is_broken = True
        if self._is_json:
            put_json({"event": _NAMES[type(step)], **_plain(step)})
        else:
            self._say(step)

    def _say(self, step: TuneEvent) -> None:
        match step:
            case ModelBegun():
                self.line.wipe()
                say(begun_text(step))
            case Asked() | Measuring():
                self.line.show(progress_text(step))
            case ModelDone(result=result, is_from_before=True):
                say(f"{result.model}: measured {ago_text(max(0.0, time.time() - result.measured_at))}")
            case ModelFailed():
                self.line.wipe()
                say(failed_text(step))


_NAMES = {
    ModelBegun: "begun",
    Measuring: "measuring",
    Asked: "asked",
    ModelDone: "measured",
    ModelFailed: "failed",
}


def _plain(step: TuneEvent) -> dict[str, object]:
    values = asdict(step)
    return {**values.pop("result"), **values} if isinstance(step, ModelDone) else values


def _tell(telling: _Telling, failure_cost_s: float, paths: Paths, arguments: argparse.Namespace) -> int:
    """The table, the proposal, and what becomes of it."""
    proposed = None if telling.is_cut_short else propose(telling.results, failure_cost_s)
    if arguments.json:
        _tell_json(telling.results, proposed, failure_cost_s)
    elif telling.results:
        _print_table(telling.results, proposed, failure_cost_s)
    if telling.is_cut_short:
        return FAILED
    if proposed is None:
        measured = "no model gave a right answer" if telling.results else "no model could be measured"
        say(f"{measured}, so none is proposed")
        return FAILED
    if arguments.yes or (not arguments.json and wants(f"use {clean_line(proposed.model)} from now on?")):
        say(choose_for_good(paths, os.environ, proposed.model))
    elif not sys.stdin.isatty():
        quoted = shlex.quote(proposed.model)
        say(f"to take it: leadline config set fast.model {quoted} (or `leadline tune --yes`)")
    return FAILED if telling.is_broken else DONE


def _print_table(results: Sequence[Result], proposed: Proposed | None, failure_cost_s: float) -> None:
    lines = table_lines(ranked(results, proposed, failure_cost_s), columns())
    put("".join(f"{line}\n" for line in lines))
    if proposed is not None:
        put(f"\n{proposed.reason}\n")


def _tell_json(results: Sequence[Result], proposed: Proposed | None, failure_cost_s: float) -> None:
    for each in ranked(results, proposed, failure_cost_s):
        put_json({"event": "result", **asdict(each.result), "share": each.result.share, "ips": each.ips})
    if proposed is not None:
        put_json({"event": "proposed", **asdict(proposed)})
