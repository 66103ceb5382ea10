"""A model that keeps people waiting is named, and one key takes the next one down."""

from pathlib import Path

from core.messages import AnswerState, Route
from core.store.conversations import Conversations, Ending, NewAnswer
from core.store.database import Database
from tests.screen.driving import Person, drive
from tests.server import Model, OllamaServer, Script

GIB = 1024**3
TWO = (Model("qwen3:4b", size=3 * GIB), Model("qwen3:0.6b", size=GIB // 2, parameter_size="0.6B"))


def was_late_twice(path: Path) -> None:
    """Two answers of an earlier day that were read for more than a second."""
    database = Database.open(path, lambda: 1000.0)
    conversations = Conversations(database)
    for _ in range(2):
        started = conversations.ask("q", (), None, "/x", NewAnswer(Route.FAST, "qwen3:4b", "ollama", "local"))
        late = Ending(AnswerState.COMPLETE, "text", ttft_ms=1500.0, prefill_ms=1400.0, decode_ms=9.0)
        conversations.end(started.result().answer, late, make_current=True).result()
    database.close()


def test_a_slow_model_is_named_and_one_key_takes_the_quicker_one(tmp_path: Path) -> None:
    """Offered, never done; what it was before can be had again."""

    async def scene(person: Person) -> None:
        await person.ask("hello?")
        await person.sees("over 1 s three times running")
        await person.sees("F6 takes qwen3:0.6b")
        assert "qwen3:4b" in person.screen()
        await person.press("f6")
        await person.is_told("/model qwen3:4b")
        await person.until(lambda: person.chat.status.model == "qwen3:0.6b")
        await person.until(lambda: "over 1 s" not in person.screen())

    was_late_twice(tmp_path / "leadline.db")
    with OllamaServer(Script(models=TWO, ttft_s=1.1)) as server:
        drive(scene, tmp_path, server.url)


def test_it_is_told_behind_the_last_of_the_questions_that_wait(tmp_path: Path) -> None:
    """Said between two answers it would be gone before anybody could read it, and never come again."""

    async def scene(person: Person) -> None:
        await person.ask("hello?")
        await person.ask("and who are you?")
        await person.until(person.chat.docket.waiting)
        await person.until(lambda: not person.chat.docket.waiting() and person.chat.docket.running is None)
        await person.sees("over 1 s three times running")

    was_late_twice(tmp_path / "leadline.db")
    with OllamaServer(Script(models=TWO, ttft_s=1.1)) as server:
        drive(scene, tmp_path, server.url)


def test_where_nothing_is_quicker_the_key_says_so(tmp_path: Path) -> None:
    """A key that does nothing at all is taken for broken."""

    async def scene(person: Person) -> None:
        await person.until(lambda: person.chat.status.model == "qwen3:4b")
        await person.press("f6")
        await person.is_told("no quicker model is known here")

    with OllamaServer(Script(models=TWO[:1])) as server:
        drive(scene, tmp_path, server.url)
