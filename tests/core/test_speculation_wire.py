"""Over a real socket: how quickly a request made ahead is gone, and that nothing makes a model load twice."""

import asyncio
import time
from dataclasses import replace

import pytest

from core.lanes import Lanes
from core.messages import Message, Question, Role
from core.providers.base import Profile, Request
from core.providers.ollama.provider import OllamaProvider
from core.settings.model import SpeculationSettings
from core.speculation.background import Background, Purpose
from core.speculation.delays import Delays
from core.speculation.level import Level
from core.speculation.modesty import Modesty
from core.speculation.ports import Answered
from core.speculation.power import Power
from core.speculation.speculator import Speculator
from core.store.database import Database
from core.store.speculation import SpeculationStore
from tests.core.ollama_door import NAME, PATIENT, at, question
from tests.server import Model, OllamaServer, Script
from tests.server.runner import Pace

QUICK = Pace(prefill_per_s=8000, decode_per_s=400, poll_s=0.02, batch=64)
READING = Pace(prefill_per_s=100, decode_per_s=400, poll_s=0.02, batch=4)
ROUNDS = 20
SAYING = Pace(prefill_per_s=8000, decode_per_s=40, poll_s=0.02, batch=64)


@pytest.mark.parametrize("pace", [QUICK, READING])
def test_its_socket_is_closed_within_five_milliseconds(pace: Pace) -> None:
    """The first key ends it: the server must hear of that before the person's request comes."""
    text = "word " * 400

    async def main(server: OllamaServer) -> list[float]:
        provider, lanes = at(server, PATIENT), Lanes()
        background = Background(lanes, Delays(), lambda job, is_adopted: None, time.monotonic)
        took_ms = []
        for number in range(ROUNDS):
            await background.wait_until_free()
            request = question(f"{number} {text}")
            job = background.start(Purpose.HEAD, lambda r=request: provider.stream(r), 0, request)  # type: ignore[misc]
            if pace is QUICK:
                await job.wait_for_text(3)
            else:
                await asyncio.to_thread(server.wait_for, lambda record: record.granted_at, 5.0, number + 1)
            closed_at = time.monotonic()
            background.close()
            await job.wait()
            took_ms.append((time.monotonic() - closed_at) * 1000)
        await background.aclose()
        await provider.aclose()
        return took_ms

    script = Script(models=(Model(NAME),), reply="so it is " * 500, pace=pace)
    with OllamaServer(script) as server:
        took_ms = sorted(asyncio.run(main(server)))
        gone = server.wait_for(lambda record: record.client_gone_at is not None, count=ROUNDS)
        assert gone.outcome == "gone"
        # The quicker ones, as the machine may be busy with other tests.
        assert took_ms[ROUNDS // 4] <= 5.0, took_ms
        assert len({record.connection for record in server.requests("/api/chat")}) == ROUNDS


class _Drafts:
    """One conversation."""

    def __init__(self) -> None:
        self.messages: tuple[Message, ...] = (Message(Role.SYSTEM, "You answer briefly. " * 20),)

    async def request(self, asked: Question) -> Request | None:
        return self.now(asked.text)

    def now(self, text: str) -> Request:
        return Request(NAME, (*self.messages, Message(Role.USER, text)), Profile(4096), 64)


@pytest.mark.parametrize("family", ["qwen3", "lfm2"])
def test_a_conversation_with_all_of_it_loads_the_model_once(family: str) -> None:
    """Preload, prefix, typing, a text that is still, chips, heads: not one changes what reloads."""

    async def main(server: OllamaServer) -> tuple[int, dict[str, int]]:
        provider: OllamaProvider = at(server, PATIENT)
        lanes, drafts = Lanes(), _Drafts()
        database = Database.open(None, time.time)
        modesty = Modesty(SpeculationSettings(), time.monotonic, lambda: Power.MAINS)
        store = SpeculationStore(database)
        speculator = Speculator(
            provider,
            lanes,
            drafts,
            store,
            modesty,
            SpeculationSettings(),
            time.monotonic,
            time.time,
            Level.ALL,
        )
        adopted = 0
        speculator.begin(None)
        await asyncio.sleep(0.4)
        for asked in ("what is a slot, and what does it hold", "what is a prefix, and how is it kept warm?"):
            words = asked.split(" ")
            for count in range(1, len(words) + 1):
                speculator.typed(Question(" ".join(words[:count])))
                await asyncio.sleep(0.03)
            await asyncio.sleep(0.3)
            adopted += await _ask(speculator, provider, lanes, drafts, asked)
            await asyncio.sleep(0.8)
        await speculator.aclose()
        await provider.aclose()
        database.submit(lambda connection: None).result()
        requests = store.counts(0).requests
        database.close()
        return adopted, requests

    script = Script(models=(Model(NAME, family=family),), reply="It is what it is. " * 3, pace=SAYING)
    with OllamaServer(replace(script, chips=("why is it?", "what else?"))) as server:
        adopted, requests = asyncio.run(main(server))
        assert adopted == 2
        assert {"preload", "prefix", "submit"} <= set(requests)
        assert server.loads == 1
        assert not server.reloaded
        assert all(record.body.get("keep_alive") == "30m" for record in server.log if record.method == "POST")
        if family == "lfm2":
            raw = server.requests("/api/generate")
            assert raw
            assert all(record.body["raw"] for record in raw)


async def _ask(
    speculator: Speculator, provider: OllamaProvider, lanes: Lanes, drafts: _Drafts, asked: str
) -> bool:
    """What the engine does; whether it was taken over."""
    request = drafts.now(asked)
    adopted = speculator.adopt(request)
    with lanes.foreground():
        stream = provider.stream(request) if adopted is None else adopted.stream
        pieces = [piece async for piece in stream]
    text = "".join(getattr(piece, "text", "") for piece in pieces)
    drafts.messages = (*request.messages, Message(Role.ASSISTANT, text))
    ended = pieces[-1]
    assert hasattr(ended, "reason")
    speculator.answered(Answered(1, 1, asked, text, "stop", request), ended)  # type: ignore[arg-type]  # see above
    return adopted is not None


def test_a_cloud_model_behind_the_local_port_is_sent_nothing() -> None:
    """Tokens that speculation sends to other hosts: none."""

    async def main(server: OllamaServer) -> None:
        provider, drafts = at(server, PATIENT), _Drafts()
        database = Database.open(None, time.time)
        modesty = Modesty(SpeculationSettings(), time.monotonic, lambda: Power.MAINS)
        speculator = Speculator(
            provider,
            Lanes(),
            drafts,
            SpeculationStore(database),
            modesty,
            SpeculationSettings(),
            time.monotonic,
            time.time,
        )
        speculator.begin(None)
        for count in range(1, 10):
            speculator.typed(Question("what is it that is here " * count))
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.4)
        await speculator.aclose()
        await provider.aclose()
        database.close()

    remote = Model(NAME, remote_host="https://ollama.com")
    with OllamaServer(Script(models=(remote,))) as server:
        asyncio.run(main(server))
        assert not [record for record in server.log if record.path in ("/api/chat", "/api/generate")]
