"""A conversation over many turns: what is sent as history, and what gives way when the window is full."""

import asyncio
from dataclasses import replace
from pathlib import Path

from core.context.budget import SPARE, estimate_messages
from core.errors import PromptTooLong, StreamCut
from core.events import Noted, TurnEvent, TurnFailed, TurnFinished
from core.messages import Attachment
from core.providers.base import Ended, Request
from tests.core.asking import only, settled, talk, text_of
from tests.scripted import SCRIPTED, ScriptedProvider

LONG = "x" * 8000  # about 2400 tokens


def texts(request: Request) -> list[str]:
    """What a request sends behind the system prompt."""
    return [message.text for message in request.messages[1:]]


def notes(events: list[TurnEvent]) -> list[str]:
    return [event.text for event in events if isinstance(event, Noted)]


def test_each_request_begins_with_the_whole_request_before_it() -> None:
    """The prefix cache of the server serves only what is the same byte for byte, through store and back."""

    async def main() -> None:
        answers = [["1 \ud83d"], ["2\r\n\x85"], ["3 👩\u200d👩"], [" 4 "]]
        provider = ScriptedProvider(*answers)
        async with talk(provider) as t:
            for number in range(4):
                files = (Attachment("a.py", f"x = {number}\r\n\n", "0"),) if number % 2 else ()
                await t.ask(f"question {number}", attachments=files)

        for before, after in zip(provider.requests, provider.requests[1:], strict=False):
            assert after.messages[: len(before.messages)] == before.messages
            assert len(after.messages) == len(before.messages) + 2

    asyncio.run(main())


def test_more_turns_than_anyone_reads_are_still_all_sent() -> None:
    """A bound on turns would drop one with every question, in silence, and the prefix with it."""

    async def main() -> None:
        provider = ScriptedProvider(["a"])
        async with talk(provider) as t:
            for _ in range(210):
                await t.ask("q")

        assert len(provider.requests[-1].messages) == 1 + 2 * 209 + 1

    asyncio.run(main())


def test_a_failed_turn_is_not_sent() -> None:
    """A question without its answer would make the model answer both."""

    async def main() -> None:
        provider = ScriptedProvider(["1"], [StreamCut("it stopped", "Ask again.")], ["3"])
        async with talk(provider) as t:
            for question in ("one", "two", "three"):
                await t.ask(question)

        assert texts(provider.requests[-1]) == ["one", "1", "three"]

    asyncio.run(main())


def test_an_answer_that_was_stopped_is_what_the_next_question_follows() -> None:
    """The person has read it, and asks about it at once: it must be in the store by then."""

    async def main() -> None:
        provider = ScriptedProvider(["so", " far", asyncio.Event()], ["on"])
        async with talk(provider) as t:
            task = asyncio.ensure_future(t.ask("one"))
            await provider.waits.wait()
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait({task})
            await t.ask("two")

        assert texts(provider.requests[-1]) == ["one", "so far", "two"]

    asyncio.run(main())


def test_a_retry_is_sent_what_the_first_try_was_sent() -> None:
    """Its own earlier answer, and turns that came later, are no part of its question."""

    async def main() -> None:
        provider = ScriptedProvider(["1"], ["2"], ["again"])
        async with talk(provider) as t:
            await t.ask("one")
            await t.ask("two", attachments=(Attachment("a", "b", "0"),))
            await t.again()

        assert provider.requests[-1].messages == provider.requests[-2].messages

    asyncio.run(main())


def test_a_full_window_is_said_with_its_sizes_and_nothing_is_sent() -> None:
    """The server would shorten the conversation in silence, or refuse it after a long wait."""

    async def main() -> None:
        provider = ScriptedProvider([LONG])
        async with talk(provider) as t:
            await t.ask("one")
            await t.ask("two")
            events = await t.ask(LONG)

            failed = only(TurnFailed, events)
            assert failed.kind == "context_full"
            assert "8,192" in failed.message
            assert "drop the oldest turn (/fit, or ask --fit)" in failed.remedy
            assert len(provider.requests) == 2
            assert t.turns()[-1].question == LONG

    asyncio.run(main())


def test_fit_drops_the_oldest_turns_says_so_and_they_stay_dropped() -> None:
    """If they came back with the next question, every question would be a cold one."""

    async def main() -> None:
        provider = ScriptedProvider([LONG], [LONG], ["short"])
        async with talk(provider) as t:
            await t.ask("one")
            await t.ask("two")
            await t.ask(LONG)
            fitted = await t.again(fit=True)
            await t.ask("on")

            assert notes(fitted) == ["the oldest turn is no longer sent to the model"]
            assert text_of(fitted) == "short"
            assert texts(provider.requests[-2]) == ["two", LONG, LONG]
            assert texts(provider.requests[-1]) == ["two", LONG, LONG, "short", "on"]

    asyncio.run(main())


def test_fit_without_need_changes_nothing() -> None:
    """It is a permission, not a wish."""

    async def main() -> None:
        provider = ScriptedProvider(["a"])
        async with talk(provider) as t:
            await t.ask("one")
            events = await t.ask("two", fit=True)

            assert notes(events) == []
            assert texts(provider.requests[-1]) == ["one", "a", "two"]

    asyncio.run(main())


def test_a_server_that_counts_more_is_obeyed_as_our_own_estimate_is() -> None:
    """The estimate may be too low; then too the person is told the sizes, and chooses."""

    async def main() -> None:
        refusal = PromptTooLong("the server counted more", "Send less.")
        provider = ScriptedProvider(["1"], ["2"], [refusal])
        async with talk(provider) as t:
            await t.ask("one")
            await t.ask("two")
            failed = only(TurnFailed, await t.ask("three"))

            assert failed.kind == "context_full"
            assert "the window holds 8,192" in failed.message
            assert "drop the oldest turn" in failed.remedy
            assert t.answer().reason == "context_full"

    asyncio.run(main())


def test_fit_drops_turns_until_the_server_takes_the_prompt() -> None:
    """They stay dropped as well, and the person hears how many are gone in all."""

    async def main() -> None:
        refusal = PromptTooLong("the server counted more", "Send less.")
        answers = [[str(n)] for n in range(8)]
        provider = ScriptedProvider(*answers, [refusal], [refusal], ["took it"], ["on"])
        async with talk(provider) as t:
            for number in range(8):
                await t.ask(f"question {number}")
            events = await t.ask("too much?", fit=True)
            await t.ask("on")

            assert notes(events)[-1] == "the oldest 3 turns are no longer sent to the model"
            assert text_of(events) == "took it"
            assert texts(provider.requests[-2])[0] == "question 3"
            assert texts(provider.requests[-1])[0] == "question 3"
            assert len(t.turns()[-2].answers) == 1  # one answer, however often it was tried

    asyncio.run(main())


def test_fit_gives_up_when_nothing_is_left_to_drop() -> None:
    """Trying for ever would look like a server that hangs."""

    async def main() -> None:
        provider = ScriptedProvider(["1"], [PromptTooLong("the server counted more", "Send less.")])
        async with talk(provider) as t:
            await t.ask("one")
            failed = only(TurnFailed, await t.ask("two", fit=True))

            assert failed.kind == "context_full"
            assert len(provider.requests) == 3

    asyncio.run(main())


def test_prompt_and_answer_stay_in_the_window() -> None:
    """Beyond it the server would shift the prompt out from under its own answer."""

    async def main() -> None:
        provider = ScriptedProvider(["a" * 3000, Ended("length", 20, 900)])
        async with talk(provider) as t:
            for _ in range(3):
                events = await t.ask("q" * 3000)
            assert only(TurnFinished, events).reason == "length"

        for request in provider.requests[:1]:
            assert estimate_messages(request.messages) + request.num_predict == 8192 - SPARE
        assert all(1 <= request.num_predict < 8192 for request in provider.requests)

    asyncio.run(main())


def test_a_wider_window_is_taken_from_the_next_question_on() -> None:
    """It is the person's way out of a full window that loses nothing."""

    async def main() -> None:
        provider = ScriptedProvider([LONG], models=(replace(SCRIPTED, context_length=16_384),))
        async with talk(provider) as t:
            await t.ask("one")
            await t.ask("two")
            only(TurnFailed, await t.ask(LONG))
            widened = t.engine.widen(16_384)
            await t.again()

            assert widened is not None
            assert provider.requests[-1].profile == widened.profile
            assert len(provider.requests[-1].messages) == 6

    asyncio.run(main())


def test_what_a_model_makes_of_text_is_learnt_from_its_counts_and_kept(tmp_path: Path) -> None:
    """A model that cuts text finely is not sent what it cannot hold, also after a new start."""

    async def main() -> None:
        path = tmp_path / "leadline.db"
        counts_fine = ScriptedProvider(["a", Ended("stop", input_tokens=8000, output_tokens=1)])
        async with talk(counts_fine, path) as t:
            await t.ask(LONG)  # a byte a token, as the server has it
            await settled()
        async with talk(ScriptedProvider(), path) as t:
            failed = only(TurnFailed, await t.ask("x" * 18_000))

        assert failed.kind == "context_full"

    asyncio.run(main())
