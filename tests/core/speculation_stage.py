"""Chips on a stage: a model that speaks at a laptop's pace on a virtual clock, a real lane, a real store."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field, replace

from core.errors import RequestRejected
from core.events import TextDelta
from core.lanes import Lanes
from core.messages import Message, Question, Role
from core.providers.base import Ended, ModelInfo, Piece, Profile, PullProgress, Request, ServerState
from core.settings.model import SpeculationSettings
from core.speculation.background import Background, Job
from core.speculation.chip import Chip, Offer
from core.speculation.delays import Delays
from core.speculation.held import Held
from core.speculation.level import Level
from core.speculation.ports import Adopted, Answered
from core.speculation.speeds import Speeds
from core.speculation.suggesting import Suggesting
from core.store.database import Database
from core.store.speculation import SpeculationStore
from tests.clock import run_virtually
from tests.server.templates import rest_of, template_of

MODEL = "qwen3:4b"
TTFT_S = 0.1
TOKENS_PER_S = 40.0
LONG = "Because the loop reads every row twice, and the second time there is nothing left. " * 5
PROFILE = Profile(8192)


def words(count: int, of: str = "word") -> str:
    """An answer of so many tokens."""
    return "".join(f" {of}{number}" for number in range(count)).strip()


@dataclass(eq=False)
class Speaker:
    """A model that answers by the last question, one word a token.

    Attributes:
        answers: by question; anything else gets a long one.
        follow_ups: what it says to a chip call, as it stands.
        family: whose template it has.
        shows: whether it shows its prompts.
        requests: what it was asked, with what came of it; the raw ones with their prompt.
    """

    answers: dict[str, str] = field(default_factory=dict)
    follow_ups: str = '["how do I test it?", "can it be faster?", "why twice?"]'
    family: str = "qwen3"
    shows: bool = True
    requests: list[Request] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)
    running: int = 0
    most_running: int = 0
    said: int = 0
    place_word: str = "local"
    error: Exception | None = None
    name = "speaker"
    fetches = False
    address = "speaker://here"

    def place(self, remote_host: str = "") -> str:
        return f"REMOTE {remote_host}" if remote_host else self.place_word

    def text_for(self, question: str) -> str:
        return self.answers.get(question, words(400, question.replace(" ", "")[:8]))

    async def stream(self, request: Request) -> AsyncGenerator[Piece, None]:
        self.requests.append(request)
        last = request.messages[-1]
        whole = self.follow_ups if request.schema else self.text_for(last.text)
        async for piece in self._say(_pieces(whole)):
            yield piece

    async def stream_raw(self, request: Request, prompt: str) -> AsyncGenerator[Piece, None]:
        self.requests.append(request)
        self.prompts.append(prompt)
        asked = next(m.text for m in reversed(request.messages) if m.role is Role.USER)
        begun = template_of(self.family).begun_in(prompt)
        async for piece in self._say(rest_of(_pieces(self.text_for(asked)), begun)):
            yield piece

    async def render(self, request: Request) -> str:
        if not self.shows:
            raise RequestRejected("not shown", "Update the server.")
        messages = [(str(m.role), m.text) for m in request.messages]
        return template_of(self.family).render(messages)

    async def _say(self, pieces: tuple[str, ...]) -> AsyncGenerator[Piece, None]:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await asyncio.sleep(TTFT_S)
            if self.error is not None:
                raise self.error
            for piece in pieces:
                self.said += 1
                yield TextDelta(piece)
                await asyncio.sleep(1 / TOKENS_PER_S)
            yield Ended("stop", input_tokens=50, output_tokens=len(pieces), prefill_ms=100, decode_ms=9)
        finally:
            self.running -= 1

    async def look(self) -> ServerState:
        return ServerState("1", (ModelInfo(MODEL, digest="abc"),))

    async def show(self, model: ModelInfo) -> ModelInfo:
        return model

    async def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        yield PullProgress(model)

    async def aclose(self) -> None:
        pass


def _pieces(text: str) -> tuple[str, ...]:
    first, *rest = text.split(" ")
    return (first, *(f" {word}" for word in rest))


@dataclass
class Drafting:
    """The conversation as it would be sent."""

    messages: tuple[Message, ...]
    model: str = MODEL
    served_from_cache: set[str] = field(default_factory=set)

    async def request(self, question: Question) -> Request | None:
        await asyncio.sleep(0)
        if question.text in self.served_from_cache:
            return None
        return self.now(question.text)

    def now(self, text: str) -> Request:
        return Request(self.model, (*self.messages, Message(Role.USER, text)), PROFILE, 2048)


class Stage:
    """One answer, and what is offered under it."""

    def __init__(
        self, speaker: Speaker, database: Database | None = None, *, chips: int = 3, answer: str = LONG
    ) -> None:
        loop = asyncio.get_running_loop()
        self.speaker = speaker
        self.level = Level.ALL
        self.lanes = Lanes(loop.time)
        self.speeds, self.held = Speeds(), Held()
        self.jobs: list[Job] = []
        self.owns_database = database is None
        self.database = database or Database.open(None, lambda: 1_000_000.0)
        self.conversation = self._conversation()
        self.store = SpeculationStore(self.database)
        delays = Delays()
        self.background = Background(self.lanes, delays, self._over, loop.time, self.speeds)
        asked = (Message(Role.SYSTEM, "s"), Message(Role.USER, "why is it slow?"))
        self.request = Request(MODEL, asked, PROFILE, 2048)
        self.drafts = Drafting((*asked, Message(Role.ASSISTANT, answer)))
        self.held.take(self.drafts.now(""))
        self.suggesting = Suggesting(
            speaker,
            self.background,
            self.drafts,
            self.store,
            SpeculationSettings(chips=chips),
            self.speeds,
            self.held,
            lambda request: self.level,
            loop.time,
            lambda: 1_000_000.0 + loop.time(),
        )
        self.answered = Answered(self.conversation, 7, "why is it slow?", answer, "stop", self.request)
        self.offers: list[Offer] = []
        self._watch = asyncio.ensure_future(self._note())
        self.after: asyncio.Task[None] | None = None

    def _conversation(self) -> int:
        made = self.database.submit(
            lambda connection: (
                connection.execute(
                    "INSERT INTO conversation (title, directory, created_at, updated_at) "
                    "VALUES ('t', '', 0, 0)"
                ).lastrowid
            )
        ).result()
        assert made is not None
        return made

    def _over(self, job: Job, is_adopted: bool) -> None:
        self.jobs.append(job)
        if job.request is not None and job.text:
            self.held.take(job.request, job.text)

    async def _note(self) -> None:
        async for offer in self.suggesting.watch():
            self.offers.append(offer)

    async def answer(self, reason: str = "stop") -> None:
        """The answer has ended."""
        with self.lanes.foreground():
            await asyncio.sleep(1)
        answered = replace(self.answered, reason=reason)
        self.after = asyncio.ensure_future(self.suggesting.after(answered, _nothing))

    async def idle(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    @property
    def chips(self) -> tuple[Chip, ...]:
        return self.offers[-1].chips if self.offers else ()

    @property
    def marks(self) -> str:
        return "".join(chip.mark for chip in self.chips)

    async def take(self, place: int = 1) -> Adopted | None:
        """Choose a chip, and ask it."""
        chip = next(chip for chip in self.chips if chip.place == place)
        self.suggesting.took(chip)
        return self.suggesting.adopt(self.drafts.now(chip.question))

    def wasted(self) -> int:
        self.flush()
        return self.store.counts(0).wasted_tokens

    def flush(self) -> None:
        self.database.submit(lambda connection: None).result()

    async def close(self) -> None:
        for task in (self.after, self._watch):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
        await self.background.aclose()
        if self.owns_database:
            self.database.close()


async def _nothing() -> None:
    return


async def read(adopted: Adopted | None) -> tuple[str, Ended | None, float]:
    """The text, the end, and how long the first text took."""
    assert adopted is not None
    loop = asyncio.get_running_loop()
    began, first_s, text, ended = loop.time(), -1.0, "", None
    async for piece in adopted.stream:
        if isinstance(piece, TextDelta):
            first_s = loop.time() - began if first_s < 0 else first_s
            text += piece.text
        elif isinstance(piece, Ended):
            ended = piece
    return text, ended, first_s


def play(scene: Callable[[Stage], Coroutine[None, None, None]], speaker: Speaker, **more: object) -> None:
    """Play a scene on a virtual clock."""

    async def main() -> None:
        stage = Stage(speaker, **more)  # type: ignore[arg-type]  # a shorthand for tests
        try:
            await scene(stage)
        finally:
            await stage.close()

    run_virtually(main())
