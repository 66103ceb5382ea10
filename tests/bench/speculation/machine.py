"""The simulated machine: a provider over the test server's own runner, and what it saw of every request.

It knows whose request is whose, what each one would have taken had nothing been made ahead of it, and what
was decoded for nobody. None of it asks the product.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass

from core.events import TextDelta
from core.providers.base import Ended, ModelInfo, Piece, PullProgress, Request, ServerState
from tests.bench.speculation.drafting import MODEL, WINDOW
from tests.bench.speculation.voice import Voice
from tests.server.runner import Pace, Read, Runner, Said, Snapshot
from tests.server.templates import template_of

FAMILY = "qwen3"
"""A thinking model: its template breaks the prefix at the last answer, as the thoughts are left out later."""
LOAD_S = 3.0
KEEP_S = 1800.0
"""Without a request for so long the model is gone (the product's keep_alive)."""
AHEAD, PERSON = "ahead", "person"
AT_ONCE, PERSON_AT_ONCE = 16, 1_000
"""Tokens told of together behind the first ones: nobody looks at when the rest of a person's answer comes."""
ALONE = 16
"""The first tokens of what is made ahead come one by one, as it may be closed after a few of them."""


@dataclass(slots=True, eq=False)
class Call:
    """A request as the machine saw it.

    Attributes:
        purpose: ``person``, ``preload``, ``read``, ``chips`` or ``answer``.
        before: what was in memory before it came; None when the model was not loaded.
        first_at: when its first token was decoded; None while none was.
        over_at: when it ended or was left.
        given_at: when the person took it over.
        tokens: decoded, up to when it was over or taken over.
    """

    request: Request
    purpose: str
    before: Snapshot | None
    most: int
    began_at: float
    first_at: float | None = None
    over_at: float | None = None
    given_at: float | None = None
    tokens: int = 0


class Machine:
    """One model on one machine, used by one person."""

    name = "simulated"
    fetches = False
    address = "http://127.0.0.1:11434"

    def __init__(self, pace: Pace, voice: Voice, clock: Callable[[], float]) -> None:
        self._pace = pace
        self._voice = voice
        self._template = template_of(FAMILY)
        self._clock = clock
        self._runner = Runner(pace)
        self._is_loaded = False
        self._used_at = 0.0
        self._busy_before = 0.0
        self._is_asking = False
        self.calls: list[Call] = []

    # What a provider is

    def place(self, remote_host: str = "") -> str:
        """On this machine."""
        return f"REMOTE {remote_host}" if remote_host else "local"

    def stream(self, request: Request) -> AsyncGenerator[Piece, None]:
        """A request; made ahead, unless the person asks just now."""
        return self._answer(request, self._prompt(request), self._purpose(request))

    def stream_raw(self, request: Request, prompt: str) -> AsyncGenerator[Piece, None]:
        """The same, from a prompt as it stands."""
        return self._answer(request, prompt, self._purpose(request))

    async def render(self, request: Request) -> str:
        """The prompt as the model is given it."""
        return self._prompt(request)

    async def look(self) -> ServerState:
        """One model, all of it where it is quick to compute."""
        return ServerState("0.0", (await self.show(ModelInfo(MODEL)),))

    async def show(self, model: ModelInfo) -> ModelInfo:
        """What is known of it."""
        size = 3_000_000_000 if self._is_here() else 0
        return ModelInfo(
            model.name,
            family=FAMILY,
            context_length=WINDOW,
            capabilities=frozenset({"completion", "thinking"}),
            loaded_ctx=WINDOW if size else 0,
            loaded_bytes=size,
            loaded_vram_bytes=0 if self._pace.prefill_per_s < 100 else size,
        )

    async def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Nothing to fetch."""
        yield PullProgress(f"{model} is here")

    async def aclose(self) -> None:
        """Nothing is open."""

    # What the bench asks

    @contextmanager
    def asking(self) -> Generator[None, None, None]:
        """For the time of the block, whatever is sent is the person's own request."""
        self._is_asking = True
        try:
            yield
        finally:
            self._is_asking = False

    def alone_s(self, request: Request) -> float:
        """How long its first token would take, had what is made ahead now never been begun."""
        before = self._snapshot()
        if self.calls:
            last = self.calls[-1]
            if last.purpose != PERSON and (last.over_at is None or self._runner.is_busy):
                before = last.before
        prompt = self._prompt(request)
        load_s = 0.0 if before is not None else LOAD_S
        uncached = (before or Runner(self._pace).snapshot()).uncached(prompt)
        return load_s + self._pace.overhead_s + uncached / self._pace.prefill_per_s

    def give(self) -> None:
        """The request that runs is the person's from now on."""
        last = self.calls[-1] if self.calls else None
        if last is not None and last.over_at is None:
            last.given_at = self._clock()
            last.tokens = self._decoded(last)

    def busy_s(self) -> float:
        """How long the device worked for what was made ahead, until it was taken over."""
        now, given_s = self._clock(), 0.0
        for call in self.calls:
            if call.given_at is not None:
                given_s += (call.over_at or now) - call.given_at
        return self._busy_before + self._runner.busy_s(AHEAD) - given_s

    # Inside

    def _purpose(self, request: Request) -> str:
        """What it is for, as a server can tell: it is not told the product's word."""
        if self._is_asking:
            return PERSON
        if not request.messages:
            return "preload"
        if request.schema:
            return "chips"
        return "read" if request.num_predict == 1 else "answer"

    def _prompt(self, request: Request) -> str:
        messages = [(message.role.value, message.text) for message in request.messages]
        return self._template.render(messages) if messages else ""

    def _is_here(self) -> bool:
        """Whether the model is in memory."""
        if self._is_loaded and self._clock() - self._used_at > KEEP_S:
            self._is_loaded = False
            self._busy_before += self._runner.busy_s(AHEAD)
            self._runner = Runner(self._pace)
        return self._is_loaded

    def _snapshot(self) -> Snapshot | None:
        return self._runner.snapshot() if self._is_here() else None

    async def _answer(self, request: Request, prompt: str, purpose: str) -> AsyncGenerator[Piece, None]:
        began = self._clock()
        pieces = self._pieces(request, prompt) if request.messages else ()
        most = min(len(pieces), request.num_predict)
        call = Call(request, purpose, self._snapshot(), most, began)
        self.calls.append(call)
        try:
            load_ms = await self._load()
            if not request.messages:
                yield Ended("stop", load_ms=load_ms, server_ms=load_ms)
                return
            label = PERSON if purpose == PERSON else AHEAD
            at_once, alone = (PERSON_AT_ONCE, 1) if label == PERSON else (AT_ONCE, ALONE)
            running = self._runner.run(prompt, pieces[:most], label=label, at_once=at_once, alone=alone)
            read = Read(0, 0, 0.0, 0.0)
            async with aclosing(running) as steps:
                async for step in steps:
                    if isinstance(step, Said):
                        call.first_at = self._clock() if call.first_at is None else call.first_at
                        for piece in step.pieces if label == AHEAD else ("".join(step.pieces),):
                            yield TextDelta(piece)
                    else:
                        read = step
            yield self._ended(call, read, began, load_ms, "stop" if most == len(pieces) else "length")
        finally:
            call.over_at = self._used_at = self._clock()
            if call.given_at is None:
                call.tokens = self._decoded(call)

    async def _load(self) -> float:
        """Load the model, if it is not there; who leaves meanwhile ends that."""
        if self._is_here():
            return 0.0
        await asyncio.sleep(LOAD_S)
        self._is_loaded, self._used_at = True, self._clock()
        return LOAD_S * 1000

    def _pieces(self, request: Request, prompt: str) -> tuple[str, ...]:
        """The answer; of a raw prompt what is left of it, where the prompt has its beginning already."""
        own = self._prompt(request)
        pieces = self._voice.answer(request)
        begun = prompt[len(own) :] if prompt.startswith(own) else ""
        text = "".join(pieces)
        return self._voice.cut(text[len(begun) :]) if begun and text.startswith(begun) else pieces

    def _decoded(self, call: Call) -> int:
        """Tokens decoded up to now; the runner tells of them in lumps."""
        if call.first_at is None:
            return 0
        passed = (call.over_at or self._clock()) - call.first_at
        return min(call.most, 1 + int(passed * self._pace.decode_per_s + 1e-6))

    def _ended(self, call: Call, read: Read, began: float, load_ms: float, reason: str) -> Ended:
        return Ended(
            reason,
            input_tokens=read.cached + read.computed,
            output_tokens=call.most,
            load_ms=load_ms,
            prefill_ms=read.prefill_s * 1000,
            decode_ms=max(0, call.most - 1) / self._pace.decode_per_s * 1000,
            server_ms=(self._clock() - began) * 1000,
        )
