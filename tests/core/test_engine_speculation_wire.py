"""The engine with its own speculation, over a real socket: what was sent ahead is sent once."""

import json

from core.events import Routed
from core.messages import Question, Route
from tests.core.asking import only, text_of
from tests.core.deep_runs import in_a_loop, until
from tests.core.test_deep_engine import HERE, here
from tests.server import OllamaServer


def asked(server: OllamaServer, text: str) -> list[dict[str, object]]:
    """The whole requests for a question, without those that only read it."""
    bodies = [dict(request.body) for request in server.requests("/api/chat")]
    return [body for body in bodies if _last(body) == text and _bound(body) > 1]


def _last(body: dict[str, object]) -> str:
    messages = body["messages"]
    assert isinstance(messages, list)
    return str(messages[-1]["content"]) if messages else ""


def _bound(body: dict[str, object]) -> int:
    options = body["options"]
    assert isinstance(options, dict)
    return int(options["num_predict"])


@in_a_loop
async def test_a_question_that_stood_still_is_sent_once_and_answered_with_what_came_of_it() -> None:
    """Enter finds the answer on its way; a second request for it would wait behind the first."""
    with OllamaServer(HERE) as server:
        async with here(server, is_patient=True) as t:
            speculation = t.engine.speculation
            await t.engine.look()
            speculation.begin(None)
            await until(lambda: bool(server.requests("/api/generate")))  # what stands first is read
            await t.ask("How do I change branches?")
            question = Question("And how do I make one?", conversation=t.conversation)
            speculation.typed(question)
            await until(lambda: bool(asked(server, question.text)))
            events = await t.play(question)

            assert len(asked(server, question.text)) == 1
            assert only(Routed, events).route is Route.FAST
            assert "git switch" in text_of(events)
            found = "SELECT options FROM answer ORDER BY id DESC"
            options = t.database.read(lambda connection: connection.execute(found).fetchone()["options"])
            assert json.loads(options)["origin"] == "still"
        assert server.reloads == 0


@in_a_loop
async def test_another_question_than_the_one_that_stood_still_is_answered_by_itself() -> None:
    """One letter more is another question, and whatever was sent ahead for the first is dropped."""
    with OllamaServer(HERE) as server:
        async with here(server, is_patient=True) as t:
            speculation = t.engine.speculation
            await t.engine.look()
            speculation.begin(None)
            await until(lambda: bool(server.requests("/api/generate")))  # what stands first is read
            await t.ask("How do I change branches?")
            question = Question("And how do I make one", conversation=t.conversation)
            speculation.typed(question)
            await until(lambda: bool(asked(server, question.text)))
            await t.ask(question.text + "?")

            assert len(asked(server, question.text + "?")) == 1
            assert [turn.question for turn in t.turns()][-1] == question.text + "?"
            dropped = t.database.read(
                lambda connection: connection.execute(
                    "SELECT count(*) FROM turn WHERE question = ?", (question.text,)
                ).fetchone()[0]
            )
            assert dropped == 0
