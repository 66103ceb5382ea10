"""Measures models one after the other: what it does is told as it happens, and gone on with after a stop.

A model is put out of memory and loaded again (cold first token), answers the quiz (warm first token, right
answers), and reads and writes a longer text (tokens a second). An answer is stored before the next question.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace

from core.errors import ModelLoadFailed, ModelMissing, ProviderError, RequestRejected
from core.lanes import Lanes
from core.providers.base import ModelInfo, Provider, Unloads
from core.providers.choice import think_for
from core.store.tuned import COMPLETE, FAILED, RUNNING, TuneAnswer, TunedStore, TuneRun
from core.tuning.asking import Overtaken, TooSlow, ask
from core.tuning.candidates import check_place, find_candidates
from core.tuning.events import Asked, Measuring, ModelBegun, ModelDone, ModelFailed, TuneEvent
from core.tuning.machine import this_machine
from core.tuning.pace import Pace
from core.tuning.quiz import QuizQuestion, quiz, quiz_name
from core.tuning.requests import long_request, quiz_request, short_request
from core.tuning.result import Result
from core.tuning.results import result_of

QUESTION_S = 60.0
"""A question that takes longer is answered wrongly, whatever would have come."""
COLD_S = 300.0
"""Loading included."""
_MOST_SLOW = 3
"""In a row: the model is of no use here, and nobody waits an hour to hear it."""

_OF_THE_MODEL = (ModelLoadFailed, ModelMissing, RequestRejected)
"""Errors that another model would not meet; any other is the server's, and ends the measuring."""


class Tuner:
    """Measures models of one provider on this machine.

    Attributes:
        left_out: why models were no candidates although they are here, by their names.

    Args:
        lanes: who goes before it; a question that was overtaken is asked again, and its times do not count.
        clock: seconds, never going back.
        is_own: the settings say that the machine of the provider counts as this one.
        questions, name: the quiz, and what its results are kept under; by default the built-in one.
    """

    def __init__(
        self,
        provider: Provider,
        store: TunedStore,
        clock: Callable[[], float],
        lanes: Lanes | None = None,
        num_ctx: int = 8192,
        *,
        is_own: bool = False,
        questions: Callable[[bool], tuple[QuizQuestion, ...]] = lambda is_quick: quiz(is_quick=is_quick),
        name: Callable[[bool], str] = lambda is_quick: quiz_name(is_quick=is_quick),
    ) -> None:
        self._provider = provider
        self._store = store
        self._clock = clock
        self._lanes = lanes or Lanes()
        self._num_ctx = num_ctx
        self._is_own = is_own
        self._questions = questions
        self._name = name
        self._machine = this_machine()
        self.left_out: Mapping[str, str] = {}

    async def candidates(self, names: Sequence[str]) -> tuple[ModelInfo, ...]:
        """The models to measure: those named, or all that are pulled here, can chat and fit.

        Raises:
            ModelMissing: One that was named is not there, or none is.
            NotMeasured: The server is not this machine, or what was named answers no questions.
            ProviderError: The server does not answer.
        """
        check_place(self._provider, is_own=self._is_own)
        models, self.left_out = await find_candidates(self._provider, names)
        return models

    async def run(
        self, models: Sequence[ModelInfo], *, is_quick: bool = False, is_anew: bool = False
    ) -> AsyncGenerator[TuneEvent, None]:
        """Measure them; closing the generator breaks off, and the same call later goes on.

        Args:
            is_anew: also those that were measured before.

        Raises:
            ProviderError: The server failed; what was measured is kept.
        """
        known = {} if is_anew else self._known(len(self._questions(is_quick)))
        pace = Pace(self._questions(is_quick))
        fresh = [model for model in models if model.identity not in known]
        before = next((model for model in models if model.is_loaded), None)
        for model in models:
            if (result := known.get(model.identity)) is not None:
                yield ModelDone(replace(result, model=model.name), is_from_before=True)
        for index, model in enumerate(fresh):
            pace.begin(model, fresh[index + 1 :])
            run = await self._open(model, is_quick, is_anew)
            place = (index + 1, len(fresh))
            with self._lanes.measuring():
                async with aclosing(self._measure(model, run, pace, is_quick, place)) as steps:
                    async for step in steps:
                        yield step
        if before is not None and fresh and before is not fresh[-1]:
            await self._load(before)

    def results(self) -> tuple[Result, ...]:
        """What was measured on this machine and still holds: of each model the full quiz before the quick."""
        found: dict[str, Result] = {}
        runs = self._store.complete(self._provider.address, self._machine)
        for is_quick in (False, True):
            name, questions = self._name(is_quick), self._questions(is_quick)
            for run in runs:
                if run.quiz == name and run.digest not in found:
                    found[run.digest] = result_of(run, questions)
        return tuple(found.values())

    async def _open(self, model: ModelInfo, is_quick: bool, is_anew: bool) -> TuneRun:
        """The measurement that was broken off, or a new one."""
        where = (self._provider.address, self._machine)
        name = self._name(is_quick)
        digest = model.identity
        unfinished = None if is_anew else self._store.unfinished(*where, digest, name)
        if unfinished is not None:
            return unfinished
        number = await asyncio.wrap_future(self._store.begin(*where, model.name, digest, name))
        return TuneRun(number, *where, model.name, digest, name, RUNNING, 0.0, 0.0)

    def _known(self, questions: int) -> dict[str, Result]:
        """By digest, what was measured with so many questions or more."""
        return {result.digest: result for result in self.results() if result.asked >= questions}

    async def _measure(
        self, model: ModelInfo, run: TuneRun, pace: Pace, is_quick: bool, place: tuple[int, int]
    ) -> AsyncGenerator[TuneEvent, None]:
        questions = self._questions(is_quick)
        done = {answer.question for answer in run.answers}
        yield ModelBegun(model.name, *place, len(done), len(questions))
        try:
            yield Measuring(model.name, "loading")
            if run.cold_ttft_ms is None:
                await self._cold(model, run)
            slow = 0
            for question in questions:
                if question.id in done:
                    continue
                answer = await self._ask(model, question)
                await asyncio.wrap_future(self._store.answer(run.id, answer))
                done.add(question.id)
                pace.answered(answer.total_ms / 1000, len(questions) - len(done))
                yield Asked(
                    model.name,
                    len(done),
                    len(questions),
                    answer.is_right,
                    None if answer.ttft_ms is None else answer.ttft_ms / 1000,
                    pace.left_s,
                )
                slow = slow + 1 if answer.total_ms >= QUESTION_S * 1000 else 0
                if slow == _MOST_SLOW:
                    raise TooSlow
            yield Measuring(model.name, "reading and writing")
            await self._rates(model, run)
        except _OF_THE_MODEL as error:
            await self._fail(run, error.message)
            yield ModelFailed(model.name, error.message, error.remedy)
            return
        except TooSlow:
            message = f"{model.name} takes more than {QUESTION_S:.0f} s for one line here"
            await self._fail(run, message)
            yield ModelFailed(model.name, message, "Take a smaller model: `leadline pull llama3.2:1b`.")
            return
        await asyncio.wrap_future(self._store.end(run.id, COMPLETE))
        # The newest of this model: another leadline may have measured it meanwhile.
        whole = self._store.complete(run.address, run.machine)
        measured = next(each for each in whole if (each.digest, each.quiz) == (run.digest, run.quiz))
        yield ModelDone(result_of(measured, questions))
        if not model.is_loaded:
            with suppress(*_OF_THE_MODEL):  # measured it is, though it may be gone by now
                await self._unload(model)

    async def _cold(self, model: ModelInfo, run: TuneRun) -> None:
        """The first token of a model that is not in memory; where it cannot be put out, nothing is said."""
        while True:
            is_cold = await self._unload(model)
            try:
                answered = await ask(
                    self._provider,
                    short_request(model, self._num_ctx, think_for(model)),
                    self._clock,
                    self._lanes,
                    COLD_S,
                )
            except Overtaken:
                await self._make_way()
                continue
            if is_cold and answered.times.ttft_ms is not None:
                await asyncio.wrap_future(self._store.measure(run.id, cold_ttft_ms=answered.times.ttft_ms))
            return

    async def _ask(self, model: ModelInfo, question: QuizQuestion) -> TuneAnswer:
        request = quiz_request(model, question.text, self._num_ctx, think_for(model))
        while True:
            try:
                answered = await ask(self._provider, request, self._clock, self._lanes, QUESTION_S)
            except Overtaken:
                await self._make_way()
                # Another model may have been loaded meanwhile: its place is taken back before times count.
                await self._load(model)
                continue
            except TooSlow:
                return TuneAnswer(question.id, False, "", None, QUESTION_S * 1000)
            times = answered.times
            is_right = question.is_right(answered.text)
            return TuneAnswer(question.id, is_right, answered.text, times.ttft_ms, times.total_ms)

    async def _rates(self, model: ModelInfo, run: TuneRun) -> None:
        """Tokens a second read and written by the server's own durations, and the memory it takes."""
        request = long_request(model, self._num_ctx, think_for(model), str(run.id))
        prefill = decode = None
        while True:
            try:
                answered = await ask(self._provider, request, self._clock, self._lanes, COLD_S)
            except Overtaken:
                await self._make_way()
                continue
            except TooSlow:
                break
            if (ended := answered.ended) is not None:
                fresh = ended.input_tokens - ended.cached_tokens
                prefill = fresh / ended.prefill_ms * 1000 if ended.prefill_ms > 0 and fresh > 0 else None
                decode = ended.output_tokens / ended.decode_ms * 1000 if ended.decode_ms > 0 else None
            break
        state = await self._provider.look()
        loaded = next((each for each in state.models if each.name == model.name and each.is_loaded), None)
        await asyncio.wrap_future(
            self._store.measure(
                run.id,
                prefill_per_s=prefill,
                decode_per_s=decode,
                memory_bytes=loaded.loaded_bytes if loaded else None,
                vram_bytes=loaded.loaded_vram_bytes if loaded else None,
            )
        )

    async def _make_way(self) -> None:
        await self._lanes.wait_until_unclaimed()

    async def _load(self, model: ModelInfo) -> None:
        """Bring a model back into memory; that it does not come is for the next request to say."""
        request = replace(short_request(model, self._num_ctx, think_for(model)), messages=())
        with suppress(ProviderError, Overtaken, TooSlow):
            await ask(self._provider, request, self._clock, self._lanes, COLD_S)

    async def _unload(self, model: ModelInfo) -> bool:
        """Put a model out of memory; whether it could be."""
        if not isinstance(self._provider, Unloads):
            return False
        await self._provider.unload(model.name)
        return True

    async def _fail(self, run: TuneRun, note: str) -> None:
        await asyncio.wrap_future(self._store.end(run.id, FAILED, note))
