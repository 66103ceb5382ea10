"""What was said before the measuring began: for us in the database, for others as they take it."""

import json
import time
from pathlib import Path

from core.messages import AnswerState, Route
from core.store.conversations import Conversations, Ending, NewAnswer
from core.store.database import Database
from tests.bench.product import MODEL, Product


def question(number: int) -> str:
    """An earlier question; its number is a word of its own."""
    return f"asked{number:05} how does one do that?"


def answer(number: int) -> str:
    """The answer to it, in a little Markdown."""
    return (
        f"With `git switch` and **care**, kept{number:05}q it is done so:\n\n"
        "- look at what is there\n- put away what is not to be lost\n\nand then nothing complains any more."
    )


def fill(where: Product, turns: int) -> None:
    """Put a conversation of so many turns into the product's database; ``-c`` goes on with it."""
    where.home.mkdir(exist_ok=True)
    database = Database.open(where.database, time.time)
    conversations = Conversations(database)
    kind = NewAnswer(Route.FAST, MODEL, "ollama", "local")
    home: int | None = None
    ending = None
    for number in range(turns):
        begun = conversations.ask(question(number), (), home, str(where.directory.resolve()), kind).result()
        home = begun.conversation
        ended = Ending(AnswerState.COMPLETE, answer(number), reason="stop", ttft_ms=50.0, total_ms=400.0)
        ending = conversations.end(begun.answer, ended, make_current=True)
    if ending is not None:
        ending.result()
    database.close()


def as_messages(where: Product, turns: int) -> Path:
    """The same for a bare app: a file of messages."""
    path = where.home / f"before-{turns}.json"
    said = []
    for number in range(turns):
        said.append({"role": "user", "content": question(number)})
        said.append({"role": "assistant", "content": answer(number)})
    path.write_text(json.dumps(said), encoding="utf-8")
    return path
