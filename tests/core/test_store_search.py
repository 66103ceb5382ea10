"""What was asked and answered is found by its words; what was deleted is not, and can be brought back."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.messages import AnswerState, Route
from core.store.conversations import Conversations, NotStored
from core.store.database import Database
from core.store.entries import Ending, NewAnswer
from core.store.removal import KEPT_S

FAST = NewAnswer(Route.FAST, "m", "ollama", "local")


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "leadline.db"


@pytest.fixture
def store(path: Path, clock: Clock) -> Iterator[Conversations]:
    database = Database.open(path, clock)
    yield Conversations(database)
    database.close()


def tell(store: Conversations, question: str, answer: str, home: int | None = None, where: str = "/x") -> int:
    """Ask and answer; the conversation."""
    started = store.ask(question, (), home, where, FAST).result()
    store.end(started.answer, Ending(AnswerState.COMPLETE, answer), make_current=True).result()
    return started.conversation


def questions(store: Conversations, text: str, **more: str) -> list[str]:
    return [found.question for found in store.search(text, 10, **more)]


def test_words_are_found_in_questions_and_in_answers(store: Conversations) -> None:
    """One remembers what was said as often as what was asked."""
    tell(store, "how do I undo a commit", "use git reset")
    tell(store, "what is a pod", "the smallest unit of kubernetes")

    assert questions(store, "undo commit") == ["how do I undo a commit"]
    assert questions(store, "kubernetes") == ["what is a pod"]
    assert store.search("kubernetes", 10)[0].answer == "the smallest unit of kubernetes"
    assert questions(store, "kubernetes commit") == []
    assert questions(store, "undo reset") == ["how do I undo a commit"]


def test_the_same_told_again_is_found_once(store: Conversations) -> None:
    """A question that the cache answers every day would fill the list."""
    for _ in range(3):
        tell(store, "how do I undo a commit", "use git reset")

    assert len(store.search("undo", 10)) == 1


def test_the_last_word_may_be_a_beginning_and_inflection_is_no_hindrance(store: Conversations) -> None:
    """Results come while one types."""
    tell(store, "undoing commits", "reset")

    assert questions(store, "undo com") == ["undoing commits"]
    assert questions(store, "com undo") == []
    assert questions(store, '"undoing commits"') == ["undoing commits"]
    assert questions(store, '"commits undoing"') == []


@pytest.mark.parametrize(
    "typed", ['"', '""', "*", "a OR", "NEAR(", "- x:y", "'; DROP", "\x00", "(" * 900, '"a" * "b']
)
def test_nothing_that_is_typed_is_taken_for_syntax(store: Conversations, typed: str) -> None:
    """The index has a language of its own, of which nobody who searches knows."""
    tell(store, "a b", "x")
    store.search(typed, 10)


def test_what_is_asked_later_comes_first_among_equals(store: Conversations, clock: Clock) -> None:
    """Of two that say the same, the recent one is more often meant."""
    tell(store, "rotate the logs", "rotate: a")
    clock.now += 90 * 86_400
    tell(store, "rotate the logs", "rotate: b")

    assert [found.answer for found in store.search("rotate", 10)] == ["rotate: b", "rotate: a"]


def test_only_here_means_only_this_directory(store: Conversations) -> None:
    """Another project's answers are noise where one looks for this one's."""
    tell(store, "build fails", "a", where="/one")
    tell(store, "build fails again", "b", where="/two")

    assert questions(store, "build", directory="/two") == ["build fails again"]


def test_what_is_deleted_is_out_of_sight_and_can_be_brought_back(store: Conversations) -> None:
    """One deletes the wrong one sooner or later."""
    home = tell(store, "secret plan", "yes")
    other = tell(store, "another", "no")

    store.delete(home).result()
    assert questions(store, "secret") == []
    assert [each.id for each in store.recent(10)] == [other]
    assert store.questions(10) == ("another",)
    latest = store.latest("/x")
    assert latest is not None
    assert latest.id == other

    store.undo_delete(home).result()
    assert questions(store, "secret") == ["secret plan"]
    for wrong in (home, 99):
        with pytest.raises(NotStored):
            store.undo_delete(wrong).result()


def test_to_ask_on_in_a_deleted_conversation_brings_it_back(store: Conversations) -> None:
    """It was deleted in another window; the question must not vanish with it a day later."""
    home = tell(store, "plan", "yes")
    store.delete(home).result()

    tell(store, "and then?", "no", home)

    assert questions(store, "plan") == ["plan"]


def test_after_a_day_a_deleted_conversation_is_gone_from_the_file(path: Path, clock: Clock) -> None:
    """Nothing of it is left to be found, neither by its words nor by looking into the file."""
    database = Database.open(path, clock)
    store = Conversations(database)
    home = tell(store, "the xylophone password", "is marzipan")
    tell(store, "another", "no")
    store.delete(home).result()
    database.close()

    clock.now += KEPT_S + 1
    Database.open(path, clock).close()

    with closing(sqlite3.connect(path)) as reader:
        assert reader.execute("SELECT count(*) FROM turn").fetchone() == (1,)
        for table in ("question_words", "answer_words"):
            found = reader.execute(f"SELECT rowid FROM {table} WHERE {table} MATCH 'xylophone OR marzipan'")
            assert found.fetchall() == []
            reader.execute(f"INSERT INTO {table}({table}) VALUES ('integrity-check')")
    assert b"marzipan" not in path.read_bytes()


def test_what_an_interrupted_answer_said_is_found(path: Path, clock: Clock) -> None:
    """What came before a crash was read, and is looked for."""
    database = Database.open(path, clock)
    store = Conversations(database)
    started = store.ask("why", (), None, "/x", FAST).result()
    store.save_progress(started.answer, "because of the zeppelin", "").result()
    database.submit(lambda c: c.execute("UPDATE answer SET owner = 'gone:1:2', updated_at = 0")).result()
    database.close()

    database = Database.open(path, clock)
    database.submit(lambda connection: None).result()  # behind the settling, which nobody waits for
    assert [found.question for found in Conversations(database).search("zeppelin", 5)] == ["why"]
    database.close()


def test_an_answer_that_ends_twice_is_found_once(store: Conversations) -> None:
    """The index cannot be corrected; a second entry would stay in it for ever."""
    started = store.ask("q", (), None, "/x", FAST).result()
    for text in ("zeppelin", "zeppelin twice"):
        store.end(started.answer, Ending(AnswerState.COMPLETE, text), make_current=True).result()

    assert len(store.search("zeppelin", 5)) == 1


def test_scripts_without_spaces_are_found_by_any_piece(store: Conversations) -> None:
    """An index of words takes a whole Japanese sentence for one."""
    tell(store, "最後のコミットを取り消すには", "git reset を使います")

    assert questions(store, "コミット") == ["最後のコミットを取り消すには"]
    assert questions(store, "使い") == ["最後のコミットを取り消すには"]
    assert questions(store, "削除") == []


def test_a_damaged_index_costs_no_answer_and_is_made_anew(path: Path, clock: Clock) -> None:
    """The index can be made from the rows at any time, so nothing may ever depend on it."""
    database = Database.open(path, clock)
    tell(Conversations(database), "before the damage", "a")
    database.close()
    with closing(sqlite3.connect(path)) as stranger, stranger:
        stranger.execute("UPDATE question_words_data SET block = x'00ff00ff00ff' WHERE id > 10")
        stranger.execute("UPDATE answer_words_data SET block = x'00ff00ff00ff' WHERE id > 10")

    database = Database.open(path, clock)
    store = Conversations(database)
    tell(store, "after the damage", "b")

    assert sorted(questions(store, "damage")) == ["after the damage", "before the damage"]
    database.close()
