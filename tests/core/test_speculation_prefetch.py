"""Answers made ahead: their heads, the best one whole, and that only the very question gets them."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import ProviderUnreachable
from core.messages import Message, Role, Route
from core.providers.base import Profile, Request
from core.speculation.background import Purpose
from core.speculation.level import Level
from core.speculation.odds import EXTEND_AFTER_S, HEAD_TOKENS, WHOLE_WITHIN_TOKENS, Odds
from core.speculation.prepared import key_of
from core.store.database import Database
from tests.clock import run_virtually
from tests.core.speculation_stage import LONG, Speaker, Stage, play, read, words

FIRST = "how do I test it?"


def purposes(stage: Stage) -> list[Purpose]:
    return [job.purpose for job in stage.jobs]


def test_the_best_ones_head_is_written_and_later_its_end() -> None:
    """Who begins to type soon costs a head; who reads on finds the answer whole."""

    async def scene(stage: Stage) -> None:
        await stage.answer()
        await stage.idle(EXTEND_AFTER_S - 1)
        assert stage.marks == "◐"
        assert purposes(stage) == [Purpose.CHIPS, Purpose.HEAD]
        head = stage.jobs[-1]
        assert HEAD_TOKENS <= head.texts <= HEAD_TOKENS + 1
        await stage.idle(6)
        assert stage.marks == "●"
        assert purposes(stage) == [Purpose.CHIPS, Purpose.HEAD, Purpose.EXTEND]
        assert not stage.offers[-1].is_open
        assert stage.speaker.most_running == 1
        assert stage.speaker.said <= 200 + 8  # the call's first question, and no token twice

    play(scene, Speaker(answers={FIRST: words(200)}))


def test_a_long_answer_is_not_written_to_its_end() -> None:
    """The tail of long answers is where the tokens go, and most of them would be for nobody."""

    async def scene(stage: Stage) -> None:
        await stage.answer()
        await stage.idle(120)
        assert stage.marks == "◐"
        assert stage.speaker.said <= WHOLE_WITHIN_TOKENS + 10
        assert stage.background.job is None

    play(scene, Speaker(answers={FIRST: words(2000)}))


def test_a_short_answer_is_whole_at_once() -> None:
    """Nothing is left to extend."""

    async def scene(stage: Stage) -> None:
        await stage.answer()
        await stage.idle(4)
        assert stage.marks == "●"
        assert purposes(stage) == [Purpose.CHIPS, Purpose.HEAD]

    play(scene, Speaker(answers={FIRST: words(30)}))


@pytest.mark.parametrize("family", ["plain", "thinking", "closing", "hybrid", "lfm2", "gemma"])
@pytest.mark.parametrize("after_s", [1.2, 1.9, 4.0, EXTEND_AFTER_S + 1, 40.0])
def test_a_chip_gets_exactly_the_text_that_asking_it_would_have_got(family: str, after_s: float) -> None:
    """Whole, running, or gone on with behind its head: token for token, in every family's template."""
    answers = {FIRST: words(300, "café\n")}

    async def scene(stage: Stage) -> None:
        await stage.answer()
        await stage.idle(after_s)
        adopted = await stage.take()
        assert adopted is not None
        assert adopted.route is Route.PREFETCH_HIT
        assert adopted.origin == ("head" if after_s in (4.0, 40.0) else "running")
        text, ended, first_s = await read(adopted)
        assert text == answers[FIRST]
        assert ended is not None
        assert ended.reason == "stop"
        assert ended.output_tokens == pytest.approx(300, abs=1)
        assert first_s <= (0.2 if after_s < 1.5 else 0.0)
        assert stage.speaker.running == 0
        assert stage.speaker.most_running == 1

    play(scene, Speaker(answers=answers, family=family))


def test_what_was_ready_says_how_old_it_is_and_is_no_longer_there() -> None:
    """It is an answer of its own now, told apart from a quick model's."""

    async def scene(stage: Stage) -> None:
        await stage.answer()
        await stage.idle(40)
        adopted = await stage.take()
        assert adopted is not None
        assert adopted.origin == "full"
        assert 20 < adopted.age_s < 40
        text, ended, _ = await read(adopted)
        assert (text, ended and ended.decode_ms) == (words(90), 0)
        assert stage.suggesting.adopt(stage.drafts.now(FIRST)) is None
        stage.flush()
        assert stage.wasted() < 10  # the rest of the call's first question at most

    play(scene, Speaker(answers={FIRST: words(90)}))


def test_a_running_one_is_adopted_and_nothing_ends_it_but_its_reader() -> None:
    """The first key would have closed it; now it is the person's."""

    async def scene(stage: Stage) -> None:
        await stage.answer()
        await stage.idle(1.9)
        adopted = await stage.take()
        stage.suggesting.end()
        stage.suggesting.ignored()
        with stage.lanes.foreground():
            text, _, _ = await read(adopted)
        assert text == words(300)

    play(scene, Speaker(answers={FIRST: words(300)}))


def test_closing_an_adopted_one_ends_it_at_the_server() -> None:
    """Esc stops it as any answer."""

    async def scene(stage: Stage) -> None:
        await stage.answer()
        await stage.idle(1.9)
        adopted = await stage.take()
        assert adopted is not None
        await anext(adopted.stream)
        await adopted.stream.aclose()
        assert stage.speaker.running == 0

    play(scene, Speaker())


def test_where_prompts_are_not_shown_a_head_is_not_gone_on_with() -> None:
    """Nothing says then that the model would go on as it began, so the answer is made whole, or anew."""

    async def scene(stage: Stage) -> None:
        await stage.answer()
        await stage.idle(3)
        assert stage.background.job is not None  # one go, to its end
        stage.suggesting.end()
        await stage.idle(1)
        assert stage.marks == "○"
        assert await stage.take() is None
        stage.suggesting.ignored()
        assert stage.wasted() > 40
        await stage.answer()
        await stage.idle(20)
        assert stage.marks == "●"
        text, _, _ = await read(await stage.take())
        assert text == words(150)

    play(scene, Speaker(answers={FIRST: words(150)}, shows=False))


def test_a_prompt_that_is_not_what_was_sent_proves_nothing() -> None:
    """A server that shows half of it may have cut it as well."""

    class Cuts(Speaker):
        async def render(self, request: Request) -> str:
            return (await super().render(request)).replace(LONG, "…")

    async def scene(stage: Stage) -> None:
        await stage.answer()
        await stage.idle(3)
        stage.suggesting.end()
        await stage.idle(0.1)
        assert await stage.take() is None
        assert stage.speaker.prompts == []

    play(scene, Cuts())


def test_the_first_key_closes_what_runs_and_keeps_its_head() -> None:
    """A chip can still be taken later, when the text was cleared again."""

    async def scene(stage: Stage) -> None:
        await stage.answer()
        await stage.idle(2.0)
        assert stage.background.job is not None
        assert not stage.suggesting.keeps("something else")
        stage.suggesting.end()
        assert stage.background.job is None
        await asyncio.sleep(0.01)
        assert stage.speaker.running == 0
        await stage.idle(60)
        assert stage.marks == "◐"
        text, _, first_s = await read(await stage.take())
        assert (text, first_s) == (words(300), 0.0)

    play(scene, Speaker(answers={FIRST: words(300)}))


def test_a_chip_in_the_prompt_keeps_its_own_answer_going_and_no_other() -> None:
    """Tab and Enter are two keys apart; what runs for that very text is what will be asked."""

    async def scene(stage: Stage) -> None:
        stage.suggesting._learnt = lambda: (Odds(is_free=True), False)  # type: ignore[method-assign]  # a demo
        await stage.answer()
        await stage.idle(1.9)
        assert stage.suggesting.keeps(FIRST)
        assert not stage.suggesting.keeps(FIRST + " ")
        await stage.idle(30)
        asked = {request.messages[3].text for request in stage.speaker.requests if not request.schema}
        assert asked == {FIRST}
        adopted = stage.suggesting.adopt(stage.drafts.now(FIRST))
        assert adopted is not None

    play(scene, Speaker(answers={FIRST: words(100)}))


def test_no_question_but_the_very_one_gets_what_was_prepared() -> None:
    """One character, a number, a "not", another model, another conversation: anything differs, all is new."""

    async def scene(stage: Stage) -> None:
        await stage.answer()
        await stage.idle(40)
        assert stage.marks == "●"
        very = stage.drafts.now(FIRST)
        for other in _near(very):
            assert not stage.suggesting.has(other), other
        assert stage.suggesting.has(very)
        # The first other question ends them all.
        assert stage.suggesting.adopt(stage.drafts.now("how do I test it")) is None
        assert stage.suggesting.adopt(very) is None
        assert stage.wasted() >= 90

    play(scene, Speaker(answers={FIRST: words(90)}))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_adopting_gives_nothing_for_a_request_that_is_not_equal(data: st.DataObject) -> None:
    """Whatever is prepared, however far it is: it is handed out for its own request and for no other."""
    after_s = data.draw(st.sampled_from((0.5, 1.9, 4.0, EXTEND_AFTER_S + 0.5, 30.0)))
    edit = data.draw(st.integers(0, len(FIRST) - 1))
    letter = data.draw(st.characters(codec="utf-8", exclude_characters=FIRST[edit]))
    text = FIRST[:edit] + letter + FIRST[edit + data.draw(st.integers(0, 1)) :]

    async def scene(stage: Stage) -> None:
        stage.suggesting.known("qwen3:4b", "abc")
        await stage.answer()
        await stage.idle(after_s)
        very = stage.drafts.now(FIRST)
        other = data.draw(st.sampled_from((stage.drafts.now(text), *_near(very))))
        adopted = stage.suggesting.adopt(other)
        assert adopted is None
        assert stage.background.job is None

    play(scene, Speaker(answers={FIRST: words(90)}))


@given(st.text(), st.text(), st.text(max_size=3), st.text(max_size=3))
def test_no_two_requests_share_a_key(one: str, two: str, left: str, right: str) -> None:
    """The store finds by the key alone, so it must hold everything, and where each part ends."""
    base = Request("m", (Message(Role.USER, one),), Profile(10), 5)
    others = [
        replace(base, messages=(Message(Role.USER, one), Message(Role.ASSISTANT, two))),
        replace(base, messages=(Message(Role.SYSTEM, one),)),
        replace(base, messages=(Message(Role.USER, one + "!"),)),
        replace(base, model="m2"),
        replace(base, profile=Profile(11)),
        replace(base, num_predict=6),
        replace(base, think="low"),
        replace(base, temperature=0.0),
        replace(base, schema="{}"),
    ]
    keys = {key_of(each, "a", "d") for each in (base, *others)}
    assert len(keys) == len(others) + 1
    assert key_of(base, "a", "d") == key_of(replace(base), "a", "d")
    assert key_of(base, "a", "d2") not in keys
    assert key_of(base, "b", "d") not in keys
    if left != right:
        split = [
            replace(base, messages=(Message(Role.USER, text + left), Message(Role.USER, right + text)))
            for text in ("x", "x" + left)
        ]
        assert len({key_of(each, "a", "d") for each in split}) == len(set(split))


def test_a_question_that_the_cache_answers_is_not_answered_ahead() -> None:
    """It costs nothing to ask as it is."""

    async def scene(stage: Stage) -> None:
        stage.drafts.served_from_cache.add(FIRST)
        await stage.answer()
        await stage.idle(20)
        assert purposes(stage) == [Purpose.CHIPS]
        assert stage.marks == "○"

    play(scene, Speaker())


def test_a_question_of_the_persons_closes_what_runs_and_nothing_begins_again_behind_it() -> None:
    """The answer that these follow-ups were for is no longer the last."""

    async def scene(stage: Stage) -> None:
        await stage.answer()
        await stage.idle(2)
        assert stage.suggesting.adopt(stage.drafts.now("what about Rust?")) is None
        with stage.lanes.foreground():
            await stage.idle(2)
        said = len(stage.speaker.requests)
        await stage.idle(60)
        assert len(stage.speaker.requests) == said
        assert stage.speaker.running == 0

    play(scene, Speaker())


def test_depth_and_a_lost_level_stop_what_would_be_begun() -> None:
    """The machine belongs to whoever was asked for."""

    async def scene(stage: Stage) -> None:
        with stage.lanes.depth():
            await stage.answer()
            await stage.idle(60)
            assert stage.speaker.requests == []
        await stage.idle(1.5)
        assert stage.background.job is not None
        stage.level = Level.WARM
        await stage.idle(60)
        assert Purpose.EXTEND not in purposes(stage)

    play(scene, Speaker())


def test_a_break_in_the_middle_keeps_what_was_said() -> None:
    """A head is a head, however it ended; the rest comes from the server when it is asked for."""

    async def scene(stage: Stage) -> None:
        await stage.answer()
        await stage.idle(4)
        stage.speaker.error = ProviderUnreachable("speaker", "here")
        await stage.idle(60)
        assert stage.marks == "◐"
        stage.speaker.error = None
        text, _, _ = await read(await stage.take())
        assert text == words(300)

    play(scene, Speaker(answers={FIRST: words(300)}))


def test_a_whole_answer_outlives_the_process_and_only_for_the_very_request() -> None:
    """Quit and come back with -c: the chip's answer is there, and the row goes as it is taken."""

    async def main() -> None:
        database = Database.open(None, lambda: 1_000_000.0)
        before = Stage(Speaker(answers={FIRST: words(90)}), database)
        await before.answer()
        await before.idle(20)
        assert before.marks == "●"
        before.flush()
        await before.close()
        after = Stage(Speaker(), database)
        very = after.drafts.now(FIRST)
        assert after.suggesting.adopt(very) is None  # which model it is now is not known yet
        after.suggesting.known("qwen3:4b", "another")
        assert after.suggesting.adopt(very) is None
        after.suggesting.known("qwen3:4b", "abc")
        for other in _near(very):
            assert after.suggesting.adopt(other) is None
        text, ended, _ = await read(after.suggesting.adopt(very))
        assert text == words(90)
        assert ended is not None
        after.flush()
        assert after.suggesting.adopt(very) is None
        await after.close()

    run_virtually(main())


def test_what_is_dropped_leaves_the_store() -> None:
    """Nobody can ask for it any more."""

    async def scene(stage: Stage) -> None:
        await stage.answer()
        await stage.idle(20)
        stage.flush()
        key = key_of(stage.drafts.now(FIRST), stage.speaker.address, "abc")
        assert stage.store.prepared(key) is not None
        stage.suggesting.ignored()
        stage.flush()
        assert stage.store.prepared(key) is None

    play(scene, Speaker(answers={FIRST: words(90)}))


def _near(very: Request) -> list[Request]:
    """Requests that differ in one thing."""
    *before, last = very.messages

    def with_text(text: str) -> Request:
        return replace(very, messages=(*before, Message(Role.USER, text)))

    return [
        *(with_text(text) for text in (FIRST[:-1], FIRST + " ", FIRST.title(), "how do I not test it?")),
        with_text("how do I test it 2?"),
        replace(very, model="qwen3:8b"),
        replace(very, profile=Profile(4096)),
        replace(very, num_predict=100),
        replace(very, think=True),
        replace(very, temperature=0.0),
        replace(very, messages=(Message(Role.SYSTEM, "other"), *before[1:], last)),
        replace(very, messages=(*very.messages, Message(Role.ASSISTANT, "x"), last)),
        replace(very, messages=(before[0], last)),
    ]
