"""Speculation whole on a stage: a machine with one slot on a virtual clock, lanes, a store, a person."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass, field

from core.errors import RequestRejected
from core.events import TextDelta, ThinkingDelta
from core.lanes import Lanes
from core.messages import Message, Question, Role
from core.providers.base import Ended, ModelInfo, Piece, Profile, PullProgress, Request, ServerState
from core.settings.model import SpeculationSettings
from core.speculation.level import Level
from core.speculation.modesty import Modesty
from core.speculation.ports import Adopted, Answered
from core.speculation.power import Power
from core.speculation.speculator import Speculator
from core.store.database import Database
from core.store.speculation import SpeculationStore
from tests.clock import run_virtually
from tests.server.runner import Pace, Read, Runner
from tests.server.templates import template_of

MODEL = "qwen3:4b"
PROFILE = Profile(8192)
LAPTOP = Pace(prefill_per_s=400, decode_per_s=40, overhead_s=0.025)
CPU = Pace(prefill_per_s=60, decode_per_s=9, overhead_s=0.025)
SYSTEM = "You answer developers in a terminal, briefly, with code where it helps. " * 4
ANSWER = " ".join(f"word{number}" for number in range(90))
LOAD_S = 2.0


@dataclass(eq=False)
class Sent:
    """A request as the machine saw it."""

    request: Request
    prompt: str
    is_persons: bool
    began_at: float
    computed: int = 0
    first_at: float | None = None
    over_at: float | None = None
    has_ended: bool = False


@dataclass(eq=False)
class Machine:
    """One model with one slot.

    Attributes:
        shows: whether it shows its prompts.
        thinks: whatever it says it only thinks.
        is_too_large: it cannot be loaded.
        is_asking: what is sent now is the person's.
    """

    clock: Callable[[], float]
    pace: Pace = LAPTOP
    family: str = "llama"
    shows: bool = True
    info: ModelInfo = field(default_factory=lambda: ModelInfo(MODEL, capabilities=frozenset({"completion"})))
    place_word: str = "local"
    answer: str = ANSWER
    thinks: bool = False
    is_loaded: bool = False
    is_too_large: bool = False
    is_asking: bool = False
    sent: list[Sent] = field(default_factory=list)
    looks: int = 0
    renders: int = 0
    name = "machine"
    fetches = False
    address = "machine://here"

    def __post_init__(self) -> None:
        self.runner = Runner(self.pace)
        self.running = self.most_ahead = 0

    def forget(self) -> None:
        """The model is unloaded."""
        self.is_loaded, self.runner = False, Runner(self.pace)

    def place(self, remote_host: str = "") -> str:
        return f"REMOTE {remote_host}" if remote_host else self.place_word

    def stream(self, request: Request) -> AsyncGenerator[Piece, None]:
        messages = [(message.role.value, message.text) for message in request.messages]
        return self._say(request, template_of(self.family).render(messages) if messages else "")

    def stream_raw(self, request: Request, prompt: str) -> AsyncGenerator[Piece, None]:
        return self._say(request, prompt)

    async def render(self, request: Request) -> str:
        self.renders += 1
        if not self.shows:
            raise RequestRejected("not shown", "Update the server.")
        return template_of(self.family).render([(m.role.value, m.text) for m in request.messages])

    async def look(self) -> ServerState:
        self.looks += 1
        return ServerState("1", (self.info,))

    async def show(self, model: ModelInfo) -> ModelInfo:
        return model

    async def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        yield PullProgress(model)

    async def aclose(self) -> None:
        pass

    @property
    def ahead(self) -> list[Sent]:
        """What was sent that nobody had asked for."""
        return [sent for sent in self.sent if not sent.is_persons]

    async def _say(self, request: Request, prompt: str) -> AsyncGenerator[Piece, None]:
        sent = Sent(request, prompt, self.is_asking, self.clock())
        self.sent.append(sent)
        if self.is_too_large:
            raise RequestRejected("out of memory", "Choose a smaller model.")
        self.running += not sent.is_persons
        self.most_ahead = max(self.most_ahead, self.running)
        try:
            load_s = 0.0 if self.is_loaded else LOAD_S
            await asyncio.sleep(load_s)
            self.is_loaded = True
            read = Read(0, 0, 0.0, 0.0)
            words: tuple[str, ...] = ()
            if request.messages:
                first, *rest = self.answer.split(" ")
                words = (first, *(f" {word}" for word in rest))[: request.num_predict]
                async with aclosing(self.runner.run(prompt, words)) as steps:
                    async for step in steps:
                        if isinstance(step, Read):
                            read, sent.computed = step, step.computed
                            continue
                        sent.first_at = self.clock() if sent.first_at is None else sent.first_at
                        for piece in step.pieces:
                            yield ThinkingDelta(piece) if self.thinks else TextDelta(piece)
            sent.has_ended = True
            yield Ended(
                "stop",
                input_tokens=read.cached + read.computed,
                output_tokens=len(words),
                load_ms=load_s * 1000,
                prefill_ms=read.prefill_s * 1000,
                decode_ms=len(words) / self.pace.decode_per_s * 1000,
                server_ms=(self.clock() - sent.began_at) * 1000,
            )
        finally:
            self.running -= not sent.is_persons
            sent.over_at = self.clock()


class Stage:
    """A person, the engine's part as far as it matters, and the speculator."""

    def __init__(self, most: Level = Level.TYPING, **machine: object) -> None:
        loop = asyncio.get_running_loop()
        self.clock = loop.time
        self.machine = Machine(loop.time, **machine)  # type: ignore[arg-type]  # a shorthand for tests
        self.lanes = Lanes(loop.time)
        self.database = Database.open(None, lambda: 1_000_000.0)
        self.store = SpeculationStore(self.database)
        self.power = Power.MAINS
        settings = SpeculationSettings()
        self.modesty = Modesty(settings, loop.time, lambda: self.power)
        self.messages: tuple[Message, ...] = (Message(Role.SYSTEM, SYSTEM),)
        self.is_model_known = True
        self.speculator = Speculator(
            self.machine,
            self.lanes,
            self,
            self.store,
            self.modesty,
            settings,
            loop.time,
            lambda: 1_000_000.0 + loop.time(),
            most,
        )

    def now(self, text: str) -> Request:
        return Request(MODEL, (*self.messages, Message(Role.USER, text)), PROFILE, 512)

    async def request(self, question: Question) -> Request | None:
        """What a question would be sent as."""
        await asyncio.sleep(0)
        return self.now(question.text.rstrip()) if self.is_model_known else None

    def typed(self, text: str) -> None:
        self.speculator.typed(Question(text, conversation=1))

    async def type(self, text: str, gap_s: float = 0.15) -> None:
        """Type a text, a key at a time."""
        for end in range(1, len(text) + 1):
            await asyncio.sleep(gap_s)
            self.typed(text[:end])

    async def enter(self, text: str, *, reads: bool = True) -> "Heard":
        """Ask it, as the engine does."""
        request = self.now(text)
        began = self.clock()
        adopted = self.speculator.adopt(request)
        self.typed("")
        heard = Heard(adopted)
        with self.lanes.foreground():
            self.machine.is_asking = True
            stream = self.machine.stream(request) if adopted is None else adopted.stream
            first = asyncio.ensure_future(anext(stream))
            await asyncio.sleep(0)
            self.machine.is_asking = False
            async with aclosing(stream):
                heard.take(await first, self.clock() - began)
                async for piece in stream:
                    heard.take(piece, self.clock() - began)
        answered = Answered(1, 1, text, heard.text, "stop", request)
        self.messages = (*request.messages, Message(Role.ASSISTANT, heard.text))
        if reads:
            self.speculator.answered(answered, heard.ended)
        return heard

    def counts(self) -> dict[str, int]:
        self.database.submit(lambda connection: None).result()
        return self.store.counts(0).requests


class Heard:
    """What came of a question."""

    def __init__(self, adopted: Adopted | None) -> None:
        self.adopted = adopted
        self.text = ""
        self.first_s = -1.0
        self.ended: Ended | None = None

    def take(self, piece: Piece, after_s: float) -> None:
        if isinstance(piece, TextDelta):
            self.first_s = after_s if self.first_s < 0 else self.first_s
            self.text += piece.text
        elif isinstance(piece, Ended):
            self.ended = piece


def play(scene: Callable[[Stage], Coroutine[None, None, None]], **more: object) -> None:
    """Play a scene on a virtual clock."""

    async def main() -> None:
        stage = Stage(**more)  # type: ignore[arg-type]  # a shorthand for tests
        try:
            await scene(stage)
        finally:
            await stage.speculator.aclose()
            stage.database.close()

    run_virtually(main())
