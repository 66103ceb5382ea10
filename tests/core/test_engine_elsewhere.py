"""The whole engine with a model that is elsewhere: what is sent is what was asked, and nothing besides."""

import asyncio
from contextlib import ExitStack

from core.events import TurnFinished
from core.messages import Question
from core.providers.address import parse_address
from core.providers.ollama.provider import OllamaProvider
from core.settings.model import FastSettings
from tests.core.asking import Talk, only, talk
from tests.server import Model, OllamaServer, Record, Script

HERE = "qwen3:4b"
MODELS = (
    Model(HERE, family="qwen3"),
    Model("mine", family="qwen3", remote_host="https://models.example:443"),
)
SCRIPT = Script(models=MODELS, reply="It takes what you have not committed along, and goes back to it. " * 6)
QUESTIONS = ("how do I go back to the last branch?", "and what happens with the rest of it then?")


class Labelled(OllamaProvider):
    """A provider whose server stands somewhere else, as far as anybody can tell."""

    where = "local"

    def place(self, remote_host: str = "") -> str:
        return super().place(remote_host) if remote_host or self.where == "local" else self.where


def provider_at(server: OllamaServer, where: str) -> Labelled:
    provider = Labelled(parse_address(server.url, "OLLAMA_HOST"), {})
    provider.where = where
    return provider


def prompts_to(server: OllamaServer) -> list[Record]:
    return [record for record in server.log if record.path in ("/api/chat", "/api/generate")]


async def converse(t: Talk, pause_s: float) -> None:
    """Start, type, pause, ask, read, twice, as the screen tells it."""
    speculation = t.engine.speculation
    await t.engine.look()
    speculation.begin(None)
    await asyncio.sleep(pause_s)
    for question in QUESTIONS:
        typed = ""
        for word in question.split():
            typed = f"{typed} {word}".strip()
            speculation.typed(Question(typed, conversation=t.conversation))
            await asyncio.sleep(0.02)  # a person's hands
        await asyncio.sleep(pause_s)
        speculation.typed(Question("", conversation=t.conversation))
        assert only(TurnFinished, await t.ask(question))
        await asyncio.sleep(pause_s)


async def spend(server: OllamaServer, where: str, model: str, pause_s: float) -> None:
    async with talk(provider_at(server, where), fast=FastSettings(model=model)) as t:
        await converse(t, pause_s)


ELSEWHERE = {
    "on the local network": ("lan 192.168.7.7", HERE),
    "far away": ("REMOTE models.example", HERE),
    "a cloud model behind the local port": ("local", "mine"),
}


def test_elsewhere_only_what_was_asked_is_sent() -> None:
    """With the settings as delivered: two questions are two prompts, whatever was typed, and then read."""

    async def main() -> None:
        conversations = (spend(servers[name], *ELSEWHERE[name], pause_s=0.6) for name in ELSEWHERE)
        await asyncio.gather(*conversations)

    with ExitStack() as stack:
        servers = {name: stack.enter_context(OllamaServer(SCRIPT)) for name in ELSEWHERE}
        asyncio.run(main())

    for name, server in servers.items():
        sent = prompts_to(server)
        assert [record.path for record in sent] == ["/api/chat"] * 2, name
        said = [str(record.body["messages"]) for record in sent]
        assert all(question in each for question, each in zip(QUESTIONS, said, strict=True)), name


def test_here_the_same_conversation_is_prepared() -> None:
    """Else the test above would hold of an engine in which nothing is made ahead at all."""
    with OllamaServer(SCRIPT) as server:
        asyncio.run(spend(server, "local", HERE, pause_s=0.8))
        assert server.reloads == 0
        assert len(prompts_to(server)) > len(QUESTIONS) + 2
