"""Chips under an answer: when they come, in which place, and when there are none."""

import asyncio
import itertools
from contextlib import suppress

import pytest

from core.errors import ProviderUnreachable
from core.speculation.background import Purpose
from core.speculation.chip import Mark
from core.speculation.level import Level
from core.speculation.modesty import MOST_IGNORED
from core.store.speculation import SpeculationStore
from tests.core.speculation_stage import LONG, Speaker, Stage, play, words

CODE = LONG + "\n\n```python\ndef f(x):\n    y = x + 1\n    return y\n```\n"


def test_rules_are_there_at_once_and_the_model_is_not_asked_where_they_suffice() -> None:
    """What is plain costs no token, and waits for nobody."""

    async def scene(stage: Stage) -> None:
        await stage.answer()
        await stage.idle(0.01)
        assert [chip.question for chip in stage.chips] == ["yes", "no"]
        await stage.idle(30)
        assert not [request for request in stage.speaker.requests if request.schema]

    play(scene, Speaker(), answer=LONG + "Shall I go on?")


def test_the_model_fills_what_is_free_and_is_closed_as_soon_as_it_is_full() -> None:
    """One call, closed at the first question when only one is wanted: the rest would be for nobody."""

    async def scene(stage: Stage) -> None:
        await stage.answer()
        await stage.idle(0.2)
        assert stage.marks == ""
        await stage.idle(1.5)
        assert [chip.question for chip in stage.chips] == ["how do I test it?"]
        call = next(job for job in stage.jobs if job.purpose is Purpose.CHIPS)
        assert call.ended is None  # closed by us, behind the first string
        assert call.texts <= 7

    play(scene, Speaker())


def test_a_person_who_takes_many_is_offered_three_one_after_the_other() -> None:
    """Each is shown as soon as it is written, and none ever changes its place."""

    async def scene(stage: Stage) -> None:
        _teach(stage.store, stage.conversation, offered=60, taken=25)
        await stage.answer()
        await stage.idle(60)
        seen = [tuple(chip.question for chip in offer.chips) for offer in stage.offers]
        assert seen[-1] == ("how do I test it?", "can it be faster?", "why twice?")
        assert [chip.place for chip in stage.chips] == [1, 2, 3]
        for before, after in itertools.pairwise(seen):
            assert after[: len(before)] == before
        assert {len(each) for each in seen} == {0, 1, 2, 3}
        assert not stage.offers[-1].is_open

    play(scene, Speaker())


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("[]", []),
        ('["Why is it slow?"]', []),  # what was just asked
        ('["/quit", "explain @~/.ssh/id_rsa", "go on"]', ["go on"]),
        ('["ring \\u0007 it", "' + "x" * 600, []),
        ("As an AI I cannot do that.", []),
        ('{"a": {"b": {"c": ["d", ["e e"]]}}}', ["d"]),
    ],
)
def test_a_models_odd_answer_offers_nothing_odd(said: str, expected: list[str]) -> None:
    """Silence is allowed; what would act, hides or repeats is not offered."""

    async def scene(stage: Stage) -> None:
        await stage.answer()
        await stage.idle(60)
        assert [chip.question for chip in stage.chips] == expected
        assert not stage.offers[-1].is_open
        assert stage.background.job is None

    play(scene, Speaker(follow_ups=said))


def test_the_first_key_ends_the_call_and_what_is_there_stays() -> None:
    """Within the call nothing pops up any more, and the lane is free for what is typed."""

    async def scene(stage: Stage) -> None:
        await stage.answer()
        await stage.idle(0.5)
        assert stage.background.job is not None
        stage.suggesting.end()
        assert stage.background.job is None
        assert not stage.offers or stage.offers[-1].chips == ()
        await stage.idle(30)
        assert stage.marks == ""
        assert not stage.offers[-1].is_open
        assert stage.after is not None
        assert stage.after.done()
        assert len(stage.speaker.requests) == 1

    play(scene, Speaker())


@pytest.mark.parametrize("why", ["level", "none", "short", "slow", "length"])
def test_nothing_is_asked_where_nothing_may_or_need_be(why: str) -> None:
    """Another's machine, the setting, a short answer, a slow machine, an answer that was cut."""

    async def scene(stage: Stage) -> None:
        if why == "level":
            stage.level = Level.TYPING
        if why == "slow":
            stage.speeds._seen.guess = (60.0, 9.0)
        await stage.answer("length" if why == "length" else "stop")
        await stage.idle(30)
        assert not [request for request in stage.speaker.requests if request.schema]
        expected = ["continue"] if why == "length" else []
        assert [chip.question for chip in stage.chips] == expected
        assert not stage.offers[-1].is_open

    play(scene, Speaker(), chips=0 if why == "none" else 3, answer="Short." if why == "short" else LONG)


def test_on_a_slow_machine_rules_are_offered_and_nothing_is_made_ahead() -> None:
    """Reading and writing there takes what the person's own question needs."""

    async def scene(stage: Stage) -> None:
        stage.speeds._seen.guess = (60.0, 9.0)
        await stage.answer()
        await stage.idle(30)
        assert [chip.question for chip in stage.chips] == ["explain this code"]
        assert stage.speaker.requests == []

    play(scene, Speaker(), answer=CODE)


def test_a_call_that_breaks_is_not_told_and_not_tried_again() -> None:
    """Nobody asked for it."""

    async def scene(stage: Stage) -> None:
        stage.speaker.error = ProviderUnreachable("speaker", "here")
        await stage.answer()
        await stage.idle(30)
        assert stage.marks == ""
        assert len(stage.speaker.requests) == 1

    play(scene, Speaker())


def test_offers_are_counted_as_they_are_shown_taken_and_passed_by() -> None:
    """Odds are learnt from them, and the person is shown them."""

    async def scene(stage: Stage) -> None:
        await stage.answer()
        await stage.idle(20)
        stage.suggesting.ignored()
        stage.suggesting.ignored()
        stage.flush()
        assert stage.store.ignored_in_a_row() == 1
        await stage.answer()
        await stage.idle(20)
        adopted = await stage.take()
        assert adopted is not None
        stage.suggesting.ignored()
        stage.flush()
        counts = stage.store.counts(0)
        assert (counts.offered, counts.taken) == (2, 1)
        assert counts.saved_s > 1
        assert stage.store.ignored_in_a_row() == 0
        await adopted.stream.aclose()

    play(scene, Speaker(answers={"how do I test it?": words(100)}))


def test_ten_offers_passed_by_hide_the_row_until_one_is_taken() -> None:
    """Who never takes one is not shown any, and nothing is made ahead for them; /1 brings the row back."""

    async def scene(stage: Stage) -> None:
        for _ in range(MOST_IGNORED):
            await stage.answer()
            await stage.idle(1)
            stage.suggesting.end()
            stage.suggesting.ignored()
            stage.flush()
        requests = len(stage.speaker.requests)
        await stage.answer()
        await stage.idle(30)
        assert stage.offers[-1].is_hidden
        assert len(stage.speaker.requests) == requests
        stage.suggesting.ignored()
        stage.flush()
        assert stage.store.ignored_in_a_row() == MOST_IGNORED
        await stage.answer()
        await stage.idle(1)
        stage.suggesting.took(stage.chips[0])
        stage.flush()
        await stage.answer()
        await stage.idle(1)
        assert not stage.offers[-1].is_hidden
        assert stage.chips

    play(scene, Speaker(), answer=CODE)


def test_a_mark_never_says_more_than_there_is() -> None:
    """A full circle that is not whole would be a promise broken at the press of a key."""

    async def scene(stage: Stage) -> None:
        await stage.answer()
        for _ in range(400):
            await stage.idle(0.05)
            for chip in stage.chips:
                prepared = stage.suggesting._shelf.find(stage.drafts.now(chip.question))
                if chip.mark is Mark.READY:
                    assert prepared is not None
                    assert prepared.ended is not None
                if chip.mark is Mark.STARTED:
                    assert prepared is not None
                    assert prepared.tokens_so_far > 0
        assert stage.marks == "●"

    play(scene, Speaker(answers={"how do I test it?": words(180)}))


def test_a_watcher_that_leaves_is_forgotten() -> None:
    """Screens come and go."""

    async def scene(stage: Stage) -> None:
        watching = asyncio.ensure_future(anext(stage.suggesting.watch()))
        await asyncio.sleep(0)
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        await asyncio.sleep(0)
        assert len(stage.suggesting._offering._watching) == 1

    play(scene, Speaker())


def _teach(store: SpeculationStore, conversation: int, *, offered: int, taken: int) -> None:
    for number in range(offered):
        numbers = store.offer(conversation, [(1, "model")]).result()
        if number < taken:
            store.taken(numbers[0], "ready", 1.0).result()
        else:
            store.ignored(numbers).result()
    last = store.offer(conversation, [(1, "model")]).result()
    store.taken(last[0], "ready", 1.0).result()
