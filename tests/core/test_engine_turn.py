"""One answer from the first event to the last: order, store, cleaning, and every way to end."""

import asyncio
import itertools
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import aclosing
from pathlib import Path
from typing import TypeVar

import pytest

from core.errors import (
    NothingHeard,
    ProviderError,
    ProviderUnreachable,
    ServerFailed,
    StoreUnavailable,
    StreamCut,
)
from core.events import (
    Noted,
    Routed,
    TextDelta,
    ThinkingDelta,
    TurnEvent,
    TurnFailed,
    TurnFinished,
    TurnStarted,
    UsageReported,
    Waiting,
    WaitReason,
)
from core.messages import AnswerState, Question, Route
from core.providers.base import Ended, ServerState
from tests.core.asking import only, settled, talk, text_of
from tests.scripted import ScriptedProvider, Step

T = TypeVar("T")
GONE = StreamCut("it stopped", "Ask again.")


def test_an_answer_is_routed_stored_said_counted_and_finished() -> None:
    """Screen and one-shot command rely on this order; each event comes when it is true, and once."""

    async def main() -> None:
        steps: list[Step] = [
            Waiting(WaitReason.LOADING, 1000.0),
            ThinkingDelta("hm"),
            "Hel",
            "lo",
            Ended("stop", input_tokens=12, output_tokens=3),
        ]
        async with talk(ScriptedProvider(steps)) as t:
            events = await t.ask("hi")
            kinds = [type(event) for event in events]

            assert kinds == [
                Routed,
                TurnStarted,
                Noted,
                Waiting,
                ThinkingDelta,
                TextDelta,
                TextDelta,
                UsageReported,
                TurnFinished,
            ]
            assert events[0] == Routed(Route.FAST, "scripted:1b", "scripted", "local")
            assert only(UsageReported, events) == UsageReported(12, 3, window=8192)
            finished = only(TurnFinished, events)
            assert (finished.turn, finished.output_tokens, finished.reason) == (t.turn, 3, "stop")
            answer = t.answer()
            assert (answer.state, answer.text, answer.reason) == (AnswerState.COMPLETE, "Hello", "stop")
            assert (answer.input_tokens, answer.output_tokens) == (12, 3)
            assert t.turns()[-1].current == answer

    asyncio.run(main())


def test_times_run_from_the_request_to_the_first_text_and_to_the_end() -> None:
    """They are what is measured later, so thinking and waiting must not pass for the first token."""

    async def main() -> None:
        clock = itertools.count(0.0, 0.125).__next__
        async with talk(ScriptedProvider([ThinkingDelta("hm"), "a", "b"]), clock=clock) as t:
            finished = only(TurnFinished, await t.ask("hi"))

            # The clock is read once for the first thought and for each text.
            assert (finished.ttft_ms, finished.total_ms) == (250.0, 500.0)
            assert (t.answer().ttft_ms, t.answer().total_ms) == (250.0, 625.0)

    asyncio.run(main())


def test_the_question_is_in_the_file_before_the_first_text_is_given_on(tmp_path: Path) -> None:
    """A crash in the middle of an answer must never cost the question."""

    async def main() -> None:
        path = tmp_path / "leadline.db"
        async with talk(ScriptedProvider(["Hello"]), path) as t:

            def is_text(event: TurnEvent) -> bool:
                if not isinstance(event, TextDelta):
                    return False
                stranger = sqlite3.connect(path)
                rows = stranger.execute("SELECT question, state FROM turn JOIN answer ON turn_id = turn.id")
                assert rows.fetchall() == [("is it there?", "streaming")]
                stranger.close()
                return True

            await t.play_until(Question("is it there?"), is_text)

    asyncio.run(main())


@pytest.mark.parametrize("kind", [Routed, TurnStarted, Noted, Waiting, ThinkingDelta, TextDelta])
def test_closing_stops_the_provider_and_marks_the_answer_wherever_it_was(kind: type[TurnEvent]) -> None:
    """Esc must work at every moment, and what was asked and what came stay readable."""

    async def main() -> None:
        steps: list[Step] = [
            Waiting(WaitReason.QUEUE, 1000.0),
            ThinkingDelta("hm"),
            "so far",
            asyncio.Event(),
        ]
        provider = ScriptedProvider(steps)
        async with talk(provider) as t:
            await t.play_until(Question("what?"), lambda event: isinstance(event, kind))

            begun = len(provider.requests)
            assert provider.closed == begun <= 1  # a request that never began needs no closing
            assert t.turns()[-1].question == "what?"
            said = "so far" if kind is TextDelta else ""
            assert (t.answer().state, t.answer().text) == (AnswerState.CANCELLED, said)
            assert t.turns()[-1].current == (t.answer() if said else None)

    asyncio.run(main())


@pytest.mark.parametrize("steps", [[asyncio.Event()], ["so far", asyncio.Event()]])
def test_cancelling_the_task_that_waits_closes_the_stream_too(steps: list[Step]) -> None:
    """The screen cancels a worker; it never gets to call aclose itself."""

    async def main() -> None:
        provider = ScriptedProvider(steps)
        async with talk(provider) as t:
            task = asyncio.ensure_future(t.play(Question("what?")))
            await provider.waits.wait()
            await settled()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

            assert provider.closed == 1
            assert t.answer().state is AnswerState.CANCELLED
            assert t.answer().text == "".join(step for step in steps if isinstance(step, str))

    asyncio.run(main())


def test_a_question_that_is_stopped_while_the_server_is_looked_at_is_kept(tmp_path: Path) -> None:
    """At the first start nothing is known yet; an impatient ctrl+c must not lose what was typed."""

    class Slow(ScriptedProvider):
        async def look(self) -> ServerState:
            self.waits.set()
            await asyncio.Event().wait()
            raise AssertionError("it never comes back")

    async def main() -> None:
        provider = Slow()
        async with talk(provider, tmp_path / "leadline.db") as t:
            task = asyncio.ensure_future(t.ask("long and typed with care"))
            await provider.waits.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        async with talk(provider, tmp_path / "leadline.db") as later:
            assert later.turns()[0].question == "long and typed with care"
            assert later.answer().state is AnswerState.CANCELLED

    asyncio.run(main())


@pytest.mark.parametrize(
    "error",
    [GONE, ServerFailed("out of memory", "Ask again."), NothingHeard("30 s", "Ask again.")],
    ids=lambda error: error.kind,
)
def test_an_answer_that_breaks_off_is_partial_and_current(error: ProviderError) -> None:
    """What came is worth keeping, and the next question is asked after it."""

    async def main() -> None:
        async with talk(ScriptedProvider(["half an ", "answer", error])) as t:
            failed = only(TurnFailed, await t.ask("hi"))

            assert (failed.kind, failed.is_partial) == (error.kind, True)
            assert failed.remedy == "The text so far is kept. Ask again."
            assert (failed.turn, failed.answer) == (t.turn, t.answer().id)
            assert (t.answer().state, t.answer().text) == (AnswerState.PARTIAL, "half an answer")
            assert t.answer().reason == error.kind
            assert t.turns()[-1].current == t.answer()

    asyncio.run(main())


def test_an_answer_that_fails_without_a_word_is_never_current() -> None:
    """An empty answer would be sent as history, and would hide that there is none."""

    async def main() -> None:
        async with talk(ScriptedProvider([GONE])) as t:
            events = await t.ask("hi")

            assert [type(event) for event in events] == [Routed, TurnStarted, Noted, TurnFailed]
            assert not only(TurnFailed, events).is_partial
            assert t.answer().state is AnswerState.FAILED
            assert t.turns()[-1].current is None

    asyncio.run(main())


def test_again_adds_an_answer_to_the_same_turn() -> None:
    """Asked afresh is the same question: the conversation must not grow by it."""

    async def main() -> None:
        async with talk(ScriptedProvider(["first"], ["second"])) as t:
            await t.ask("hi")
            events = await t.again()

            assert text_of(events) == "second"
            (turn,) = t.turns()
            assert [answer.text for answer in turn.answers] == ["first", "second"]
            assert turn.current == turn.answers[1]
            assert only(TurnStarted, events).turn == turn.id

    asyncio.run(main())


@pytest.mark.parametrize("retry", [[GONE], ["half", GONE]], ids=["without text", "in the middle"])
def test_a_retry_that_fails_leaves_the_whole_answer_current(retry: list[Step]) -> None:
    """Whoever tries for something better must not end with less than they had."""

    async def main() -> None:
        async with talk(ScriptedProvider(["first"], retry)) as t:
            await t.ask("hi")
            await t.again()

            (turn,) = t.turns()
            assert turn.current == turn.answers[0]
            assert len(turn.answers) == 2

    asyncio.run(main())


def test_a_retry_of_a_broken_answer_takes_its_place_even_when_it_breaks_too() -> None:
    """Between two halves, the one that was read last is the one the person has in mind."""

    async def main() -> None:
        async with talk(ScriptedProvider(["one", GONE], ["two", GONE])) as t:
            await t.ask("hi")
            await t.again()

            current = t.turns()[0].current
            assert current is not None
            assert current.text == "two"

    asyncio.run(main())


class Writes:
    """Counts what is saved on the way."""

    def __init__(self, save: Callable[[int, str, str], Future[None]]) -> None:
        self.texts: list[str] = []
        self._save = save

    def __call__(self, answer: int, text: str, thinking: str) -> Future[None]:
        self.texts.append(text)
        return self._save(answer, text, thinking)


def test_progress_is_saved_at_most_twice_a_second() -> None:
    """A kill -9 costs half a second of text at most, and a fast model does not write all the time."""

    async def main() -> None:
        clock = itertools.count(0.0, 0.125).__next__  # each piece an eighth of a second
        async with talk(ScriptedProvider([str(n) for n in range(10)]), clock=clock) as t:
            writes = Writes(t.engine._conversations.save_progress)
            t.engine._conversations.save_progress = writes  # type: ignore[method-assign]  # only counted
            await t.ask("hi")

            assert writes.texts == ["01234", "012345678"]

    asyncio.run(main())


def test_text_is_cleaned_over_the_borders_of_its_pieces() -> None:
    """A model, or a file it repeats, must not steer the terminal, however its tokens are cut."""

    async def main() -> None:
        pieces = ["\x1b", "]52;c;AAAA\x07", "a\ud83d", "\ude00b", "👩\u200d", "👩 \u200d", "c\u202e"]
        async with talk(ScriptedProvider([ThinkingDelta("\x1b[2J"), *pieces])) as t:
            events = await t.ask("hi")
            expected = "\ufffd]52;c;AAAA\ufffda\ufffd\ufffdb👩\u200d👩 \ufffdc\ufffd"

            assert text_of(events) == expected
            assert t.answer().text == expected
            assert only(ThinkingDelta, events).text == "\ufffd[2J"

    asyncio.run(main())


def test_a_model_that_says_nothing_is_said() -> None:
    """An empty screen would look as if the answer got lost on the way."""

    async def main() -> None:
        async with talk(ScriptedProvider([Ended("stop")])) as t:
            events = await t.ask("hi")

            assert any(isinstance(event, Noted) and "without a word" in event.text for event in events)
            assert isinstance(events[-1], TurnFinished)
            assert t.turns()[-1].current is None

    asyncio.run(main())


def refuse(work: Callable[[sqlite3.Connection], T]) -> "Future[T]":
    future: Future[T] = Future()
    future.set_exception(StoreUnavailable("the disk is full", "Free some space."))
    return future


def test_a_store_that_refuses_is_said_and_stops_no_answer() -> None:
    """The answer is what the person is here for; a full disk is no reason to withhold it."""

    async def main() -> None:
        async with talk(ScriptedProvider(["Hello"])) as t:
            t.database.submit = refuse  # type: ignore[method-assign]  # a disk that fills up
            events = await t.ask("hi")

            notes = [event.text for event in events if isinstance(event, Noted)]
            assert "not saved: the disk is full. Free some space." in notes
            assert text_of(events) == "Hello"
            assert isinstance(events[-1], TurnFinished)

    asyncio.run(main())


def test_a_store_that_refuses_at_the_end_is_said() -> None:
    """Nobody must believe that an answer is kept when it is not."""

    async def main() -> None:
        async with talk(ScriptedProvider(["Hello"])) as t:
            events: list[TurnEvent] = []
            async with aclosing(t.engine.ask(Question("hi"))) as stream:
                async for event in stream:
                    events.append(event)
                    if isinstance(event, TextDelta):
                        t.database.submit = refuse  # type: ignore[method-assign]  # a disk that fills up

            notes = [event.text for event in events if isinstance(event, Noted)]
            assert notes[-1].startswith("not saved: the disk is full")
            assert isinstance(events[-1], TurnFinished)

    asyncio.run(main())


def test_a_bug_loses_neither_question_nor_text() -> None:
    """Bugs crash loudly; what the person typed and read is not theirs to lose."""

    async def main() -> None:
        async with talk(ScriptedProvider(["half", RuntimeError("a bug")])) as t:
            with pytest.raises(RuntimeError, match="a bug"):
                await t.ask("hi")

            assert (t.answer().state, t.answer().text, t.answer().reason) == (
                AnswerState.PARTIAL,
                "half",
                "bug",
            )

    asyncio.run(main())


def test_a_question_that_cannot_be_sent_is_kept_with_its_reason() -> None:
    """When Ollama does not run, the question waits in the store and can be asked again."""

    async def main() -> None:
        provider = ScriptedProvider(["now"])
        there, provider.models = provider.models, ProviderUnreachable("nobody answers", "Start it.")
        async with talk(provider) as t:
            events = await t.ask("hi")

            assert [type(event) for event in events] == [TurnStarted, TurnFailed]
            failed = only(TurnFailed, events)
            assert (failed.kind, failed.turn, failed.is_partial) == ("unreachable", t.turn, False)
            assert (t.answer().state, t.answer().reason) == (AnswerState.FAILED, "unreachable")
            provider.models = there
            assert text_of(await t.again()) == "now"
            assert len(t.turns()) == 1

    asyncio.run(main())


@pytest.mark.parametrize("question", [Question("hi", conversation=99), Question("", again=99)])
def test_a_turn_or_conversation_that_is_gone_fails_in_words(question: Question) -> None:
    """Another leadline may have deleted it; that is no reason for a traceback."""

    async def main() -> None:
        async with talk(ScriptedProvider(["Hello"])) as t:
            failed = only(TurnFailed, await t.play(question))

            assert failed.kind == "not_stored"
            assert "99" in failed.message

    asyncio.run(main())


def test_a_place_that_is_only_known_once_connected_is_told_again() -> None:
    """A host given by name counts as remote until it is looked up; the footer must be right in the end."""

    class Named(ScriptedProvider):
        def place(self, remote_host: str = "") -> str:
            return "lan box" if self.requests else "REMOTE box"

    async def main() -> None:
        async with talk(Named(["Hello"])) as t:
            events = await t.ask("hi")

            assert [event.place for event in events if isinstance(event, Routed)] == ["REMOTE box", "lan box"]
            assert t.answer().place == "lan box"

    asyncio.run(main())


def test_a_model_that_turns_out_to_run_elsewhere_is_never_called_local() -> None:
    """A cloud model served through a local port says so only with its last piece."""

    async def main() -> None:
        ended = Ended("stop", 1, 1, remote_host="ollama.example")
        async with talk(ScriptedProvider(["Hello", ended])) as t:
            events = await t.ask("hi")

            places = [event.place for event in events if isinstance(event, Routed)]
            assert places == ["local", "REMOTE ollama.example"]
            assert t.answer().place == "REMOTE ollama.example"

    asyncio.run(main())
