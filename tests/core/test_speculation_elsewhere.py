"""Nothing that nobody has asked for yet leaves this machine: every provider in every place, at the sockets.

A person types, pauses, asks, reads, and chooses a follow-up, and nothing of it is to be heard anywhere else.
The same evening on a model of this machine shows that there would have been much to hear.
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import pytest

from core.lanes import Lanes
from core.messages import Message, Question, Role
from core.providers.address import parse_address
from core.providers.base import Ended, Profile, Provider, Request
from core.providers.demo import MODEL_NAME, DemoProvider, Pace
from core.providers.ollama.provider import OllamaProvider
from core.providers.openai.provider import OpenAIProvider
from core.settings.model import SpeculationSettings
from core.speculation.background import Purpose
from core.speculation.modesty import Modesty
from core.speculation.ports import Answered
from core.speculation.power import Power
from core.speculation.speculator import Speculator
from core.speculation.typing_ahead import STILLER_S
from core.store.database import Database
from core.store.speculation import SpeculationStore
from tests.server import Model, OllamaServer, Script

HERE = "qwen3:4b"
NOW = 1_000_000.0
PROMPTS = ("/api/chat", "/api/generate", "/api/embed", "/v1/chat/completions", "/v1/messages")
ANSWER = "Use `git switch main`; it takes what you have not committed along. " * 6
"""Without a block of code: nothing is offered by rules, so that the model is asked what to offer."""
MODELS = (
    Model(HERE, family="qwen3"),
    Model("glm-5:cloud", remote_host="https://ollama.com:443", capabilities=None),
    Model("mine", remote_host="https://models.example:443"),
    Model("kimi-k3-cloud"),  # as an older server lists it: by its name alone it is known
)
SCRIPT = Script(models=MODELS, chips=("how do I go back?", "what does log show?"), tokens_per_s=400.0)


@dataclass
class Sockets:
    """Who was called; nobody but this machine is reached."""

    called: list[str] = field(default_factory=list)


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> Sockets:
    """The loop's own way to the network, watched: whatever a provider is made of, it goes through there."""
    watched, connect = Sockets(), asyncio.BaseEventLoop.create_connection

    async def guarded(loop: Any, factory: Any, host: Any = None, port: Any = None, **more: Any) -> Any:
        if host not in ("127.0.0.1", "::1"):
            watched.called.append(f"{host}:{port}")
            raise OSError("nobody is called from a test")
        return await connect(loop, factory, host, port, **more)

    monkeypatch.setattr(asyncio.BaseEventLoop, "create_connection", guarded)
    return watched


class Drafting:
    """What would be sent, as the engine makes it: a system prompt, what was said, what is typed."""

    def __init__(self, model: str) -> None:
        self._model = model
        self.said: tuple[Message, ...] = (Message(Role.SYSTEM, "Answer briefly. " * 20),)

    async def request(self, question: Question) -> Request | None:
        """The very request."""
        messages = (*self.said, Message(Role.USER, question.text))
        return Request(self._model, messages, Profile(4096), 512)


class Evening:
    """A person and what speculates for them, from the start to the answer's follow-ups.

    Args:
        patience_s: so long what should be sent by then is waited for; where nothing should, a short one does.
    """

    def __init__(
        self, provider: Provider, model: str, settings: SpeculationSettings, patience_s: float
    ) -> None:
        loop = asyncio.get_running_loop()
        self._clock, self._patience_s = loop.time, patience_s
        self._provider = provider
        self._database = Database.open(None, lambda: NOW)
        self._store, self._drafts = SpeculationStore(self._database), Drafting(model)
        modesty = Modesty(settings, loop.time, lambda: Power.MAINS)
        had = provider, Lanes(loop.time), self._drafts, self._store, modesty, settings
        self._speculator = Speculator(*had, loop.time, lambda: NOW)

    async def spend(self) -> dict[str, int]:
        """Start, type, pause, ask, read; what was sent by purpose, as the store counts it."""
        watching = asyncio.ensure_future(_watch(self._speculator))
        self._speculator.begin(None)
        await self._wait_for(Purpose.PREFIX)
        await self._type("how do I go back to the main branch of this repository and then on again")
        await self._ask()
        await self._wait_for(Purpose.CHIPS, Purpose.HEAD)
        self._speculator.passed()
        watching.cancel()
        await self._speculator.aclose()
        await self._provider.aclose()
        sent = self._sent()
        self._database.close()
        return sent

    async def _type(self, question: str) -> None:
        text = ""
        for word in question.split():
            text += f"{word} "
            self._speculator.typed(Question(text))
            await asyncio.sleep(0.03)  # a person's hands: the pace is what is tested
        await self._wait_for(Purpose.TYPING)
        self._question = text.strip()
        self._speculator.typed(Question(self._question))
        await asyncio.sleep(STILLER_S[-1] + 0.1)

    async def _ask(self) -> None:
        self._speculator.typed(Question(""))
        asked = await self._drafts.request(Question(self._question))
        assert asked is not None
        adopted = self._speculator.adopt(asked)
        if adopted is not None:
            async with aclosing(adopted.stream) as pieces:
                async for _ in pieces:
                    pass
        self._drafts.said = (*asked.messages, Message(Role.ASSISTANT, ANSWER))
        answered = Answered(self._conversation(), 1, self._question, ANSWER, "stop", asked)
        self._speculator.answered(answered, Ended("stop"))

    def _conversation(self) -> int:
        insert = "INSERT INTO conversation (title, directory, created_at, updated_at) VALUES ('t', '', 0, 0)"
        made = self._database.submit(lambda connection: connection.execute(insert).lastrowid).result()
        assert made is not None
        return made

    async def _wait_for(self, *purposes: Purpose) -> None:
        until = self._clock() + self._patience_s
        # The store tells nobody, and that nothing comes is known only after a while.
        while self._clock() < until and not {*purposes} <= self._sent().keys():  # noqa: ASYNC110
            await asyncio.sleep(0.02)

    def _sent(self) -> dict[str, int]:
        return self._store.counts(0.0).requests


async def _watch(speculator: Speculator) -> None:
    async with aclosing(speculator.watch()) as offers:
        async for _ in offers:
            pass


def ollama(url: str) -> OllamaProvider:
    return OllamaProvider(parse_address(url, "OLLAMA_HOST"), {})


def openai(url: str, key: str = "sk-test") -> OpenAIProvider:
    return OpenAIProvider(parse_address(url, "fast.base_url"), {}, key)


ELSEWHERE: dict[str, tuple[Callable[[str], Provider], str]] = {
    "a cloud model behind the local port": (ollama, "glm-5:cloud"),
    "a model of somebody's behind the local port": (ollama, "mine"),
    "a cloud model that only its name tells": (ollama, "kimi-k3-cloud"),
    "Ollama on the local network": (lambda _: ollama("http://192.168.7.7:11434"), HERE),
    "Ollama on a mesh": (lambda _: ollama("http://100.64.0.9:11434"), HERE),
    "Ollama far away": (lambda _: ollama("http://203.0.113.9:11434"), HERE),
    "Ollama at a name": (lambda _: ollama("http://box.example:11434"), HERE),
    "Ollama's own cloud": (lambda _: ollama("https://ollama.com"), "glm-5"),
    "OpenAI": (lambda _: openai("https://api.openai.com/v1"), "gpt-x"),
    "a router": (lambda _: openai("https://openrouter.ai/api/v1"), "x/y"),
    "vLLM on the local network": (lambda _: openai("http://10.1.2.3:8000/v1"), HERE),
    "a gateway on this machine": (lambda url: openai(f"{url}/v1"), HERE),
}
"""What is not on this machine, whatever it looks like."""
EVERYTHING = {Purpose.PREFIX, Purpose.TYPING, Purpose.SUBMIT, Purpose.CHIPS, Purpose.HEAD}


def spend(
    *evenings: tuple[Callable[[], Provider], str], patience_s: float = 20.0, **settings: Any
) -> list[Any]:
    """These evenings at the same time."""

    async def main() -> list[Any]:
        chosen = SpeculationSettings(**settings)
        return await asyncio.gather(
            *(Evening(made(), model, chosen, patience_s).spend() for made, model in evenings)
        )

    return asyncio.run(main())


def prompts_to(server: OllamaServer) -> list[object]:
    """What a model there would have read."""
    return [record.body for record in server.log if record.path in PROMPTS]


def test_nothing_leaves_this_machine_unasked(sockets: Sockets) -> None:
    """Unsent text and guessed questions are nobody else's business, and cost money elsewhere."""
    with OllamaServer(replace(SCRIPT, owned_by="openai")) as server:
        evenings = [(partial(made, server.url), model) for made, model in ELSEWHERE.values()]
        sent = spend(*evenings, patience_s=0.5)
        assert prompts_to(server) == []

    assert dict(zip(ELSEWHERE, sent, strict=True)) == {name: {} for name in ELSEWHERE}
    assert sockets.called == []


@pytest.mark.parametrize("made", [ollama, lambda url: openai(f"{url}/v1")], ids=["ollama", "openai"])
def test_the_same_evening_is_busy_on_this_machine(sockets: Sockets, made: Callable[[str], Provider]) -> None:
    """Else the test above would be true of a program that does nothing at all."""
    with OllamaServer(replace(SCRIPT, owned_by="llamacpp")) as server:
        (sent,) = spend((partial(made, server.url), HERE))
        assert prompts_to(server)
        assert server.reloads == 0

    assert {*sent} >= EVERYTHING
    assert sockets.called == []


def test_the_same_evening_is_busy_with_the_demo_model(sockets: Sockets) -> None:
    """It is a part of the program, and counts as here."""
    (sent,) = spend((lambda: DemoProvider(Pace(0.05, 400.0)), MODEL_NAME))

    assert {*sent} >= EVERYTHING
    assert sockets.called == []


def test_with_the_setting_off_nothing_is_sent_here_either() -> None:
    """One setting ends it all, even the loading."""
    with OllamaServer(SCRIPT) as server:
        (sent,) = spend((partial(ollama, server.url), HERE), patience_s=0.5, enabled=False)
        assert prompts_to(server) == []

    assert sent == {}


def test_a_host_of_one_s_own_is_called_and_a_cloud_model_on_it_is_not(sockets: Sockets) -> None:
    """The setting names a machine; what that machine passes on to others is not on it."""
    lan = partial(ollama, "http://192.168.7.7:11434"), HERE
    with OllamaServer(SCRIPT) as server:
        cloud = partial(ollama, server.url), "mine"
        spend(lan, cloud, patience_s=0.5, own_hosts=("192.168.7.7", "127.0.0.1"))
        assert prompts_to(server) == []

    assert {*sockets.called} == {"192.168.7.7:11434"}


def test_what_a_gateway_on_one_s_own_host_passes_on_is_not_on_it(sockets: Sockets) -> None:
    """Whoever names their gateway's machine has not said that the services behind it are their own."""
    with OllamaServer(replace(SCRIPT, owned_by="openai")) as server:
        gateway = partial(openai, f"{server.url}/v1"), HERE
        (sent,) = spend(gateway, patience_s=0.5, own_hosts=("127.0.0.1", "localhost"))
        assert prompts_to(server) == []

    assert sent == {}
