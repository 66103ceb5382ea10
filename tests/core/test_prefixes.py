"""The bytes before a new question never change by themselves: what the server has read is read only once."""

import asyncio
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from core.context.sources.sources import Sources
from core.engine import build_speculation
from core.engine.engine import Engine
from core.errors import StreamCut
from core.events import Noted, TurnEvent, TurnFailed, TurnStarted
from core.messages import AnswerState, Attachment, Message, Question, Role, Route
from core.sanitise import clean
from core.settings.model import ContextSettings, FastSettings, Settings
from core.store.conversations import Conversations, Ending, NewAnswer
from core.store.database import Database
from tests.core.asking import WITHOUT_CACHE, Talk, settled, text_of
from tests.core.speculating import StagedSpeculator, stage
from tests.scripted import ScriptedProvider, Step

TEXTS = ("short", "two\r\nlines", " spaces ", "nel\x85 and 👩\u200d👩", "\ud83d half", "x" * 900)
FILES = ("a.py", "b.py")
ENDINGS: dict[str, tuple[Step, ...]] = {
    "whole": (),
    "failed": (StreamCut("it stopped", "Ask again."),),
    "stopped": (asyncio.Event(),),
}

asks = st.tuples(
    st.just("ask"),
    st.sampled_from(TEXTS),
    st.sampled_from(["", *TEXTS]),
    st.sampled_from(sorted(ENDINGS)),
    st.sets(st.sampled_from(FILES), max_size=1),
)
agains = st.tuples(st.just("again"), st.sampled_from(["", *TEXTS]), st.sampled_from(sorted(ENDINGS)))
changes = st.sampled_from([("instruct",), ("edit", "a.py"), ("edit", "b.py"), ("deepen", 0), ("deepen", 1)])
acts = st.lists(st.one_of(asks, asks, asks, agains, changes), min_size=3, max_size=9)


def rendered(messages: tuple[Message, ...]) -> str:
    """As a template writes it; byte for byte what the server's prefix cache is looked up by."""
    return "".join(f"<|im_start|>{each.role}\n{each.text}<|im_end|>\n" for each in messages)


@dataclass(slots=True)
class Person:
    """Somebody who talks in a folder, and what the next request should begin with.

    Attributes:
        prefix: rendered; None before the first request.
        excuses: what was done that changes it.
    """

    talk: Talk
    provider: ScriptedProvider
    speculator: StagedSpeculator
    folder: Path
    prefix: tuple[Message, ...] | None = None
    excuses: set[str] = field(default_factory=set)
    edits: int = 0

    async def do(self, act: tuple[object, ...]) -> None:
        match act:
            case ("ask", str(text), str(answer), str(ending), set(names)):
                files = [await Sources(self.folder, {}).read(str(name)) for name in sorted(map(str, names))]
                along = tuple(each for found in files for each in found.attachments)
                await self.ask(text, answer, ending, along)
            case ("again", str(answer), str(ending)) if self.talk.turn is not None:
                question = Question("", again=self.talk.turn, fit=True, use_cache=False)
                await self.play(question, answer, ending)
            case ("instruct",):
                self.edits += 1
                (self.folder / ".leadline.md").write_text(f"Rule {self.edits}.")
                self.excuses.add("instructions")
            case ("edit", str(name)):
                self.edits += 1
                (self.folder / name).write_text(f"edit = {self.edits}\n")
            case ("deepen", int(back)):
                await self.deepen(back)

    async def ask(self, text: str, answer: str, ending: str, along: tuple[Attachment, ...]) -> None:
        question = Question(clean(text), along, self.talk.conversation, fit=True)
        draft = await self.speculator.drafts.request(question)
        count = len(self.provider.requests)
        await self.play(question, answer, ending)
        sent = self.provider.requests[count:]
        assert (None if draft is None else [draft]) == (sent or None)

    async def play(self, question: Question, answer: str, ending: str) -> None:
        """Ask, and see that the request begins with what was sent before."""
        self.provider.answers = [[*([answer] if answer else []), *ENDINGS[ending]]]
        self.provider.waits.clear()
        count = len(self.provider.requests)
        events: list[TurnEvent] = []
        started = asyncio.Event()

        async def hear() -> None:
            async for event in self.talk.engine.ask(question):
                self.talk.heard(event)
                events.append(event)
                if isinstance(event, TurnStarted):
                    started.set()

        hearing = asyncio.ensure_future(hear())
        if ending == "stopped":
            hearing.add_done_callback(lambda _: self.provider.waits.set())
            hearing.add_done_callback(lambda _: started.set())
            await self.provider.waits.wait()
            await started.wait()
            await settled()  # what is said of the question is said by then
            hearing.cancel()
        await asyncio.wait({hearing})
        self.talk.database.submit(lambda connection: None).result()
        if len(self.provider.requests) == count:
            assert any(isinstance(event, TurnFailed) and event.kind == "context_full" for event in events)
            return
        self.look(question, events)

    def look(self, question: Question, events: list[TurnEvent]) -> None:
        """What was sent, against what was sent before."""
        before = self.provider.requests[-1].messages[:-1]
        notes = " ".join(event.text for event in events if isinstance(event, Noted))
        if self.prefix is not None:
            kept = self.prefix
            if question.again is not None and self.talk.turns()[-1].current is not None:
                kept = kept[: len(before)]
            if rendered(before) != rendered(kept):
                is_dropped = "no longer sent" in notes
                is_instructed = "instructions" in self.excuses and ".leadline.md" in notes
                assert is_dropped or is_instructed or "deep" in self.excuses, notes
        if question.again is None:  # what is asked again says nothing of its own turn's answers
            self.excuses.clear()
        text, current = text_of(events), self.talk.turns()[-1].current
        is_kept = question.again is not None and current is not None and current.text != text
        if text and not is_kept:  # a part of another answer does not take a whole one's place
            answer = Message(Role.ASSISTANT, text)
            self.prefix = (*self.provider.requests[-1].messages, answer)
        else:  # as it was, behind the instructions of now
            self.prefix = (*before, *(self.prefix or ())[len(before) :]) if is_kept else before

    async def deepen(self, back: int) -> None:
        """A deep answer to an earlier question is chosen."""
        turns = [turn for turn in self.talk.turns() if turn.current is not None]
        if len(turns) <= back:
            return
        turn = turns[-1 - back]
        conversations = Conversations(self.talk.database)
        new = NewAnswer(Route.DEEP, "deep:1", "scripted", "local")
        ending = Ending(AnswerState.COMPLETE, f"deep {self.edits}", reason="stop")
        started = await asyncio.wrap_future(conversations.ask_again(turn.id, new))
        await asyncio.wrap_future(conversations.end(started.answer, ending, make_current=False))
        await self.talk.engine.archive.choose_answer(turn.id, started.answer)
        assert self.speculator.told[-1] == ("begin", self.talk.conversation), "it is not read anew"
        self.excuses.add("deep")


async def converse(acts: list[tuple[object, ...]], window: int) -> None:
    """A whole conversation of one who looks at every request."""
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(build_speculation, "open_speculation", stage)
        folder = Path(name)
        for file in FILES:
            (folder / file).write_text(f"name = {file!r}\n")
        provider, database = ScriptedProvider(["1"]), Database.open(None, iter(range(10**6)).__next__)
        asked = Settings(FastSettings(num_ctx=window), cache=WITHOUT_CACHE, context=ContextSettings())
        engine = Engine(asked, provider, database, str(folder))
        await engine.look()
        speculator = engine.speculation
        assert isinstance(speculator, StagedSpeculator)
        person = Person(Talk(engine, database), provider, speculator, folder)
        try:
            for act in acts:
                await person.do(act)
        finally:
            await engine.aclose()


# Without shrinking: a conversation that fails is short, and to try hundreds of others takes minutes.
@settings(max_examples=40, deadline=None, phases=(Phase.generate,))
@given(acts, st.sampled_from([8192, 2560]))
def test_what_was_sent_is_sent_again_byte_for_byte_and_what_changes_it_is_said(
    acts: list[tuple[object, ...]], window: int
) -> None:
    """Every byte that changes before a new question is read anew by the model, for seconds on a slow machine.

    The same conversations show that a draft is the very request that the question is sent as.
    """
    asyncio.run(converse(acts, window))
