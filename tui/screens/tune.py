"""Measuring the models that are here, laid over the screen: what will be, what is, and what came of it."""

import asyncio
import os
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from core.errors import HouseError
from core.providers.base import ModelInfo
from core.sanitise import clean_line
from core.settings.chosen import choose_for_good
from core.settings.paths import find_paths
from core.tuning.events import Asked, Measuring, ModelBegun, ModelDone, ModelFailed, TuneEvent
from core.tuning.result import Proposed, Result, propose
from tui.bridge import Bridge
from tui.tune_wording import begun_text, failed_text, left_out_text, progress_text, ranked, table_lines

INTRO = (
    "Which model gives most here: a quiz graded by rule, first tokens cold and warm, tokens a second, memory."
    " An answer that is under way goes first. Esc stops; what was measured is kept and gone on with."
)
_END = "All of them are measured; `leadline tune --again` measures them anew."
_END_TROUBLED = "Some could not be measured."
_FRAME_CELLS = 6
_MOST_CELLS = 120


class TuneScreen(ModalScreen[str]):
    """Measures while it is open; dismissed with the model that was taken, or with nothing."""

    DEFAULT_CSS = """
    TuneScreen { align: center middle; background: $background 60%; }
    TuneScreen VerticalScroll {
        width: 100%; max-width: 128; height: auto; max-height: 96%;
        padding: 0 1; background: $surface; border: round $primary;
    }
    TuneScreen Static { margin-bottom: 1; }
    TuneScreen #keys { color: $text-accent; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "leave", "Stop and close"),
        ("enter", "begin(False)", "Measure"),
        ("k", "begin(True)", "Measure with a third of the quiz"),
        ("y", "accept", "Take what is proposed"),
    ]

    def __init__(self, bridge: Bridge, failure_cost_s: float) -> None:
        super().__init__()
        self._bridge = bridge
        self._failure_cost_s = failure_cost_s
        self._models: tuple[ModelInfo, ...] = ()
        self._later: list[str] = []
        self._results: dict[str, Result] = {}
        self._troubles: dict[str, str] = {}
        self._proposed: Proposed | None = None
        self._is_running = False
        self._now = Static("looking what is here …", markup=False)
        self._table = Static("", markup=False)
        self._keys = Static("esc closes", markup=False, id="keys")

    def compose(self) -> ComposeResult:
        """An introduction, what goes on, the keys that mean something now, and the table as it grows."""
        with VerticalScroll():
            yield Static(INTRO, markup=False)
            yield self._now
            yield self._keys  # above what grows: it must not be pushed out of a small terminal
            yield self._table

    def on_mount(self) -> None:
        """See which models there are, and what is known of them."""
        self.query_one(VerticalScroll).focus()
        self.run_worker(self._look(), group="tune", exclusive=True)

    async def _look(self) -> None:
        try:
            tuner = await self._bridge.tuner()
            self._models = await tuner.candidates(())
            known = {result.digest: result for result in tuner.results()}
        except HouseError as error:
            self._now.update(clean_line(error.message) + "\n" + clean_line(error.remedy))
            return
        for model in self._models:
            if (result := known.get(model.identity)) is not None:
                # It may have had another name when it was measured, and that one may be gone.
                self._results[model.name] = replace(result, model=model.name)
        names = ", ".join(clean_line(model.name) for model in self._models)
        left_out = left_out_text(tuner.left_out)
        self._now.update(f"To measure: {names}" + (f"\n{left_out}" if left_out else ""))
        self._show()

    def action_begin(self, is_quick: bool) -> None:
        """Measure all of them, with all of the quiz or a third of it."""
        if self._models and not self._is_running:
            self._is_running = True
            self._troubles.clear()
            self._later = [model.name for model in self._models]
            self.run_worker(self._measure(is_quick), group="tune", exclusive=True)
            self._show()

    async def _measure(self, is_quick: bool) -> None:
        try:
            tuner = await self._bridge.tuner()
            async with aclosing(tuner.run(self._models, is_quick=is_quick)) as steps:
                async for step in steps:
                    self._take(step)
            self._now.update(_END if not self._troubles else _END_TROUBLED)
        except HouseError as error:
            told = f"{error.message}\n{error.remedy}\nWhat was measured is kept; enter goes on where it is."
            self._now.update("\n".join(map(clean_line, told.split("\n"))))
        finally:
            self._is_running = False
        self._show()

    def _take(self, step: TuneEvent) -> None:
        match step:
            case ModelBegun(model=model):
                self._reached(model)
                self._now.update(self._with_later(begun_text(step)))
            case Asked() | Measuring():
                self._now.update(self._with_later(progress_text(step)))
            case ModelDone(result=result):
                self._reached(result.model)
                self._results[result.model] = result
                self._show()
            case ModelFailed(model=model):
                self._reached(model)
                self._troubles[model] = failed_text(step)
                self._show()

    def _reached(self, model: str) -> None:
        self._later = [each for each in self._later if each != model]

    def _with_later(self, words: str) -> str:
        return f"{words}\nthen {', '.join(map(clean_line, self._later))}" if self._later else words

    def on_resize(self) -> None:
        """Another width, another table."""
        self._show()

    def _show(self) -> None:
        results = list(self._results.values())
        self._proposed = propose(results, self._failure_cost_s)
        width = min(max(40, self.size.width - _FRAME_CELLS), _MOST_CELLS)
        self._table.update("\n".join(self._lines(results, width)))
        self._keys.update(self._keys_now())

    def _lines(self, results: Sequence[Result], width: int) -> list[str]:
        lines: list[str] = []
        if self._proposed is not None and not self._is_running:
            lines += [clean_line(self._proposed.reason), ""]
        lines += self._troubles.values()
        if results:
            lines += table_lines(ranked(results, self._proposed, self._failure_cost_s), width)
        return lines

    def _keys_now(self) -> str:
        if self._is_running:
            return "esc stops"
        begin = "enter measures with all of the quiz · k with a third of it · " if self._models else ""
        taken = f"y takes {clean_line(self._proposed.model)} from now on · " if self._proposed else ""
        return f"{taken}{begin}esc closes"

    def action_accept(self) -> None:
        """Write the setting, and answer with it from the next question on."""
        if self._proposed is not None and not self._is_running:
            self.run_worker(self._accept(self._proposed.model), group="tune", exclusive=True)

    async def _accept(self, model: str) -> None:
        try:
            paths = find_paths(os.environ, demo=False)
            await self._bridge.use(model)  # first: what is not there any more must not be written for good
            told = await asyncio.to_thread(choose_for_good, paths, os.environ, model)
        except HouseError as error:
            self._now.update(clean_line(error.message) + "\n" + clean_line(error.remedy))
            return
        self.dismiss(told)

    def action_leave(self) -> None:
        """Stop what runs, and close."""
        self.workers.cancel_group(self, "tune")
        self.dismiss("stopped; /tune goes on where it is" if self._is_running else "")
