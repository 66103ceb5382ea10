"""The test server as a deep run meets it: each request of one run answered in its own way."""

import asyncio
import json
from contextlib import aclosing
from dataclasses import replace

import pytest

from core.messages import Message, Role
from core.providers.address import parse_address
from core.providers.anthropic.messages import VERSIONS, AnthropicWire
from core.providers.deep.calls import DeepRequest, Heartbeat, Reason, Silent
from core.providers.deep.connection import Place
from core.providers.deep.transport import DeepCaller
from core.providers.link import import_httpx
from tests.core.deep_calling import ASKED, CHAT, PATIENT, PROTOCOLS, ask, caller, hear, run
from tests.core.deep_door import Told
from tests.server import Fault, OllamaServer, Refusal, Scene, Script, most_at_once

import_httpx()  # its time is not the server's

EACH = pytest.mark.parametrize("protocol", PROTOCOLS)
PARTS = ("the pool", "the proxy", "the lock", "the log")
PLAN = json.dumps({"parts": [{"title": part, "prompt": f"Look into {part}."} for part in PARTS]})
WHOLE = Script(
    slots=8,
    scenes=(
        Scene("Make a plan", reply=PLAN),
        Scene("Look into the proxy", times=2, fault=Fault.OVERLOADED),
        Scene("Look into the lock", fault=Fault.ERROR_LINE, fault_after=9),
        Scene("Look into", reply=["found. "] * 12, tokens_per_s=60.0),
        Scene(reply="All in all, it is the pool.", thinking="Hm. ", cost_usd=0.25),
    ),
)


def asking(text: str) -> DeepRequest:
    """A question of a run."""
    return replace(ASKED, messages=(Message(Role.USER, text),))


@EACH
def test_a_plan_its_parts_and_their_synthesis_are_each_answered_in_their_own_way(protocol: str) -> None:
    """A run of five calls can be rehearsed: parts together, one that recovers, one that breaks."""

    async def act() -> Told:
        deep = caller(server, protocol)
        plan = await hear(deep, asking("Make a plan for this."))
        parts = [f"Look into {part['title']}." for part in json.loads(plan.text)["parts"]]
        found = await asyncio.gather(*(hear(deep, asking(part)) for part in parts))
        assert [told.text for told in found[:2]] == ["found. " * 12] * 2
        assert found[2].failure.is_partial
        assert found[3].finish.reason is Reason.STOP
        whole = await hear(deep, asking("Write it."))
        await deep.aclose()
        return whole

    with OllamaServer(WHOLE) as server:
        whole = run(act)
        records = server.requests(CHAT[protocol])

    assert (whole.text, whole.thinking) == ("All in all, it is the pool.", "Hm. ")
    assert whole.usage.usd == (0.25 if protocol == "openai" else None)
    assert [record.outcome for record in records].count("overloaded") == 2
    assert len(records) == 8
    assert most_at_once(records) >= 3
    assert most_at_once(records[:1]) == 1
    assert all(record.ended_at is not None for record in records)


def test_scenes_are_taken_in_their_order_and_only_where_answers_are_made() -> None:
    """What is used up is passed over; looking at a server's models is no scene."""
    once = Script(scenes=(Scene(times=1, reply="one"), Scene(times=1, reply="two")), reply="three")
    with OllamaServer(once) as server:
        said = [ask(server, "openai").text for _ in range(3)]
        server.script = once  # counted anew
        said.append(ask(server, "ollama").text)
    assert said == ["one", "two", "three", "one"]


@EACH
def test_signs_of_life_in_the_middle_of_an_answer_are_no_content(protocol: str) -> None:
    """A provider may go quiet with half an answer given; the rest still counts."""
    script = Script(fault=Fault.KEEP_ALIVES_MIDWAY, stall_s=0.2)
    with OllamaServer(script) as server:
        told = ask(server, protocol)
        assert told.text == "Use `git switch`."
        assert [event for event in told.events if isinstance(event, Heartbeat)]
        assert [event for event in told.events if isinstance(event, Silent)]
        if protocol == "openai":
            server.script = replace(script, keep_alive=b"\n")
            assert ask(server, protocol).text == "Use `git switch`."


@pytest.mark.parametrize("version", VERSIONS)
def test_anthropic_s_two_versions_are_both_spoken(version: str) -> None:
    """Who asks in the newer one is sent its events and counts as well."""

    async def act() -> Told:
        place = Place(AnthropicWire("box", version), parse_address(server.url, "deep.base_url"))
        deep = DeepCaller(place, {}, limits=PATIENT)
        async with aclosing(deep.call(ASKED)) as events:
            told = Told([event async for event in events])
        await deep.aclose()
        return told

    with OllamaServer(Script(thinking="So be it. ")) as server:
        told = run(act)
        assert server.log[0].headers["anthropic-version"] == version
    assert (told.text, told.thinking) == ("Use `git switch`.", "So be it. ")
    assert told.usage.thinking_tokens == (4 if version == VERSIONS[1] else 0)


@EACH
@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, "no_key"), (402, "out_of_credit"), (403, "refused"), (413, "context_full"), (503, "busy")],
)
def test_a_scene_is_refused_as_its_protocol_refuses(protocol: str, status: int, kind: str) -> None:
    """One call of a run may be refused while the others are answered."""
    scene = Scene("Look into", fault=Fault.REFUSED, refused=Refusal(status, {"error": "no"}))
    with OllamaServer(Script(scenes=(scene,))) as server:
        assert ask(server, protocol, asking("Look into it.")).failure.error.kind == kind
        assert ask(server, protocol).text == "Use `git switch`."
