"""A stored answer is found again when it may serve, and only then."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.cache.found import Hit
from core.cache.scope import scope_of
from core.messages import AnswerState
from tests.core.cache_stage import DAY_S, OTHER_MODEL, Stage

UNDO = "how do I undo the last commit in git?"
UNDO_AGAIN = "undo last git commit, how?"
WORKTREE = "how do I undo the last merge in git?"


@pytest.fixture(params=["file", "memory"])
def stage(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stage]:
    stage = Stage(tmp_path / "leadline.db" if request.param == "file" else None)
    yield stage
    stage.database.close()


def test_the_same_question_is_answered_from_the_cache(stage: Stage) -> None:
    """The oldest promise of a cache: asked twice, made once."""
    stage.keep(UNDO, "git reset HEAD~1")
    stage.clock.now += 60

    found = stage.look_up("How do I  undo the last commit in Git")

    assert found is not None
    assert (found.outcome, found.text, found.question) == (Hit.EXACT, "git reset HEAD~1", UNDO)
    assert (found.model, found.provider, found.place) == ("qwen3:4b", "ollama", "local")
    assert found.asked_at == 1_000_000_000.0
    assert found.seconds == 4.0


def test_another_wording_is_served_and_a_near_one_only_shown(stage: Stage) -> None:
    """What differs decides, not how alike two texts are."""
    stage.keep(UNDO, "git reset HEAD~1")

    assert stage.found(UNDO_AGAIN).outcome is Hit.SURE
    found = stage.look_up(WORKTREE)
    assert found is None or found.outcome is Hit.MAYBE


def test_whatever_shaped_the_answer_must_be_the_same(stage: Stage) -> None:
    """Another system prompt, file, history or option is another question."""
    stage.keep(UNDO)
    scopes = [
        scope_of("another", "", "", (), {}),
        scope_of("system", "ab", "", (), {}),
        scope_of("system", "", "cd", (), {}),
        scope_of("system", "", "", ("ef",), {}),
        scope_of("system", "", "", (), {"think": True}),
    ]

    assert [stage.look_up(UNDO, scope=scope) for scope in scopes] == [None] * 5


def test_another_models_answer_is_at_most_shown(stage: Stage) -> None:
    """Who chose another model wants that model's answer."""
    stage.keep(UNDO, model=OTHER_MODEL)

    found = stage.found(UNDO)

    assert (found.outcome, found.is_other_model) == (Hit.MAYBE, True)


def test_a_deep_answer_serves_a_quick_question_and_never_the_reverse(stage: Stage) -> None:
    """Depth that was paid for once is not thrown away; depth that was asked for is not withheld."""
    stage.keep(UNDO, "quick", depth=0)
    assert stage.look_up(UNDO, depth=1) is None
    stage.keep(UNDO, "deep", depth=1)

    assert stage.found(UNDO).text == "deep"
    deep = stage.look_up(UNDO_AGAIN, depth=1)
    assert deep is not None
    assert deep.text == "deep"


def test_an_answer_is_served_until_its_time_is_over(stage: Stage) -> None:
    """Commands age; a pinned answer is the person's own word that this one does not."""
    kept = stage.keep(UNDO)
    assert kept.entry is not None
    stage.clock.now += 31 * DAY_S
    assert stage.look_up(UNDO) is None
    assert stage.look_up(UNDO_AGAIN) is None

    stage.entries.pin(kept.entry).result()

    assert stage.found(UNDO).outcome is Hit.EXACT
    assert stage.found(UNDO_AGAIN).outcome is Hit.SURE


def test_nothing_is_served_by_likeness_inside_its_own_conversation(stage: Stage) -> None:
    """A question asked once more in another wording is nearly always an edited one."""
    started = stage.answer(UNDO)
    stage.keep(UNDO, started=started)

    assert stage.look_up(UNDO_AGAIN, conversation=started.conversation) is None
    assert stage.look_up(UNDO_AGAIN, conversation=started.conversation + 1) is not None


@pytest.mark.parametrize("way", ["is_first_turn", "has_attachments", "semantic"])
def test_a_question_with_context_is_found_by_its_key_only(stage: Stage, way: str) -> None:
    """Words alone do not tell what a later turn, or a question about a file, is about."""
    stage.keep(UNDO)
    other = {"is_first_turn": False, "has_attachments": True, "semantic": False}[way]

    assert stage.look_up(UNDO_AGAIN, **{way: other}) is None  # type: ignore[arg-type]  # one of three flags
    assert stage.look_up(UNDO, **{way: other}) is not None  # type: ignore[arg-type]  # one of three flags


def test_an_answer_to_a_question_with_context_is_never_found_by_likeness(stage: Stage) -> None:
    """What was answered about a file is no answer without the file."""
    stage.keep(UNDO, has_attachments=True)

    assert stage.look_up(UNDO_AGAIN) is None


def test_a_deleted_conversations_answers_are_gone(stage: Stage) -> None:
    """Deleted means deleted, by whichever way; and no later entry is found by the words of an old one."""
    started = stage.answer(UNDO)
    stage.keep(UNDO, started=started)
    stage.run("DELETE FROM conversation WHERE id = ?", (started.conversation,))

    assert stage.look_up(UNDO) is None
    assert stage.look_up(UNDO_AGAIN) is None
    stage.keep("what is a monad in haskell?")
    assert stage.look_up(UNDO_AGAIN) is None


def test_an_answer_that_lost_its_text_or_its_end_is_not_served(stage: Stage) -> None:
    """The file may have been edited; half an answer is never given as a whole one."""
    started = stage.answer(UNDO)
    stage.keep(UNDO, started=started)
    stage.run("UPDATE answer SET state = ? WHERE id = ?", (AnswerState.PARTIAL.value, started.answer))
    assert stage.look_up(UNDO) is None
    assert stage.look_up(UNDO_AGAIN) is None

    stage.run("UPDATE answer SET state = 'complete', text = ' ' WHERE id = ?", (started.answer,))
    assert stage.look_up(UNDO) is None


def test_an_empty_question_finds_nothing(stage: Stage) -> None:
    """Empty text is equal to every other empty text, which is how caches are filled with nonsense."""
    stage.keep("   ")
    assert stage.count("entry") == 0
    assert stage.look_up("") is None
    assert stage.look_up(" \n") is None


def test_a_newer_answer_takes_the_place_of_an_older_one_and_of_its_words(stage: Stage) -> None:
    """Asked afresh, the last word counts; and the index holds no entry that is gone."""
    stage.keep(UNDO, "old")
    stage.keep(UNDO, "new")

    assert stage.count("entry") == 1
    assert stage.found(UNDO).text == "new"
    assert stage.found(UNDO_AGAIN).text == "new"
