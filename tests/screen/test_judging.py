"""What the person does with answers on the screen is written down: taken, asked deeper, waited for."""

from pathlib import Path

from core.messages import Route
from core.store.database import Database
from core.store.measured import MeasuredStore
from core.store.signals import SignalStore
from tests.screen.driving import Person, drive
from tests.screen.scripted_deep import ScriptedDeepening, deepened, depth_of, stored
from tests.server import OllamaServer, Script

REPLY = "Two ways to see what was changed:\n\n```sh\ngit diff\n```\n\n```sh\ngit log -p\n```\n"


def done(folder: Path) -> list[tuple[str, int]]:
    """What was done, with which answer, in order."""
    database = Database.open(folder / "leadline.db", lambda: 0.0)
    try:
        return [(row.kind, row.answer) for row in SignalStore(database).rows()]
    finally:
        database.close()


def test_what_is_taken_from_an_answer_says_that_it_served(tmp_path: Path) -> None:
    """A block by its key, a file, a selection; a word that stands anywhere, or what was typed, does not."""
    seen: list[int] = []

    async def scene(person: Person) -> None:
        taken: list[int] = []
        judging = person.chat.bridge.judging
        with_turn = judging.copied

        def copied(turn: int) -> None:
            taken.append(turn)
            with_turn(turn)

        judging.copied = copied  # type: ignore[method-assign]  # to count it; what is written is looked at below
        await person.ask("How do I see what was changed?")
        await person.has_answer("git log")
        took = person.chat.taking.took
        for text in ("git", "what was said otherwise in the prompt", "", "https://example.org/elsewhere"):
            took(text)
        assert taken == []
        took("Two ways to\n  see what was changed")
        await person.ask("/copy 2")
        await person.press("shift+tab", "y", "c", "escape")
        await person.ask(f"/write 1 {tmp_path / 'see.sh'}")
        await person.is_told("wrote 1 line")
        assert len(taken) == 5
        await person.ask("/again")
        await person.until(lambda: len(server.requests("/api/chat")) == 2)
        await person.has_answer("git log")
        await person.press("ctrl+o")
        seen.extend(taken)

    with OllamaServer(Script(reply=REPLY)) as server:
        drive(scene, tmp_path, server.url)
    assert len(set(seen)) == 1
    assert done(tmp_path) == [("copied", 1), ("afresh", 1), ("copied", 2)]


def test_depth_for_the_last_question_is_a_word_on_its_draft_and_a_wait_is_one_that_is_looked_at(
    tmp_path: Path,
) -> None:
    """While something is typed, or the panel is away, nobody is held up."""
    deep = ScriptedDeepening()

    async def scene(person: Person) -> None:
        async def pass_s(seconds: float) -> None:
            person.clock.now += seconds
            blocked.look()
            await person.settle()

        run = await deepened(person, deep)
        blocked = person.chat.depth.blocked
        await pass_s(5.0)
        await person.type("x")
        await pass_s(20.0)
        await person.press("backspace")
        await pass_s(0.0)
        await pass_s(2.5)
        await person.ask("/hide")
        await pass_s(0.0)
        await pass_s(100.0)
        conversation = person.chat.docket.conversation
        assert conversation is not None
        stored(run, conversation, 1, answer=1)
        run.write("thought through")
        run.finish()
        await person.until(lambda: not person.chat.depth.board.under_way())
        await person.settle()

    with OllamaServer(Script(reply="the draft")) as server, depth_of(deep):
        drive(scene, tmp_path, server.url)
    assert done(tmp_path) == [("escalated", 1)]
    database = Database.open(tmp_path / "leadline.db", lambda: 0.0)
    try:
        row = MeasuredStore(database).one(1)
    finally:
        database.close()
    assert row is not None
    assert (row.route, row.blocked_ms) == (Route.FAST, 7_500.0)


def test_a_question_that_is_typed_for_depth_finds_no_answer_wanting(tmp_path: Path) -> None:
    """Its draft is made beside the run; nobody has seen it yet."""
    deep = ScriptedDeepening()

    async def scene(person: Person) -> None:
        await person.until(lambda: person.chat.outlook is not None)
        await person.type("why?")
        await person.press("ctrl+t")
        await person.until(lambda: deep.runs)
        await person.has_answer("the draft")

    with OllamaServer(Script(reply="the draft")) as server, depth_of(deep):
        drive(scene, tmp_path, server.url)
    assert done(tmp_path) == []
