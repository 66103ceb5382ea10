"""What is asked and answered is kept, and found again as it was."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from core.messages import AnswerState, Attachment, Route
from core.store.conversations import Conversations, Counts, Ending, NewAnswer, NotStored, Started
from core.store.database import Database
from core.store.facts import Choice, Facts, ModelFact

FAST = NewAnswer(Route.FAST, "qwen3:4b", "ollama", "local", {"num_ctx": 8192})


class Clock:
    """A time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["file", "memory"])
def database(tmp_path: Path, clock: Clock, request: pytest.FixtureRequest) -> Iterator[Database]:
    database = Database.open(tmp_path / "leadline.db" if request.param == "file" else None, clock)
    yield database
    database.close()


@pytest.fixture
def conversations(database: Database) -> Conversations:
    return Conversations(database)


def complete(text: str) -> Ending:
    return Ending(AnswerState.COMPLETE, text, reason="stop")


def test_a_question_is_there_before_its_first_token(conversations: Conversations, clock: Clock) -> None:
    """Whatever happens to the answer, nobody types a question twice."""
    attached = (Attachment("a.py", "print()\n", "ab" * 32), Attachment("stdin", "", "cd" * 32))
    started = conversations.ask("why?", attached, None, "/work", FAST).result()

    (turn,) = conversations.turns(started.conversation)

    assert (turn.id, turn.conversation, turn.question) == (started.turn, started.conversation, "why?")
    assert turn.attachments == attached
    assert turn.asked_at == clock.now
    (answer,) = turn.answers
    assert (answer.id, answer.state, answer.text) == (started.answer, AnswerState.STREAMING, "")
    assert (answer.model, answer.provider, answer.place) == ("qwen3:4b", "ollama", "local")
    assert turn.current is None


def test_an_answer_is_kept_as_it_grows_and_as_it_ends(conversations: Conversations) -> None:
    """History, statistics and the model's memory are all made of this row."""
    started = conversations.ask("why?", (), None, "/work", FAST).result()
    conversations.save_progress(started.answer, "Beca", "hm").result()
    assert conversations.turn(started.turn).answers[0].text == "Beca"

    ending = Ending(
        AnswerState.COMPLETE,
        "Because.",
        reason="stop",
        place="REMOTE ollama.com",
        ttft_ms=120.5,
        total_ms=900.0,
        input_tokens=31,
        output_tokens=2,
        load_ms=4.0,
    )
    conversations.end(started.answer, ending, make_current=True).result()
    conversations.save_progress(started.answer, "late", "").result()

    turn = conversations.turn(started.turn)
    (answer,) = turn.answers
    assert turn.current == answer
    assert (answer.state, answer.text, answer.reason) == (AnswerState.COMPLETE, "Because.", "stop")
    assert (answer.ttft_ms, answer.total_ms) == (120.5, 900.0)
    assert (answer.input_tokens, answer.output_tokens) == (31, 2)
    assert answer.place == "REMOTE ollama.com"


def test_a_turn_has_several_answers_and_one_is_current(conversations: Conversations) -> None:
    """Afresh and deep add answers; what the model is sent as history is the current one only."""
    first = conversations.ask("why?", (), None, "/work", FAST).result()
    conversations.end(first.answer, complete("one"), make_current=True).result()
    second = conversations.ask_again(first.turn, FAST).result()
    assert (second.conversation, second.turn) == (first.conversation, first.turn)
    conversations.end(second.answer, complete("two"), make_current=False).result()

    turn = conversations.turn(first.turn)
    assert [answer.text for answer in turn.answers] == ["one", "two"]
    assert turn.current == turn.answers[0]

    conversations.choose_current(first.turn, second.answer).result()
    assert conversations.turn(first.turn).current == turn.answers[1]


@pytest.mark.parametrize(
    ("state", "text", "is_current"),
    [
        (AnswerState.COMPLETE, "whole", True),
        (AnswerState.PARTIAL, "cut of", True),
        (AnswerState.CANCELLED, "stopp", True),
        (AnswerState.CANCELLED, "", False),
        (AnswerState.FAILED, "", False),
    ],
)
def test_only_an_answer_with_text_becomes_current(
    conversations: Conversations, state: AnswerState, text: str, is_current: bool
) -> None:
    """An empty answer in the history would teach the model to say nothing."""
    started = conversations.ask("why?", (), None, "/work", FAST).result()

    conversations.end(started.answer, Ending(state, text), make_current=True).result()

    assert (conversations.turn(started.turn).current is not None) == is_current


def test_what_is_not_there_is_said_to_be_missing(conversations: Conversations) -> None:
    """A stale number (another leadline deleted it) is an error to act on, and changes nothing."""
    known = conversations.ask("why?", (), None, "/work", FAST).result()
    other = conversations.ask("how?", (), None, "/work", FAST).result()
    futures: list[Future[Started] | Future[None]] = [
        conversations.ask("lost", (), 99, "/work", FAST),
        conversations.ask_again(99, FAST),
        conversations.end(99, complete("x"), make_current=True),
        conversations.choose_current(known.turn, 99),
        conversations.choose_current(known.turn, other.answer),
        conversations.choose_current(99, known.answer),
        conversations.rename(99, "x"),
    ]

    assert [type(future.exception()) for future in futures] == [NotStored] * 7
    with pytest.raises(NotStored):
        conversations.conversation(99)
    with pytest.raises(NotStored):
        conversations.turn(99)
    assert conversations.turns(99) == ()
    assert conversations.counts() == Counts(2, 2, 2)


def test_turns_come_oldest_first_and_as_many_as_wanted(conversations: Conversations) -> None:
    """The screen shows the last ones at once; asking again needs those that came before."""
    started = conversations.ask("0", (), None, "/work", FAST).result()
    home = started.conversation
    conversations.ask("elsewhere", (), None, "/work", FAST).result()
    ids = [started.turn] + [
        conversations.ask(str(number), (), home, "/work", FAST).result().turn for number in range(1, 6)
    ]

    def questions(last: int | None = None, before: int | None = None) -> str:
        return "".join(turn.question for turn in conversations.turns(home, last, before))

    assert questions() == "012345"
    assert questions(last=2) == "45"
    assert questions(last=0) == ""
    assert questions(before=ids[3]) == "012"
    assert questions(last=1, before=ids[3]) == "2"
    assert questions(before=ids[0]) == ""


def test_a_conversation_is_named_after_its_first_question(conversations: Conversations) -> None:
    """A list of conversations is read by its titles, one line each."""
    titles = []
    for question in ("\n  fix the test  \nIt says: …", "x" * 200, "", "y" * 80):
        started = conversations.ask(question, (), None, "/work", FAST).result()
        titles.append(conversations.conversation(started.conversation).title)

    assert titles == ["fix the test", "x" * 79 + "…", "", "y" * 80]
    conversations.rename(1, "mended").result()
    assert conversations.conversation(1).title == "mended"


def test_the_last_conversation_of_a_directory_is_the_one_last_asked(
    conversations: Conversations, clock: Clock
) -> None:
    """`-c` goes on where the person was, not where they began last."""
    one = conversations.ask("a", (), None, "/work", FAST).result().conversation
    clock.now += 1
    two = conversations.ask("b", (), None, "/work", FAST).result().conversation
    clock.now += 1
    three = conversations.ask("c", (), None, "/home", FAST).result().conversation
    clock.now += 1
    conversations.ask("d", (), one, "/elsewhere", FAST).result()

    latest = conversations.latest("/work")
    assert latest is not None
    assert latest.id == one
    assert latest.directory == "/work"
    assert conversations.latest("/nowhere") is None
    assert [each.id for each in conversations.recent(9)] == [one, three, two]
    assert [each.id for each in conversations.recent(1)] == [one]
    begun = conversations.begin("/work", "empty").result()
    assert conversations.conversation(begun).title == "empty"


def test_the_history_of_questions_has_each_wording_once_newest_first(conversations: Conversations) -> None:
    """Arrow up should bring another question each time."""
    home = conversations.ask("a", (), None, "/x", FAST).result().conversation
    for question in ("b", "a", "c", "c"):
        conversations.ask(question, (), home, "/x", FAST).result()

    assert conversations.questions(9) == ("c", "a", "b")
    assert conversations.questions(2) == ("c", "a")
    assert conversations.questions(0) == ()


def test_half_a_character_does_no_harm(conversations: Conversations, clock: Clock) -> None:
    """File names and cut tokens can hold lone surrogates, which UTF-8 cannot."""
    bad = "a\ud800b"
    attached = (Attachment(bad, bad, "ab"),)
    started = conversations.ask(
        bad, attached, None, bad, NewAnswer(Route.FAST, bad, bad, bad, {bad: bad})
    ).result()
    conversations.save_progress(started.answer, bad, bad).result()
    conversations.end(
        started.answer, Ending(AnswerState.PARTIAL, bad, bad, bad, bad, bad), make_current=True
    ).result()
    conversations.rename(started.conversation, bad).result()

    turn = conversations.turn(started.turn)
    assert turn.current is not None
    assert {turn.question, turn.attachments[0].text, turn.current.text, turn.current.model} == {"a\ufffdb"}
    assert conversations.latest(bad) is not None


def test_every_harmless_character_comes_back_as_it_was(conversations: Conversations) -> None:
    """Emoji, accents and other scripts are ordinary in code and in answers."""
    text = "Vec<T> 👩‍👩‍👧 e\u0301 עברית 漢字\n\ttab"
    started = conversations.ask(text, (Attachment("a", text, "ab"),), None, "/x", FAST).result()
    conversations.end(started.answer, complete(text), make_current=True).result()

    turn = conversations.turn(started.turn)
    assert turn.current is not None
    assert turn.question == turn.attachments[0].text == turn.current.text == text


def test_the_async_world_can_wait_and_a_cancelled_wait_loses_nothing(conversations: Conversations) -> None:
    """Escape cancels the turn's task; the end of its answer is on its way by then and must arrive."""

    async def main() -> int:
        started = await asyncio.wrap_future(conversations.ask("why?", (), None, "/x", FAST))
        waiting = asyncio.ensure_future(
            asyncio.wrap_future(conversations.end(started.answer, complete("kept"), make_current=True))
        )
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await asyncio.wrap_future(conversations.save_progress(started.answer, "", ""))
        return started.turn

    current = conversations.turn(asyncio.run(main())).current
    assert current is not None
    assert current.text == "kept"


def test_facts_and_choices_are_replaced_not_gathered(database: Database) -> None:
    """The auto choice is made once and kept; a model's facts are as last seen."""
    facts = Facts(database)
    assert facts.fact("http://a", "m") is None
    assert facts.choice("http://a") is None

    fact = ModelFact("http://a", "m", "sha", 8192, 40960, None, "off")
    loaded = ModelFact("http://a", "m", "sha2", 8192, 40960, 812.5, "low")
    elsewhere = ModelFact("http://b", "m", "sha", 4096, 0, 1.0, "off")
    for each in (fact, loaded, elsewhere):
        facts.remember(each).result()
    pinned = Choice("http://a", "m2", "strongest that fits", 12.5)
    facts.pin(Choice("http://a", "m", "loaded", 1.0)).result()
    facts.pin(pinned).result()

    assert facts.fact("http://a", "m") == loaded
    assert facts.fact("http://b", "m") == elsewhere
    assert facts.choice("http://a") == pinned


def test_a_long_conversation_is_opened_quickly(tmp_path: Path) -> None:
    """Printed, not asserted: what 2,000 turns cost on the machine at hand."""
    database = Database.open(tmp_path / "leadline.db", time.time)
    conversations = Conversations(database)
    home = conversations.ask("0", (), None, "/x", FAST).result().conversation
    begun = time.perf_counter()
    for number in range(100):
        conversations.ask(str(number), (), home, "/x", FAST).result()
    one_ms = (time.perf_counter() - begun) * 10
    futures = [conversations.ask(f"why {number}?", (), home, "/x", FAST) for number in range(1_900)]
    for future in futures:
        answer = future.result().answer
        conversations.end(answer, complete("because " * 50), make_current=True)
    conversations.save_progress(0, "", "").result()

    begun = time.perf_counter()
    turns = conversations.turns(home, last=30)
    last_ms = (time.perf_counter() - begun) * 1000
    begun = time.perf_counter()
    questions = conversations.questions(1000)
    questions_ms = (time.perf_counter() - begun) * 1000

    print(f"ask and commit {one_ms:.2f} ms, last 30 of 2,000 {last_ms:.2f} ms, history {questions_ms:.2f} ms")
    assert len(turns) == 30
    assert len(questions) == 1000
    assert all(turn.current is not None for turn in turns)
    database.close()
