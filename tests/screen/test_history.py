"""Looking back on the screen: earlier questions, and everything that was said, found while one types."""

from pathlib import Path

from core.messages import AnswerState, Route
from core.store.conversations import Conversations
from core.store.database import Database
from core.store.entries import Ending, NewAnswer
from tests.screen.driving import Person, drive
from tests.server import OllamaServer
from tui.screens.history import HistoryScreen

FAST = NewAnswer(Route.FAST, "m", "ollama", "local")


def fill(folder: Path, *turns: tuple[str, str]) -> None:
    """Put conversations of one turn each into the file."""
    database = Database.open(folder / "leadline.db", lambda: 1_700_000_000.0)
    for question, answer in turns:
        tell(Conversations(database), question, answer)
    database.close()


def tell(store: Conversations, question: str, answer: str, home: int | None = None) -> int:
    started = store.ask(question, (), home, "/elsewhere", FAST).result()
    store.end(started.answer, Ending(AnswerState.COMPLETE, answer), make_current=True).result()
    return started.conversation


async def opened(person: Person) -> HistoryScreen:
    """The history, once it is there."""
    await person.until(lambda: isinstance(person.app.screen, HistoryScreen))
    screen = person.app.screen
    assert isinstance(screen, HistoryScreen)
    return screen


def test_an_earlier_question_comes_into_the_prompt_unsent(tmp_path: Path) -> None:
    """As in a shell: what is found is looked at, and perhaps changed, before it runs again."""
    fill(tmp_path, ("how do I undo a commit", "reset"), ("what is a pod", "small"))

    async def scene(person: Person) -> None:
        await person.until(lambda: person.chat.bridge.is_open)
        await person.press("ctrl+r")
        await opened(person)
        await person.sees("what is a pod")
        await person.type("undo")
        await person.until(lambda: "what is a pod" not in person.screen())
        await person.press("enter")
        await person.until(lambda: person.typed == "how do I undo a commit")
        assert not person.is_answering

    drive(scene, tmp_path)


def test_a_conversation_opens_at_the_turn_that_was_found_and_goes_on_there(tmp_path: Path) -> None:
    """One looks for a word of an answer, lands where it was said, and asks on."""
    database = Database.open(tmp_path / "leadline.db", lambda: 1_700_000_000.0)
    store = Conversations(database)
    home = tell(store, "first", "the beginning")
    for number in range(60):
        answer = "here is the zeppelin" if number == 20 else "a line\n" * 12
        tell(store, f"question {number}", answer, home)
    tell(store, "another conversation", "nothing")
    database.close()

    async def scene(person: Person) -> None:
        await person.until(lambda: person.chat.bridge.is_open)
        await person.ask("/history zeppelin")
        await opened(person)
        await person.sees("here is the zeppelin")
        await person.press("enter")
        await person.until(lambda: "› question 20" in person.screen())
        assert "here is the zeppelin" in person.screen()
        await person.until(lambda: person.chat.bridge.is_open)
        await person.ask("and now?")
        await person.has_answer()
        assert person.chat.docket.conversation == home

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)


def test_deleting_can_be_undone_where_it_was_done(tmp_path: Path) -> None:
    """F8 is pressed on the wrong line sooner or later."""
    fill(tmp_path, ("keep me", "a"), ("delete me", "b"))

    async def scene(person: Person) -> None:
        await person.until(lambda: person.chat.bridge.is_open)
        await person.ask("/history")
        await opened(person)
        await person.sees("delete me")
        await person.press("f8")
        await person.sees("deleted: delete me · F9 undoes it")
        await person.until(lambda: person.screen().count("delete me") == 1)
        await person.press("f9")
        await person.until(lambda: "it is back" in person.screen() and "delete me" in person.screen())
        await person.press("f2", *["backspace"] * 12)
        await person.type("renamed")
        await person.press("enter")
        await person.until(lambda: "renamed" in person.screen())
        await person.press("escape")
        await person.until(lambda: not isinstance(person.app.screen, HistoryScreen))

    drive(scene, tmp_path)


def test_what_was_stored_is_shown_harmless(tmp_path: Path) -> None:
    """Titles and answers came from people, files and models; none of it is markup."""
    fill(tmp_path, ("[red]bold[/] \x1b]52;c;aGk=\x07 question", "an [link=x]answer[/link] \x1b[2J"))

    async def scene(person: Person) -> None:
        await person.until(lambda: person.chat.bridge.is_open)
        await person.ask("/history question")
        await opened(person)
        await person.sees("[red]bold[/]")
        assert "\x1b" not in person.screen()

    drive(scene, tmp_path)


def test_tab_goes_from_prompts_to_everything_and_nothing_found_is_said(tmp_path: Path) -> None:
    """One overlay, two ways to look; both say what can be pressed."""
    fill(tmp_path, ("how do I undo a commit", "use git reset"))

    async def scene(person: Person) -> None:
        await person.until(lambda: person.chat.bridge.is_open)
        await person.press("ctrl+r")
        await opened(person)
        await person.sees("enter takes")
        await person.press("tab")
        await person.sees("enter opens")
        await person.type("zzzz")
        await person.sees("nothing has all of these words")

    drive(scene, tmp_path)


def test_the_keys_of_the_history_stand_whole_on_it_and_in_the_help(tmp_path: Path) -> None:
    """F2 and F8 mean something else in the conversation: who does not know would be surprised."""
    fill(tmp_path, ("what is a pod and " + "why 容器 " * 30, "small"))

    async def scene(person: Person) -> None:
        await person.until(lambda: person.chat.bridge.is_open)
        await person.ask("/history")
        await opened(person)
        await person.sees("F2 renames · F8 deletes · F9 undoes · esc")
        await person.press("tab")
        await person.sees("tab everything · esc")
        await person.press("tab")
        await person.sees("F8 deletes")
        await person.press("f8")
        await person.sees("… · F9 undoes it")
        await person.press("escape", "f1")
        await person.sees("In the history F2 renames, F8 deletes, F9")

    drive(scene, tmp_path, size=(80, 24))
