"""What a conversation was sent stays fresh: read again before each question, sent again when it changed."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from core.context.sources.sources import Sources
from core.engine.engine import Engine
from core.events import Noted, TurnEvent, TurnFinished
from core.messages import Attachment
from core.providers.base import Request
from core.providers.ollama.limits import Limits
from core.settings.model import FastSettings, Settings
from core.store.database import Database
from tests.core.asking import Talk, only
from tests.core.ollama_door import NAME, at
from tests.scripted import ScriptedProvider
from tests.server import Loaded, OllamaServer, Script

LONG = "x" * 8000


@asynccontextmanager
async def talk_in(folder: Path, provider: ScriptedProvider) -> AsyncGenerator[Talk, None]:
    """A talk of somebody who stands in a folder."""
    database = Database.open(None, iter(range(10**6)).__next__)
    engine = Engine(Settings(fast=FastSettings()), provider, database, str(folder))
    try:
        yield Talk(engine, database)
    finally:
        await engine.aclose()


async def sources(folder: Path, *names: str) -> tuple[Attachment, ...]:
    read = [await Sources(folder, {}).read(name) for name in names]
    return tuple(attachment for found in read for attachment in found.attachments)


def asked(request: Request) -> str:
    """The newest question as it is sent."""
    return request.messages[-1].text


def notes(events: list[TurnEvent]) -> list[str]:
    return [event.text for event in events if isinstance(event, Noted)]


def test_a_changed_file_is_sent_again_with_the_next_question_and_that_is_said(tmp_path: Path) -> None:
    """The model would answer about what is no longer there."""

    async def main() -> None:
        provider = ScriptedProvider(["1"], ["2"], ["3"])
        (tmp_path / "a.py").write_text("a = 1\n")
        (tmp_path / "b.py").write_text("b = 1\n")
        async with talk_in(tmp_path, provider) as t:
            await t.ask("first", attachments=await sources(tmp_path, "a.py", "b.py"))
            (tmp_path / "a.py").write_text("a = 2\n")
            events = await t.ask("second")
            quiet = await t.ask("third")

        assert "a.py changed, sent again" in notes(events)
        assert asked(provider.requests[1]) == '<file name="a.py">\na = 2\n</file>\n\nsecond'
        assert asked(provider.requests[2]) == "third"
        assert not any("changed" in note for note in notes(quiet))
        for before, after in zip(provider.requests, provider.requests[1:], strict=False):
            assert after.messages[: len(before.messages)] == before.messages

    asyncio.run(main())


def test_a_change_back_is_a_change(tmp_path: Path) -> None:
    """The bytes are in the history, but not what the model saw last."""

    async def main() -> None:
        provider = ScriptedProvider(["a"])
        file = tmp_path / "a.py"
        async with talk_in(tmp_path, provider) as t:
            for text in ("one", "two", "one"):
                file.write_text(text)
                await t.ask(
                    "?", **({} if t.conversation else {"attachments": await sources(tmp_path, "a.py")})
                )

        assert [asked(request) for request in provider.requests] == [
            f'<file name="a.py">\n{text}\n</file>\n\n?' for text in ("one", "two", "one")
        ]

    asyncio.run(main())


def test_what_is_named_again_is_neither_doubled_nor_sent_without_need(tmp_path: Path) -> None:
    """The model has it; each repetition would cost its whole length again."""

    async def main() -> None:
        provider = ScriptedProvider(["a"])
        (tmp_path / "a.py").write_text("one")
        async with talk_in(tmp_path, provider) as t:
            await t.ask("first", attachments=await sources(tmp_path, "a.py"))
            same = await t.ask("same", attachments=await sources(tmp_path, "a.py"))
            (tmp_path / "a.py").write_text("two")
            await t.ask("new", attachments=await sources(tmp_path, "a.py"))
            kept = t.turns()

        assert asked(provider.requests[1]) == "same"
        assert not notes(same)[1:]
        assert asked(provider.requests[2]) == '<file name="a.py">\ntwo\n</file>\n\nnew'
        assert [len(turn.attachments) for turn in kept] == [1, 0, 1]

    asyncio.run(main())


def test_a_file_that_vanished_is_said_once_and_let_go(tmp_path: Path) -> None:
    """A warning with each question would be no news."""

    async def main() -> None:
        provider = ScriptedProvider(["a"])
        (tmp_path / "a.py").write_text("one")
        async with talk_in(tmp_path, provider) as t:
            await t.ask("first", attachments=await sources(tmp_path, "a.py"))
            (tmp_path / "a.py").unlink()
            gone = await t.ask("second")
            again = await t.ask("third")
            (tmp_path / "a.py").write_text("back")
            back = await t.ask("fourth")

        assert "a.py: there is no such file; no longer followed" in notes(gone)
        assert not any("a.py" in note for note in notes(again) + notes(back))
        assert asked(provider.requests[-1]) == "fourth"

    asyncio.run(main())


def test_what_the_person_let_go_comes_back_when_it_is_named(tmp_path: Path) -> None:
    """Removing a source is for now; naming it is the way back."""

    async def main() -> None:
        provider = ScriptedProvider(["a"])
        (tmp_path / "a.py").write_text("one")
        async with talk_in(tmp_path, provider) as t:
            (file,) = await sources(tmp_path, "a.py")
            await t.ask("first", attachments=(file,))
            assert t.conversation is not None
            await asyncio.wrap_future(t.engine._conversations.release(t.conversation, file.origin))
            (tmp_path / "a.py").write_text("two")
            await t.ask("second")
            await t.ask("third", attachments=await sources(tmp_path, "a.py"))

        assert asked(provider.requests[1]) == "second"
        assert "two" in asked(provider.requests[2])

    asyncio.run(main())


def test_a_named_file_whose_turn_is_dropped_is_sent_again(tmp_path: Path) -> None:
    """Then the model does not have it any more, however often it was sent."""

    async def main() -> None:
        provider = ScriptedProvider([LONG])
        (tmp_path / "a.py").write_text("one")
        async with talk_in(tmp_path, provider) as t:
            await t.ask("oldest", attachments=await sources(tmp_path, "a.py"))
            await t.ask("older")
            await t.ask("third " + LONG, attachments=await sources(tmp_path, "a.py"), fit=True)
            kept = t.turns()[-1]

        texts = [message.text for message in provider.requests[-1].messages]
        assert not any("oldest" in text for text in texts)
        assert asked(provider.requests[-1]).startswith('<file name="a.py">\none\n</file>')
        assert len(kept.attachments) == 1

    asyncio.run(main())


def test_a_turn_that_failed_taught_the_model_nothing(tmp_path: Path) -> None:
    """What was to go with it must go with the next one that names it."""

    async def main() -> None:
        provider = ScriptedProvider(["a"])
        (tmp_path / "a.py").write_text("one")
        async with talk_in(tmp_path, provider) as t:
            await t.ask("first")
            provider.answers = [[OSError("gone")], ["b"]]
            with suppress(OSError):
                await t.ask("second", attachments=await sources(tmp_path, "a.py"))
            await t.ask("third", attachments=await sources(tmp_path, "a.py"))

        assert asked(provider.requests[-1]) == '<file name="a.py">\none\n</file>\n\nthird'

    asyncio.run(main())


def test_a_secret_that_came_into_a_file_is_not_sent_behind_the_persons_back(tmp_path: Path) -> None:
    """They named the file before it was there."""
    token = "gh" + "p_aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3xY5zA7"

    async def main() -> None:
        provider = ScriptedProvider(["a"])
        (tmp_path / "a.py").write_text("one\n")
        async with talk_in(tmp_path, provider) as t:
            await t.ask("first", attachments=await sources(tmp_path, "a.py"))
            (tmp_path / "a.py").write_text(f"one\ntwo = '{token}'\n")
            events = await t.ask("second")

            only(TurnFinished, events)
            assert asked(provider.requests[-1]) == "second"
            assert any("a.py line 2: GitHub token …5zA7" in note for note in notes(events))
            assert not any(token in note for note in notes(events))

    asyncio.run(main())


def test_a_retry_sends_what_the_first_try_sent(tmp_path: Path) -> None:
    """It answers the same question, about the same file."""

    async def main() -> None:
        provider = ScriptedProvider(["a"])
        (tmp_path / "a.py").write_text("one")
        async with talk_in(tmp_path, provider) as t:
            await t.ask("first", attachments=await sources(tmp_path, "a.py"))
            (tmp_path / "a.py").write_text("two")
            await t.again()

        assert provider.requests[0].messages == provider.requests[1].messages

    asyncio.run(main())


def test_the_new_bytes_reach_the_server_a_hundred_times_of_a_hundred(tmp_path: Path) -> None:
    """Over a real socket, as the server's log has it; answering about an old file is never seen by anyone."""

    async def main(server: OllamaServer) -> None:
        database = Database.open(None, time.time)
        engine = Engine(Settings(fast=FastSettings()), at(server, Limits()), database, str(tmp_path))
        try:
            for number in range(100):
                file = tmp_path / f"{number}.py"
                file.write_text(f"before = {number}\n")
                t = Talk(engine, database)
                only(TurnFinished, await t.ask("one", attachments=await sources(tmp_path, file.name)))
                file.write_text(f"behind = {number}\n")
                only(TurnFinished, await t.ask("two"))
        finally:
            await engine.aclose()

    with OllamaServer(Script(loaded=(Loaded(NAME, 8192),), reply="ok")) as server:
        asyncio.run(main(server))
        second = [
            record.body for record in server.requests("/api/chat") if _text(record.body, -1).endswith("two")
        ]

    assert [_text(body, -1) for body in second] == [
        f'<file name="{number}.py">\nbehind = {number}\n</file>\n\ntwo' for number in range(100)
    ]
    assert [_text(body, 1) for body in second] == [
        f'<file name="{number}.py">\nbefore = {number}\n</file>\n\none' for number in range(100)
    ]


def _text(body: Mapping[str, object], number: int) -> str:
    messages = body["messages"]
    assert isinstance(messages, list)
    return str(messages[number]["content"]) if messages else ""
