"""Enter, esc and a deep run at the worst moment: nothing is cut short, and nothing runs on for nobody."""

import asyncio
from collections.abc import AsyncGenerator, Callable

import pytest

from core.errors import StreamCut
from core.messages import Question
from core.providers.base import Piece, Request
from core.speculation.odds import EXTEND_AFTER_S
from core.speculation.ports import Answered
from tests.core.ahead_stage import Stage as Whole
from tests.core.ahead_stage import play as play_whole
from tests.core.speculation_stage import Speaker, Stage, play, read, words

FIRST = "how do I test it?"
CLOSING_S = 0.05


class Slow(Speaker):
    """One whose connection takes its time to close."""

    async def _say(self, pieces: tuple[str, ...]) -> AsyncGenerator[Piece, None]:
        said = super()._say(pieces)
        try:
            async for piece in said:
                yield piece
        finally:
            await asyncio.shield(asyncio.sleep(CLOSING_S))
            await said.aclose()


@pytest.mark.parametrize(("after_s", "shows"), [(1.9, True), (EXTEND_AFTER_S + 0.5, True), (1.9, False)])
def test_what_is_just_being_closed_is_not_taken_for_a_running_one(after_s: float, shows: bool) -> None:
    """A deep run closes it; enter in that very moment would get a piece of an answer without an end."""

    async def scene(stage: Stage) -> None:
        await stage.answer()
        await stage.idle(after_s)
        assert stage.background.job is not None
        with stage.lanes.depth():
            while stage.background.job is not None:  # noqa: ASYNC110  (each turn of the loop, not a time)
                await asyncio.sleep(0)
            assert stage.speaker.running == 1
            adopted = await stage.take()
            if adopted is not None:
                text, ended, _ = await read(adopted)
                assert text == words(300)
                assert ended is not None

    play(scene, Slow(answers={FIRST: words(300)}, shows=shows))


@pytest.mark.parametrize("after_s", [1.9, EXTEND_AFTER_S + 0.5])
@pytest.mark.parametrize("heard", [0, 1])
def test_who_leaves_an_adopted_one_before_its_first_word_ends_it_too(after_s: float, heard: int) -> None:
    """Esc right after enter: else the model would write the answer to its end, for nobody."""

    async def scene(stage: Stage) -> None:
        await stage.answer()
        await stage.idle(after_s)
        adopted = await stage.take()
        assert adopted is not None
        assert adopted.origin == "running"
        for _ in range(heard):
            await anext(adopted.stream)
        await adopted.stream.aclose()
        assert stage.speaker.running == 0

    play(scene, Speaker(answers={FIRST: words(300)}))


def test_a_stream_that_was_closed_under_its_reader_says_so() -> None:
    """An answer without an end is no answer: what says so is asked anew, or told as a part."""

    async def scene(stage: Stage) -> None:
        await stage.answer()
        await stage.idle(1.9)
        job = stage.background.job
        assert job is not None
        stage.background.close()
        stream = stage.background.adopt(job)
        with pytest.raises(StreamCut):
            async for _ in stream:
                pass

    play(scene, Speaker(answers={FIRST: words(300)}))


def test_who_leaves_a_question_sent_while_still_before_its_first_word_ends_it_too() -> None:
    """The same of what was typed."""

    async def scene(stage: Whole) -> None:
        stage.speculator.begin(None)
        await asyncio.sleep(10)
        stage.typed("what is it?")
        await asyncio.sleep(0.3)
        adopted = stage.speculator.adopt(stage.now("what is it?"))
        assert adopted is not None
        await adopted.stream.aclose()
        assert stage.machine.running == 0

    play_whole(scene)


class Counts(Speaker):
    """One that notes when it is asked to show a prompt."""

    def __init__(self) -> None:
        super().__init__()
        self.shown_at: list[float] = []

    async def render(self, request: Request) -> str:
        self.shown_at.append(asyncio.get_running_loop().time())
        return await super().render(request)


def test_no_prompt_is_asked_to_be_shown_while_somebody_uses_the_server() -> None:
    """An old server reads all of it and answers instead: a request like any other, which waits its turn."""

    async def scene(stage: Stage) -> None:
        speaker = stage.speaker
        assert isinstance(speaker, Counts)
        await stage.answer()
        with stage.lanes.depth():
            await stage.idle(60)
            assert speaker.shown_at == []
        left_at = asyncio.get_running_loop().time()
        await stage.idle(2)
        assert speaker.shown_at
        assert speaker.shown_at[0] >= left_at

    play(scene, Counts(), answer="Shall I go on?")  # its chips come at once, and nothing is asked before


def test_after_the_end_nothing_is_begun_any_more() -> None:
    """Quit in the middle of an answer: that it was stopped is told when everything is closed already."""

    async def scene(stage: Whole) -> None:
        stage.speculator.begin(None)
        await asyncio.sleep(10)
        await stage.speculator.aclose()
        sent = len(stage.machine.sent)
        late: tuple[Callable[[], object], ...] = (
            stage.speculator.passed,
            lambda: stage.speculator.begin(1),
            lambda: stage.speculator.typed(Question("what is it that fails here?", conversation=1)),
            lambda: stage.speculator.focused(True),
            lambda: stage.speculator.answered(
                Answered(1, 1, "why?", "Because.", "stop", stage.now("why?")), None
            ),
        )
        for tell in late:
            tell()
            await asyncio.sleep(10)
        assert len(stage.machine.sent) == sent

    play_whole(scene)
