"""What is done with answers, as the engine sees it: one row each in a real file, and the figure of it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from core.engine.intelligence import intelligence
from core.engine.topics import is_another_topic, is_rephrased
from core.errors import ProviderUnreachable
from core.events import TextDelta
from core.messages import AnswerState, Door, Question, Route
from core.metrics.chance import Maker, SignalKind
from core.settings.model import CacheSettings
from core.store.conversations import Conversations
from core.store.database import Database
from core.store.entries import Ending, NewAnswer
from core.store.signals import SignalRow, SignalStore
from tests.core.asking import Talk, talk
from tests.scripted import SCRIPTED, ScriptedProvider

UNDO = "How do I undo the last commit in git?"
UNDO_SAID_OTHERWISE = "How can I undo my last commit in git"
REGEX = "Which regular expression matches an IPv4 address?"
ANSWER = "Use `git reset --soft HEAD~1`."

Scene = Callable[[Talk], Awaitable[None]]


def play(scene: Scene, path: Path | None = None, *answers: list[object], cache: bool = False) -> None:
    """A scene with an engine whose model says the same each time, unless answers are given."""

    async def main() -> None:
        provider = ScriptedProvider(*(answers or ([ANSWER],)))  # type: ignore[arg-type]  # steps of all kinds
        async with talk(provider, path, cache=CacheSettings(enabled=cache)) as t:
            await scene(t)

    asyncio.run(main())


def kinds(t: Talk) -> list[tuple[str, int]]:
    """What was done, with which answer, in order."""
    return [(row.kind, row.answer) for row in rows(t)]


def rows(t: Talk) -> list[SignalRow]:
    """Everything that was handed over, as it is in the file."""
    t.database.submit(lambda connection: None).result()
    return list(SignalStore(t.database).rows())


def test_the_same_in_other_words_says_that_the_answer_did_not_serve(tmp_path: Path) -> None:
    """The row holds who made the answer, and no word of it; with both turns it is one need."""

    async def scene(t: Talk) -> None:
        await t.ask(UNDO)
        await t.ask(UNDO_SAID_OTHERWISE)
        (row,) = rows(t)
        assert (row.kind, row.answer, row.model, row.route) == ("rephrased", 1, SCRIPTED.name, "fast")
        found = intelligence(t.database, 0.0)
        assert found.latest is not None
        assert (found.latest.needs, found.latest.judged, found.latest.is_estimate) == (1, 1, True)

    play(scene, tmp_path / "db")


def test_going_on_to_something_else_says_that_it_served() -> None:
    """In a new conversation and in the same one, where the topic is plainly another."""

    async def scene(t: Talk) -> None:
        await t.ask(UNDO)
        await t.ask(REGEX)
        t.conversation = None
        await t.ask("How do I make a German apple pie?")
        assert kinds(t) == [("moved on", 1), ("moved on", 2)]
        (maker,) = intelligence(t.database, 0.0).makers
        assert (maker.chance.judged, maker.figure.needs) == (2, 3)

    play(scene)


@pytest.mark.parametrize(
    "follow_up",
    [
        "that does not work",
        "it still fails with exit code 128 under Windows",
        "no, I meant remotes like GitHub and their protected branches",
        "why?",
        "and with uncommitted changes in my working tree?",
        "Which reset modes are there besides soft?",
        "thanks",
    ],
)
def test_a_follow_up_says_nothing(follow_up: str) -> None:
    """Most follow-ups neither praise nor blame; a guess would be worth less than nothing."""

    async def scene(t: Talk) -> None:
        await t.ask(UNDO)
        await t.ask(follow_up)
        assert kinds(t) == []

    play(scene)


def test_asking_once_more_says_that_the_answer_before_was_not_the_one() -> None:
    """/again, and /nocache of the same question; the larger window after a failure is no such word."""

    async def scene(t: Talk) -> None:
        await t.ask(UNDO)
        await t.again(fit=True)
        assert kinds(t) == []
        await t.again()
        assert kinds(t) == [("afresh", 2)]
        await t.ask(UNDO, use_cache=False)
        assert kinds(t) == [("afresh", 2), ("afresh", 3)]

    play(scene)


def test_the_same_question_out_of_the_cache_says_nothing_of_the_answer() -> None:
    """To want the same answer again is no complaint; what is then asked afresh is the stored one."""

    async def scene(t: Talk) -> None:
        await t.ask(UNDO)
        t.conversation = None
        await t.ask(UNDO)
        assert kinds(t) == []
        await t.again()
        (row,) = rows(t)
        assert (row.kind, row.route, row.answer) == ("afresh", "exact-hit", 2)

    play(scene, cache=True)


def test_copying_says_it_of_the_turns_current_answer_once() -> None:
    """Who copies twice has not been served twice."""

    async def scene(t: Talk) -> None:
        await t.ask(UNDO)
        await t.again()
        assert t.turn is not None
        t.engine.judging.copied(t.turn)
        t.engine.judging.copied(t.turn)
        t.engine.judging.copied(99)
        assert kinds(t) == [("afresh", 1), ("copied", 2)]

    play(scene)


def test_what_failed_or_was_stopped_is_not_taken_to_have_served() -> None:
    """That the person goes on says nothing then; that they ask once more does."""

    async def scene(t: Talk) -> None:
        await t.ask(UNDO)
        await t.ask(REGEX)
        question = Question("Bake a German apple pie with cinnamon", conversation=t.conversation)
        await t.play_until(question, lambda event: isinstance(event, TextDelta))
        await t.ask("Where does Postgres keep its configuration files?")
        assert kinds(t) == [("moved on", 2)]

    play(scene, None, [ProviderUnreachable("nobody", "Start it.")], [ANSWER])


def test_questions_of_ask_are_not_watched() -> None:
    """Nobody sees what is done with their answers, and what watches is not even loaded."""

    async def scene(t: Talk) -> None:
        await t.ask(UNDO, door=Door.ASK)
        await t.ask(UNDO_SAID_OTHERWISE, door=Door.ASK)
        assert kinds(t) == []
        assert "judging" not in t.engine.__dict__
        found = intelligence(t.database, 0.0)
        assert (found.latest, [one.figure.needs for one in found.asked]) == (None, [2])

    play(scene)


class Run:
    """A deep run that is over when its answer is written."""

    def __init__(self, database: Database, turn: int, text: str) -> None:
        self._store, self._turn, self._text = Conversations(database), turn, text

    async def over(self) -> None:
        """Write the answer."""
        new = NewAnswer(Route.DEEP, "claude", "anthropic", "REMOTE", effort="high")
        started = await asyncio.wrap_future(self._store.ask_again(self._turn, new))
        ending = Ending(AnswerState.COMPLETE, self._text, reason="stop", total_ms=9_000.0)
        await asyncio.wrap_future(self._store.end(started.answer, ending, make_current=True))


@pytest.mark.parametrize(
    ("deep", "agrees"),
    [
        ("Run `git reset --soft HEAD~1`, nothing else.", True),
        ("Run `git revert HEAD` instead.", False),
        ("It depends.", False),
    ],
)
def test_a_deep_answer_that_says_the_same_speaks_for_the_draft(
    tmp_path: Path, deep: str, agrees: bool
) -> None:
    """To ask deeper is a doubt, and the same commands are its end; what prose means nobody can tell."""

    async def scene(t: Talk) -> None:
        await t.ask(UNDO)
        assert t.turn is not None
        t.engine.judging.escalated(t.turn, Run(t.database, t.turn, deep))

    play(scene, tmp_path / "db")
    database = Database.open(tmp_path / "db", lambda: 2_000_000.0)
    try:
        done = [(row.kind, row.answer) for row in SignalStore(database).rows()]
        (need,) = intelligence(database, 0.0).makers
    finally:
        database.close()
    assert done == [("escalated", 1)] + [("agreed", 1)] * agrees
    assert (need.maker, need.chance.judged) == (Maker("claude", "high", Route.DEEP), 0)


def test_counted_signals_are_what_the_rows_say() -> None:
    """The short way by SQL and the long way by rows must not part; and what strangers write is no verdict."""
    from core.engine.intelligence import _kinds_of

    database = Database.open(None, lambda: 1_000.0)
    try:

        def fill(connection: object) -> None:
            connection.executemany(  # type: ignore[attr-defined]  # a connection
                "INSERT INTO signal (at, kind, answer, answered_at, model, effort, route, door)"
                " VALUES (?, ?, ?, ?, ?, '', 'fast', 'screen')",
                [
                    (1.0, "copied", 1, 5.0, "a"),
                    (2.0, "copied", 1, 5.0, "a"),
                    (3.0, "rephrased", 1, 5.0, "a"),
                    (4.0, "copied", 1, 6.0, "a"),
                    (5.0, "copied", 2, 5.0, "b"),
                    (6.0, "praised", 3, 5.0, "b"),
                    ("soon", b"\xff", 4, 5.0, "b"),
                ],
            )

        database.submit(fill).result()
        store = SignalStore(database)
        counted = sorted((one.model, sorted(one.kinds), one.answers) for one in store.counted())
        sound = [("a", ["copied"], 1), ("a", ["copied", "rephrased"], 1), ("b", ["copied"], 1)]
        assert [one for one in counted if one in sound] == sound
        assert [row.answer for row in store.rows(3.0)] == [1, 1, 2, 3]
        assert [row.answer for row in store.rows(0.0, "rephrased")] == [1]
        assert _kinds_of(frozenset({"praised", "copied"})) == [SignalKind.COPIED]
        assert intelligence(database, 0.0).latest is None
    finally:
        database.close()


@pytest.mark.parametrize(
    ("before", "after", "is_so"),
    [
        (UNDO, UNDO_SAID_OTHERWISE, True),
        (UNDO, "  how do i UNDO the last commit in git?", False),
        (UNDO, REGEX, False),
        ("x" * 100_000, "y" * 100_000, False),
    ],
)
def test_other_words_are_told_by_letters(before: str, after: str, is_so: bool) -> None:
    """Word for word the same is no other wording."""
    assert is_rephrased(before, after) is is_so


def test_a_new_conversation_says_by_itself_that_the_topic_is_another() -> None:
    """A few letters may be alike there; in the same conversation no word that counts may be shared."""
    other = "How do I configure nginx to serve static files?"

    assert is_another_topic(UNDO, other, ANSWER, is_new=True)
    assert not is_another_topic(UNDO, UNDO_SAID_OTHERWISE, ANSWER, is_new=True)
    assert not is_another_topic(UNDO, "Which commit does HEAD point to after merging branches?", ANSWER)
    assert is_another_topic(UNDO, REGEX, ANSWER)
