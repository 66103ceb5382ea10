"""Reading on the screen: find, fold, links, and a conversation too long to be read at once."""

import time
from pathlib import Path

import pytest

from core.messages import AnswerState, Route
from core.store.conversations import Conversations, Ending, NewAnswer
from core.store.database import Database
from tests.screen.driving import Person, drive
from tests.server import OllamaServer, Script
from tui.transcript.view import Transcript

REPLY = (
    "A stash keeps work.\n\n```bash\ngit stash\n```\n\nSee [the manual](https://git-scm.com/docs/git-stash)."
)


def test_find_counts_goes_on_and_ends_with_esc(tmp_path: Path) -> None:
    """A long answer is searched like a page, and the search goes away when it is done."""

    async def scene(person: Person) -> None:
        await person.ask("where is it?")
        await person.has_answer("manual")
        await person.ask("/find stash")
        await person.sees("2 × stash")
        await person.ask("/find nowhere at all")
        await person.sees("nowhere at all is not here")
        await person.press("escape")
        await person.until(lambda: "is not here" not in person.screen())

    with OllamaServer(Script(reply=REPLY.replace("/docs/git-stash", "/docs"))) as server:
        drive(scene, tmp_path, server.url)


def test_an_answer_and_a_code_block_fold_and_unfold(tmp_path: Path) -> None:
    """What was read may make room, and comes back with the same words."""

    async def scene(person: Person) -> None:
        await person.ask("how?")
        await person.has_answer("manual")
        await person.ask("/fold")
        await person.until(lambda: "keeps work" not in person.screen())
        await person.ask("/fold")
        await person.sees("keeps work")
        await person.ask("/fold 1")
        await person.until(lambda: "git stash" not in person.screen())
        assert "keeps work" in person.screen()
        await person.ask("/fold 9")
        await person.is_told("nothing to fold")

    with OllamaServer(Script(reply=REPLY)) as server:
        drive(scene, tmp_path, server.url)


def test_a_link_is_copied_and_shown_whole_never_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model may write any address: the person sees all of it, and decides elsewhere."""
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda url, *_: opened.append(url))

    async def scene(person: Person) -> None:
        await person.ask("where?")
        await person.has_answer("manual")
        person.chat.transcript.post_message(Transcript.LinkChosen("https://git-scm.com/docs/git-stash"))
        await person.is_told("https://git-scm.com/docs/git-stash")
        assert person.app.clipboard == "https://git-scm.com/docs/git-stash"

    with OllamaServer(Script(reply=REPLY)) as server:
        drive(scene, tmp_path, server.url)
    assert opened == []


def test_a_conversation_of_ten_thousand_turns_opens_at_its_end_and_scrolls_back(tmp_path: Path) -> None:
    """A year of questions must not cost a start; what is not looked at is not read."""
    database = Database.open(tmp_path / "leadline.db", time.time)
    stored = Conversations(database)
    answer = NewAnswer(Route.FAST, "qwen3.5:4b", "ollama", "local")
    started = stored.ask("question 0?", (), None, str(Path.cwd()), answer).result()
    stored.end(started.answer, Ending(AnswerState.COMPLETE, "answer 0"), make_current=True).result()
    database.submit(
        lambda connection: connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)"
            " INSERT INTO turn (conversation_id, position, question, asked_at)"
            " SELECT ?, i + 1, 'question ' || i || '?', 1.0 FROM n",
            (started.conversation,),
        )
    ).result()
    database.close()

    async def scene(person: Person) -> None:
        await person.sees("› question 9999?")
        await person.press(*["pageup"] * 5)
        await person.until(lambda: "question 9999?" not in person.screen())
        await person.press("ctrl+end")
        await person.sees("› question 9999?")

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url, goes_on=True)
