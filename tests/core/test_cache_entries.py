"""What becomes an entry of the answer cache, how long it stays one, and what the person may say to it."""

import time
from collections.abc import Iterator

import pytest

from core.cache.acts import Act
from core.cache.entries import EntryMissing
from core.cache.found import Hit
from core.cache.refusals import Refusal
from core.messages import AnswerState
from tests.core.cache_stage import DAY_S, OTHER_MODEL, Stage

UNDO = "how do I undo the last commit in git?"
UNDO_AGAIN = "undo last git commit, how?"


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.database.close()


@pytest.mark.parametrize(
    "question",
    [
        "what is the latest version of python?",
        "What is the current LTS release of node?",
        "which version of postgres should I use",
        "what changed in rust today?",
        "what day is it?",
        "is it safe to upgrade to debian 13 now?",
        "when will python 3.15 be released?",
        "what are people using nowadays for state in react",
        "is github down?",
        "what was changed in the linux kernel yesterday",
        "tell me what happened in rust this week",
        "hey, who maintains curl currently?",
        "how do I install the latest node on ubuntu",
        "what happened in the news this week",
        "who is the CEO of OpenAI?",
        "who is the president of France",
        "what's the price of bitcoin?",
        "price of a H100",
        "how much does an H100 cost?",
        "what's new in react?",
        "what version should I use?",
        "what node version should I install",
        "which LTS should I use?",
        "what is the stable version of node",
        "current time in UTC",
        "what day of the week is it?",
        "is the npm registry up?",
        "are the github servers down right now?",
    ],
)
def test_a_question_bound_to_its_time_is_never_stored(stage: Stage, question: str) -> None:
    """The right answer of today is the wrong one of next week."""
    assert stage.keep(question).refusal is Refusal.TIME_BOUND
    assert stage.count("entry") == 0


@pytest.mark.parametrize(
    "question",
    [
        "how do I pull the image nginx:latest?",
        "how do I npm install react@latest without a lock file?",
        "how do I get the current date in python?",
        "print the current git branch",
        "what does `now()` return in postgres?",
        "how do I use Date.now() in a test?",
        "how do I show the current directory in my prompt?",
        "explain git fetch --latest-only",
        "how do I find all files modified today?",
        "list the commits made since yesterday",
        "how do I open the newest file in a directory?",
        "show the 5 most recent commits",
        "display users who are currently logged in",
        "remove all files but the 3 newest ones",
        "set a variable to yesterday's date",
        "what is the command to delete what changed today?",
        "how do I run a job at noon tomorrow with at?",
        "what's new in python 3.12?",
        "current time in python",
        "current date in ISO format in bash",
        "how do I calculate the price of all items in a cart in javascript?",
        "is there a way to scroll up or down?",
        "is it possible to scroll down",
        "how do I check whether a server is up?",
        "how do I print the version of node",
        "what does `president of` match",
    ],
)
def test_a_command_that_only_sounds_like_a_moment_is_stored(stage: Stage, question: str) -> None:
    """`:latest` is a tag and `now()` a function; developers ask about both every day."""
    assert stage.keep(question).refusal is None


@pytest.mark.parametrize(
    "question",
    [
        "give me a random number",
        "pick a random number between 1 and 10 please",
        "generate a uuid",
        "Generate 5 UUIDs.",
        "please generate a strong password with 12 characters",
        "create a random password",
        "can you make me a new passphrase of five words?",
        "flip a coin",
        "roll two dice",
        "roll 2d6",
        "shuffle these names: ann, bob, cy",
        "choose one of tabs and spaces at random",
        "tell me a joke",
        "random hex color",
        "generate a random password for postgres",
    ],
)
def test_what_is_wanted_anew_each_time_is_never_stored(stage: Stage, question: str) -> None:
    """The second throw of a die is not the first one, and nobody wants a password that is known already."""
    assert stage.keep(question).refusal is Refusal.CHANCE


@pytest.mark.parametrize(
    "question",
    [
        "generate a random number in python",
        "how do I generate a uuid in postgres?",
        "generate a uuid with python",
        "create a random string using openssl",
        "how do I shuffle a list?",
        "shuffle a list in javascript",
        "create a password reset form",
        "write a command that makes a random password",
        "generate a random number generator class",
        "what is a random forest?",
        "create a random forest classifier",
        "flip a boolean in vim",
        "roll back a migration",
        "roll a deployment in kubernetes",
        "pick a commit from another branch",
        "make a pin of the window",
        "what is a uuid?",
        "please write a haiku",
    ],
)
def test_the_code_that_makes_something_random_is_stored(stage: Stage, question: str) -> None:
    """It is the same code next time; developers ask for it every day."""
    assert stage.keep(question).refusal is None


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (f"why is {'AKIA' + 'Q3ZK7T5WJ2MXLN4P'} refused?", "It is not yours."),
        ("make me a token", "ghp_" + "x7Kq2mPz9LwR4tVb8NcY3sDf6GhJ1aQeW5uX"),
        ("why is this refused: DB_PASSWORD=s8Kd0-pLq2vZ9", "It is wrong."),
    ],
)
def test_what_looks_like_a_secret_is_never_stored(stage: Stage, question: str, answer: str) -> None:
    """A secret must not come up again in some other conversation."""
    assert stage.keep(question, answer).refusal is Refusal.SECRET


@pytest.mark.parametrize(
    ("state", "text", "refusal"),
    [
        (AnswerState.PARTIAL, "half of", Refusal.UNFINISHED),
        (AnswerState.CANCELLED, "half of", Refusal.UNFINISHED),
        (AnswerState.FAILED, "", Refusal.UNFINISHED),
        (AnswerState.COMPLETE, " \n", Refusal.EMPTY),
    ],
)
def test_only_a_whole_answer_is_stored(stage: Stage, state: AnswerState, text: str, refusal: Refusal) -> None:
    """Half an answer served a hundred times is wrong a hundred times."""
    kept = stage.keep(UNDO, started=stage.answer(UNDO, text, state))

    assert (kept.entry, kept.refusal) == (None, refusal)


def test_an_answer_that_is_gone_is_not_stored(stage: Stage) -> None:
    """A conversation may be deleted while its answer is on the way into the cache."""
    started = stage.answer(UNDO)
    stage.run("DELETE FROM conversation")

    assert stage.keep(UNDO, started=started).refusal is Refusal.GONE


@pytest.mark.parametrize(
    ("question", "days"),
    [
        ("what is a monad?", 90),
        ("explain the borrow checker", 90),
        ("how do I rename a branch?", 30),
        ("how do I install node 22?", 7),
        ("how do I use numpy 1.26.4 with this", 7),
        ("why do I get ModuleNotFoundError?", 7),
        ("permission denied on docker.sock", 7),
        ("please write a haiku", 30),
    ],
)
def test_an_answer_lives_as_long_as_its_kind(stage: Stage, question: str, days: int) -> None:
    """What a monad is will be true next month; what ails node 22 may not."""
    stage.keep(question)
    stage.clock.now += days * DAY_S - 1
    assert stage.look_up(question) is not None
    stage.clock.now += 2
    assert stage.look_up(question) is None


def test_not_this_keeps_a_pair_apart_for_ever(stage: Stage) -> None:
    """The person rules: neither question is ever answered with the other's answer again."""
    stage.keep(UNDO)
    found = stage.found(UNDO_AGAIN)
    stage.entries.veto(UNDO_AGAIN, found).result()

    assert stage.look_up(UNDO_AGAIN) is None
    assert stage.found(UNDO).outcome is Hit.EXACT
    assert stage.found("how to undo last commit in git").outcome is Hit.SURE

    stage.entries.clear().result()
    stage.keep(UNDO_AGAIN)
    assert stage.look_up(UNDO) is None


def test_afresh_on_the_same_question_makes_room_for_the_next_answer(stage: Stage) -> None:
    """A question cannot be kept apart from itself; its answer is there until a better one is."""
    stage.keep(UNDO, "poor")
    stage.entries.object(UNDO, UNDO, Hit.EXACT).result()
    assert stage.found(UNDO).text == "poor"

    stage.keep(UNDO, "better")
    assert stage.found(UNDO).text == "better"
    assert stage.count("never") == 0


def test_a_pinned_answer_survives_afresh_and_not_a_no(stage: Stage) -> None:
    """Asking afresh is a second opinion; `not this` is a verdict."""
    kept = stage.keep(UNDO, "pinned")
    assert kept.entry is not None
    stage.entries.pin(kept.entry).result()
    stage.entries.object(UNDO, UNDO, Hit.EXACT).result()
    assert stage.keep(UNDO, "second").refusal is Refusal.PINNED
    assert stage.found(UNDO).text == "pinned"

    stage.entries.veto(UNDO, stage.found(UNDO)).result()
    assert stage.look_up(UNDO) is None


def test_every_act_is_remembered_with_what_differed(stage: Stage) -> None:
    """So that a rule which keeps being wrong can be seen in figures."""
    stage.keep(UNDO)
    exact, sure = stage.found(UNDO), stage.found(UNDO_AGAIN)
    other = stage.look_up(UNDO, model=OTHER_MODEL)
    assert other is not None
    for found in (exact, sure, sure):
        stage.entries.mark_served(found).result()
    stage.entries.record(Act.SHOWN, other).result()
    stage.entries.record(Act.OPENED, other).result()
    stage.entries.mark_served(other).result()
    stage.entries.object(UNDO_AGAIN, sure.question, Hit.SURE).result()

    stats = stage.entries.stats()

    assert stats.hits == {"exact": 1, "sure": 2, "maybe": 1}
    assert stats.shown == {"shown": 1, "opened": 1, "kept": 1}
    assert stats.objections == {"exact": 0, "sure": 1, "maybe": 0}
    assert stats.fine_kinds == {"model": 1}
    assert stats.seconds_saved == 16.0
    assert (stats.entries, stats.vetoes) == (1, 1)
    assert stage.entries.entry(exact.entry).hits == 4


def test_what_is_forgotten_keeps_its_acts_and_its_answer(stage: Stage) -> None:
    """Statistics outlive an entry, and a conversation loses nothing because the cache forgot."""
    started = stage.answer(UNDO)
    kept = stage.keep(UNDO, started=started)
    assert kept.entry is not None
    stage.entries.mark_served(stage.found(UNDO)).result()
    stage.entries.forget(kept.entry).result()

    assert stage.look_up(UNDO) is None
    assert stage.look_up(UNDO_AGAIN) is None
    assert stage.conversations.turn(started.turn).answers[0].text == "Like this."
    assert stage.entries.stats().hits["exact"] == 1
    for gone in (stage.entries.forget(kept.entry), stage.entries.pin(kept.entry)):
        with pytest.raises(EntryMissing):
            gone.result()


def test_what_is_out_of_date_goes_first_then_what_is_of_least_use(stage: Stage) -> None:
    """Room is made at the cost of what nobody would miss; never of what was pinned."""
    numbers = {}
    for name, seconds in (("slow", 60.0), ("quick", 0.2), ("used", 0.2), ("pinned", 0.2)):
        question = f"what is a {name} thing in git?"
        started = stage.answer(question, seconds=seconds)
        numbers[name] = stage.keep(question, started=started).entry or 0
    stage.entries.pin(numbers["pinned"]).result()
    for _ in range(20):
        stage.entries.mark_served(stage.found("what is a used thing in git?")).result()
    stage.clock.now += DAY_S

    assert stage.entries.prune(3).result() == 1
    assert {entry.id for entry in stage.entries.list(9)} == {
        numbers[name] for name in ("slow", "used", "pinned")
    }
    assert stage.entries.prune(3).result() == 0
    assert stage.entries.prune(100, largest_bytes=1).result() == 2
    assert [entry.id for entry in stage.entries.list(9)] == [numbers["pinned"]]


def test_the_bound_on_bytes_is_kept_as_well(stage: Stage) -> None:
    """Ten answers of a megabyte are as much as ten thousand short ones."""
    for number in range(4):
        stage.keep(f"what is thing {number}?", "x" * 1000)
        stage.clock.now += 1

    assert stage.entries.prune(100, largest_bytes=2500).result() == 2
    assert stage.entries.stats().bytes <= 2500


def test_the_words_of_what_is_gone_are_gone_from_the_index(stage: Stage) -> None:
    """An index that only grows is slow one day, and wrong about what is rare."""
    for number in range(3):
        stage.keep(f"how do I undo commit number {number} in git?")
    assert stage.count("word") > 0
    for entry in stage.entries.list(9):
        stage.entries.forget(entry.id).result()

    assert stage.count("word") == 0
    words = stage.database.read(
        lambda connection: connection.execute(
            "SELECT count(*) FROM entry_words WHERE entry_words MATCH 'wcommit OR wundo'"
        ).fetchone()[0]
    )
    assert words == 0


def test_words_of_a_deleted_conversation_are_taken_out_by_upkeep(stage: Stage) -> None:
    """The history knows nothing of the cache; what a cascade leaves behind must not stay for ever."""
    started = stage.answer(UNDO)
    stage.keep(UNDO, started=started)
    stage.keep("what is a monad in haskell?")
    stage.run("DELETE FROM conversation WHERE id = ?", (started.conversation,))
    assert stage.count("indexed") == 2

    assert stage.entries.tend(100).result() == 1
    assert stage.entries.tend(100).result() == 0

    left = stage.database.read(lambda c: [row[0] for row in c.execute("SELECT word FROM word ORDER BY 1")])
    assert left == ["haskell", "monad"]


def test_a_whole_conversation_can_be_forgotten(stage: Stage) -> None:
    """Before it is deleted, so that its words go too."""
    started = stage.answer(UNDO)
    stage.keep(UNDO, started=started)
    stage.keep("what is a monad?")

    assert stage.entries.forget_conversation(started.conversation).result() == 1
    assert [entry.question for entry in stage.entries.list(9)] == ["what is a monad?"]


def test_a_row_somebody_spoilt_harms_nothing(stage: Stage) -> None:
    """The file is on a disk, and disks and people do things to files."""
    stage.keep(UNDO)
    stage.run("UPDATE entry SET parsed = 'no such thing', question = x'ff00', hits = 'many'")
    assert stage.look_up(UNDO) is not None
    stage.look_up(UNDO_AGAIN)
    assert stage.entries.list(9)[0].hits == 0


def test_upkeep_is_done_in_pieces_until_all_is_well(stage: Stage) -> None:
    """What another version of the parser read is found again, and what is too much goes."""
    stage.keep(UNDO)
    stage.keep("what is a monad in haskell?")
    stage.run("UPDATE entry SET parsed = '[0]' WHERE question = ?", (UNDO,))

    assert stage.entries.tend(100).result() == 1
    assert stage.entries.tend(100).result() == 0
    parsed = stage.database.read(
        lambda connection: connection.execute("SELECT parsed FROM entry ORDER BY id").fetchall()
    )
    assert "undo" in parsed[0][0]
    assert stage.found(UNDO_AGAIN).outcome is Hit.SURE
    assert stage.entries.tend(1).result() == 1
    assert stage.entries.stats().entries == 1


def test_a_question_with_a_whole_text_in_it_is_quickly_stored_and_found_by_its_key_only(stage: Stage) -> None:
    """A pasted log is no question to be asked in other words, and must not hold up the screen."""
    for text in ("how do I undo this? " + "\u201cword `x " * 5_000, "when is it " * 9_000, "'" * 90_001):
        began = time.process_time()
        stage.keep(text)
        assert stage.look_up(text + " more") is None
        assert stage.found(text).outcome is Hit.EXACT
        assert time.process_time() - began < 5
    assert stage.count("indexed") == 0
