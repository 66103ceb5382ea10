"""What is being typed is read and sent ahead, and nothing of it is ever kept or in the way."""

import asyncio
import sqlite3
from itertools import pairwise

import pytest

from core.messages import Route
from core.providers.base import ModelInfo
from core.speculation.level import Level
from core.speculation.typing_ahead import APART_S, GRACE_S, MOST_WRITTEN
from tests.core.ahead_stage import CPU, MODEL, Machine, Sent, Stage, play

QUESTION = "how do I find out which of the tests fails only on the other machine"
LONG_QUESTION = f"{QUESTION}, and what is different over there that could explain that it does?"
LONG_PASTE = "Traceback: the same line again and again, with a number 42 behind it. " * 20


def typings(stage: Stage) -> list[Sent]:
    return [sent for sent in stage.machine.ahead if sent.request.messages and sent.request.num_predict == 1]


def submits(stage: Stage) -> list[Sent]:
    return [sent for sent in stage.machine.ahead if sent.request.num_predict > 1]


def all_rows(connection: sqlite3.Connection) -> str:
    """Every row of every table, behind the table's name."""
    tables = [
        str(row[0])
        for row in connection.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE TABLE%'")
    ]
    return "\n".join(
        f"{table} {tuple(row)}" for table in tables for row in connection.execute(f'SELECT * FROM "{table}"')
    )


async def warm(stage: Stage) -> None:
    stage.speculator.begin(None)
    await asyncio.sleep(10)
    stage.machine.sent.clear()


def test_words_are_read_while_they_are_typed_and_enter_finds_little_left() -> None:
    """Typing takes longer than any prefill: at Enter only the last word is still to be read."""

    async def scene(stage: Stage) -> None:
        await warm(stage)
        await stage.type(LONG_QUESTION)
        read = typings(stage)
        assert len(read) >= 2
        for earlier, later in pairwise(read):
            assert later.began_at - earlier.began_at >= APART_S - 0.01
            assert earlier.over_at is not None
            assert earlier.over_at <= later.began_at
        for sent in read:
            text = sent.request.messages[-1].text
            assert LONG_QUESTION.startswith(text)
            assert LONG_QUESTION[len(text)] == " "  # to the end of a word
        heard = await stage.enter(LONG_QUESTION)
        assert heard.first_s < 0.2
        assert heard.adopted is None

    play(scene)


def test_a_text_that_is_still_is_sent_and_taken_over_by_enter() -> None:
    """The answer is under way before Enter; what came already is there in the same moment."""

    async def scene(stage: Stage) -> None:
        await warm(stage)
        await stage.type(QUESTION)
        await asyncio.sleep(0.5)
        heard = await stage.enter(QUESTION)
        assert heard.adopted is not None
        assert (heard.adopted.route, heard.adopted.origin) == (Route.FAST, "still")
        assert heard.adopted.age_s > 0
        assert heard.first_s == 0
        assert heard.text == stage.machine.answer
        assert [sent.is_persons for sent in stage.machine.sent].count(True) == 0

    play(scene)


def test_a_key_that_changes_the_text_closes_what_was_sent() -> None:
    """It would answer another question; the socket is closed in the same turn of the loop."""

    async def scene(stage: Stage) -> None:
        await warm(stage)
        await stage.type(QUESTION)
        await asyncio.sleep(0.4)
        assert len(submits(stage)) == 1
        stage.typed(QUESTION + "?")
        at = stage.clock()
        await asyncio.sleep(0.001)
        assert submits(stage)[0].over_at == at
        heard = await stage.enter(QUESTION + "?")
        assert heard.adopted is None
        assert heard.text == stage.machine.answer

    play(scene)


@pytest.mark.parametrize("asked", [QUESTION + "?", QUESTION.upper(), QUESTION[:-1], " " + QUESTION])
def test_only_the_very_same_question_takes_it_over(asked: str) -> None:
    """A near one gets an answer of its own, from its own request."""

    async def scene(stage: Stage) -> None:
        await warm(stage)
        await stage.type(QUESTION)
        await asyncio.sleep(0.4)
        heard = await stage.enter(asked)
        assert heard.adopted is None
        assert stage.machine.sent[-1].request.messages[-1].text == asked or stage.machine.sent[-1].is_persons

    play(scene)


def test_a_text_that_ends_in_a_space_is_not_whole() -> None:
    """Most pauses of who is typing come behind a space: answering there is waste."""

    async def scene(stage: Stage) -> None:
        await warm(stage)
        await stage.type(QUESTION[:20].rsplit(" ", 1)[0] + " ")
        await asyncio.sleep(5)
        assert not submits(stage)

    play(scene)


def test_what_nobody_takes_over_is_closed_after_a_few_words() -> None:
    """Its prompt has been read by then, which is all that Enter needs; the rest would be waste."""

    async def scene(stage: Stage) -> None:
        await warm(stage)
        await stage.type(QUESTION)
        await asyncio.sleep(30)
        sent = submits(stage)
        assert len(sent) == 1
        assert sent[0].over_at is not None
        assert sent[0].first_at is not None
        assert (sent[0].over_at - sent[0].first_at) * stage.machine.pace.decode_per_s < MOST_WRITTEN + 2
        heard = await stage.enter(QUESTION)
        assert heard.first_s < 0.1

    play(scene)


def test_a_model_that_thinks_first_is_not_let_think_on_for_nobody() -> None:
    """Its thoughts cost what any tokens cost, and are counted as that."""

    async def scene(stage: Stage) -> None:
        await warm(stage)
        stage.machine.thinks = True
        stage.typed(QUESTION)
        await asyncio.sleep(5)
        (sent,) = [each for each in stage.machine.ahead if each.request.num_predict > 1]
        assert not sent.has_ended
        stage.database.submit(lambda connection: None).result()
        counts = stage.store.counts(0)
        assert MOST_WRITTEN <= counts.tokens["submit"] <= MOST_WRITTEN + 2
        assert counts.wasted_tokens >= MOST_WRITTEN

    play(scene)


def test_an_emptied_prompt_may_be_enter_and_waits_a_moment() -> None:
    """The screen clears the prompt as it sends, maybe before the engine comes for what was sent ahead."""

    async def scene(stage: Stage) -> None:
        await warm(stage)
        await stage.type(QUESTION)
        await asyncio.sleep(0.4)
        stage.typed("")
        await asyncio.sleep(GRACE_S / 2)
        assert (await stage.enter(QUESTION)).adopted is not None

        await stage.type(QUESTION)
        await asyncio.sleep(0.4)
        stage.typed("")
        await asyncio.sleep(GRACE_S + 0.01)
        assert stage.machine.running == 0
        assert (await stage.enter(QUESTION)).adopted is None

    play(scene)


def test_a_paste_is_read_in_slices_until_enter() -> None:
    """A slice that is closed holds the server for a moment only; a whole paste would for seconds."""

    async def scene(stage: Stage) -> None:
        await warm(stage)
        stage.typed(LONG_PASTE)
        await asyncio.sleep(4)
        read = typings(stage)
        assert len(read) >= 2
        assert all(sent.computed <= 256 for sent in read)
        assert not any(sent.computed == 0 for sent in read)
        heard = await stage.enter(LONG_PASTE)
        assert heard.first_s < 0.2

    play(scene)


def test_a_slow_machine_reads_only_a_little_at_a_time() -> None:
    """On a CPU 64 tokens take a second."""

    async def scene(stage: Stage) -> None:
        stage.machine.is_loaded = True
        await warm(stage)
        stage.typed(LONG_PASTE)
        await asyncio.sleep(10)
        assert all(sent.computed <= 64 for sent in typings(stage))
        stage.machine.sent.clear()

    slow = ModelInfo(MODEL, capabilities=frozenset({"completion"}), loaded_ctx=8192, loaded_bytes=10)
    play(scene, pace=CPU, info=slow)


def test_enter_leaves_a_reading_of_its_own_beginning_and_nothing_else() -> None:
    """What is read already need not be read again; anything else would be in the way."""

    async def scene(stage: Stage) -> None:
        await warm(stage)
        stage.typed(LONG_PASTE)
        await asyncio.sleep(0.1)
        reading = typings(stage)[-1]
        assert reading.over_at is None
        asked = asyncio.ensure_future(stage.enter(LONG_PASTE))
        await asyncio.sleep(0.1)
        assert reading.over_at is None
        await asked
        assert reading.has_ended

        stage.typed(LONG_PASTE)
        await asyncio.sleep(0.6)
        reading = typings(stage)[-1]
        assert reading.over_at is None
        at = stage.clock()
        await stage.enter("something else")
        assert reading.over_at == at

    play(scene)


@pytest.mark.parametrize("family", ["lfm2", "qwen3.5"])
def test_hybrid_models_are_given_the_prompt_raw_up_to_the_typed_text(family: str) -> None:
    """Their slot cannot be cut back: what the template puts behind the text would have to be unread."""

    async def scene(stage: Stage) -> None:
        await warm(stage)
        await stage.type(QUESTION)
        for sent in typings(stage):
            assert sent.prompt.endswith(sent.request.messages[-1].text)
        assert stage.machine.renders == 1  # once for each state of the conversation
        await stage.enter(QUESTION)

    info = ModelInfo(MODEL, family=family, capabilities=frozenset({"completion"}))
    play(scene, family=family, info=info)


def test_where_a_prompt_is_not_shown_a_hybrid_model_is_warmed_as_any_other() -> None:
    """An older server, or another kind: it is asked once, and not again."""

    async def scene(stage: Stage) -> None:
        await warm(stage)
        await stage.type(QUESTION)
        assert typings(stage)
        assert not any(sent.prompt.endswith(sent.request.messages[-1].text) for sent in typings(stage))
        assert stage.machine.renders == 1

    play(scene, shows=False, info=ModelInfo(MODEL, family="lfm2", capabilities=frozenset({"completion"})))


def test_unsent_text_is_nowhere_but_in_memory() -> None:
    """Typed and deleted is private: no table has a word of it."""

    async def scene(stage: Stage) -> None:
        await warm(stage)
        await stage.type("my password is hunter2 is it not")
        await asyncio.sleep(2)
        stage.typed("")
        await asyncio.sleep(2)
        assert stage.counts()
        assert "speculated" in (rows := stage.database.read(all_rows))
        assert "hunter2" not in rows

    play(scene)


@pytest.mark.parametrize("most", [Level.OFF, Level.WARM])
def test_below_its_level_nothing_that_is_typed_goes_anywhere(most: Level) -> None:
    """On battery, beside others, or where the person wants none of it."""

    async def scene(stage: Stage) -> None:
        await stage.type(QUESTION)
        await asyncio.sleep(3)
        assert not stage.machine.sent

    play(scene, most=most)


def test_what_breaks_is_not_tried_again() -> None:
    """A server that refuses would be asked without end, by nobody."""

    async def scene(stage: Stage) -> None:
        await warm(stage)
        machine: Machine = stage.machine
        machine.runner.run = None  # type: ignore[assignment, method-assign]  # whatever is sent breaks
        stage.typed(QUESTION)
        await asyncio.sleep(60)
        assert len(machine.ahead) <= 2

    play(scene)
