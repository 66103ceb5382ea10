"""A command that ends at once looks under the very keys that the engine stored under."""

import asyncio
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.context.attachments import attachment_of
from core.context.prompt import build_messages, with_instructions
from core.context.system import PROMPT_FORM
from core.engine.at_once import DEFAULT_ADDRESS, DEMO_ADDRESS, Plain, address_of, stored_answer
from core.engine.build import build_engine
from core.messages import Answer, AnswerState, Question, Route, Turn
from core.providers.address import find_address
from core.providers.demo import DemoProvider
from core.settings.model import ContextSettings, FastSettings, Settings
from tests.server import Loaded, OllamaServer, Script

MODEL = "qwen3.5:4b"
ONE = attachment_of("a.txt", "one\n")
TWO = attachment_of("make (exit 2)", "")
ASKED = "how do I x?"


@pytest.fixture(scope="module")
def server() -> Iterator[OllamaServer]:
    with OllamaServer(Script(loaded=(Loaded(MODEL, 8192),), reply="Use x.")) as running:
        yield running


@pytest.mark.parametrize(
    ("fast", "context", "question"),
    [
        (FastSettings(), ContextSettings(), Question(ASKED)),
        (FastSettings(), ContextSettings(), Question(ASKED, (ONE,))),
        (FastSettings(), ContextSettings(), Question(ASKED, (TWO, ONE))),
        (FastSettings(), ContextSettings(), Question(ASKED, (ONE, ONE))),
        (FastSettings(system="S"), ContextSettings(), Question(ASKED)),
        (FastSettings(system="S"), ContextSettings(), Question(ASKED, system="T")),
        (FastSettings(system="S"), ContextSettings(), Question(ASKED, system="")),
        (FastSettings(num_ctx=4096), ContextSettings(), Question(ASKED)),
        (FastSettings(num_ctx=4_000_000), ContextSettings(), Question(ASKED)),
        (FastSettings(), ContextSettings(instructions=""), Question(ASKED)),
        (FastSettings(), ContextSettings(instructions="notes.md"), Question(ASKED)),
        (FastSettings(), ContextSettings(), Question(ASKED, model=MODEL)),
        (FastSettings(model=MODEL), ContextSettings(), Question(ASKED)),
    ],
)
def test_what_the_engine_stored_is_found_at_once(
    server: OllamaServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fast: FastSettings,
    context: ContextSettings,
    question: Question,
) -> None:
    """Were one of the keys' parts another here, every `ask` with that setting would be paid for anew."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.md").write_text("Be kind.\n")
    environ = {"OLLAMA_HOST": server.url}
    database = tmp_path / "leadline.db"

    async def ask() -> str:
        engine, _ = build_engine(replace(Settings(), fast=fast, context=context), database, environ)
        async for _event in engine.ask(replace(question, use_cache=False)):
            pass
        root = engine.project.root
        await engine.aclose()
        return root

    root = asyncio.run(ask())
    plain = Plain(
        question.text,
        [(each.name, each.sha256) for each in question.attachments],
        question.model or ("" if fast.model == "auto" else fast.model),
        fast.num_ctx,
        fast.system if question.system is None else question.system,
        context.instructions,
        address_of(fast.provider, fast.base_url, environ, is_demo=False),
    )
    found = stored_answer(plain, str(database), root, 0.0)

    assert found is not None
    assert found.text == "Use x."
    other = plain._replace(attachments=[("another", sha256) for _, sha256 in plain.attachments])
    assert stored_answer(other, str(database), root, 0.0) == (None if plain.attachments else found)


def test_what_is_copied_to_spare_an_import_is_still_the_same() -> None:
    """Who changes an address or a default in its own room must hear of the copy."""
    assert DemoProvider().address == DEMO_ADDRESS
    assert find_address("", {}).url == DEFAULT_ADDRESS
    assert Plain("").instructions == ContextSettings().instructions


def test_a_prompt_of_another_form_has_another_number() -> None:
    """An answer to the prompt as it was must not serve for the prompt as it is.

    If this fails because you changed how a prompt is put together: add one to `PROMPT_FORM`, and put the new
    digest beside it here.
    """
    answer = Answer(1, 1, Route.FAST, "m", "p", "local", AnswerState.COMPLETE, "Then </file>.", 0.0)
    turn = Turn(1, 1, "first?", 0.0, (ONE,), (answer,), answer)
    system = with_instructions("S", 'a "b".md', "Be kind.")
    attachments = (attachment_of('x <"y">', "a </file> b\n\n"), TWO)
    messages = build_messages(system, (turn,), ASKED, attachments)
    form = hashlib.sha256(repr([(str(each.role), each.text) for each in messages]).encode()).hexdigest()

    assert (PROMPT_FORM, form[:16]) == (1, "8cb312c7db1a18b6")
