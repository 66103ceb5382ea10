"""The same conversations in real time: the product's own Ollama provider, over loopback, to the test server.

Everybody is there at the same time, each with a model of their own at the profile's pace, so that a whole run
takes as long as the slowest of them. Thoughts are cut, in the virtual run beside it as well, and those
conversations are left out that would still take long.
"""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from core.lanes import Lanes
from core.messages import Message, Role
from core.providers.address import parse_address
from core.providers.base import Piece, Profile, Request
from core.providers.ollama.provider import OllamaProvider
from core.settings.model import SpeculationSettings
from core.speculation.modesty import Modesty, Power
from core.speculation.speculator import Speculator
from core.store.conversations import Conversations
from core.store.speculation import SpeculationStore
from tests.bench.speculation.conversations import Conversation
from tests.bench.speculation.drafting import WINDOW, Drafting
from tests.bench.speculation.machine import FAMILY
from tests.bench.speculation.memory import new_memory
from tests.bench.speculation.person import move
from tests.bench.speculation.replay import NOW, Asked, Person
from tests.bench.speculation.stage import POLICIES, PROFILES, Setting, live
from tests.bench.speculation.voice import Voice
from tests.server import Model, OllamaServer, Script

MOST_THINKING_S = 8.0
LONGEST_S = {"laptop": 150.0, "cpu": 180.0}
"""Of a conversation, as it is to be expected."""
USUAL_TOKENS = 385
"""Of an answer, on the average."""
_TURN = re.compile(r"<\|im_start\|>(system|user|assistant)\n(.*?)<\|im_end\|>\n", re.DOTALL)


class Unmeasured:
    """The server as the person meets it; what was in its way is for the virtual clock to say."""

    def __init__(self, provider: OllamaProvider) -> None:
        self._provider = provider

    def stream(self, request: Request) -> AsyncGenerator[Piece, None]:
        """Answer."""
        return self._provider.stream(request)

    @contextmanager
    def asking(self) -> Generator[None, None, None]:
        """Nobody keeps count."""
        yield

    def alone_s(self, request: Request) -> float:
        """Not known."""
        return float("inf")

    def give(self) -> None:
        """Nobody keeps count."""


def chosen(conversations: Sequence[Conversation], count: int, setting: Setting) -> list[Conversation]:
    """So many of those that do not take too long, spread over the file; the longer ones of each part."""
    longest_s = LONGEST_S[setting.profile]
    short = [one for one in conversations if len(one.turns) >= 2 and _takes_s(one, setting) <= longest_s]
    count = min(count, len(short))
    parts = [short[at * len(short) // count : (at + 1) * len(short) // count] for at in range(count)]
    return [max(part, key=lambda one: len(one.turns)) for part in parts]


def beside(conversations: Sequence[Conversation], setting: Setting) -> tuple[list[Asked], list[Asked]]:
    """The follow-ups of the same conversations: in real time, and on the virtual clock."""
    capped = replace(setting, most_thinking_s=MOST_THINKING_S)
    virtual = [asked for conversation in conversations for asked in live(conversation, capped).asked]
    return asyncio.run(_all(conversations, capped)), virtual


def _takes_s(conversation: Conversation, setting: Setting) -> float:
    """About how long a conversation is."""
    answer_s = USUAL_TOKENS / PROFILES[setting.profile].decode_per_s
    moves = [move(conversation, index, setting.seed) for index in range(1, len(conversation.turns))]
    typing_s = sum(key.after_s for one in moves for key in one.keys)
    thinking_s = sum(min(one.thinking_s, MOST_THINKING_S) for one in moves)
    return answer_s * len(conversation.turns) + typing_s + thinking_s


async def _all(conversations: Sequence[Conversation], setting: Setting) -> list[Asked]:
    names = [f"bench-{number}:4b" for number in range(len(conversations))]
    voices = {name: Voice(one, setting.seed) for name, one in zip(names, conversations, strict=True)}
    script = Script(
        models=tuple(Model(name, family=FAMILY) for name in names),
        reply=lambda body: _reply(voices[str(body["model"])], body),
        pace=PROFILES[setting.profile],
    )
    server = OllamaServer(script)
    await asyncio.to_thread(server.__enter__)
    try:
        lives = [
            _live(one, name, voices[name], server.url, setting)
            for name, one in zip(names, conversations, strict=True)
        ]
        return [asked for lived in await asyncio.gather(*lives) for asked in lived]
    finally:
        await asyncio.to_thread(server.__exit__, None, None, None)


async def _live(
    conversation: Conversation, model: str, voice: Voice, url: str, setting: Setting
) -> list[Asked]:
    clock = asyncio.get_running_loop().time
    began = clock()

    def now() -> float:
        return NOW + clock() - began

    provider = OllamaProvider(parse_address(url, "OLLAMA_HOST"), {})
    database = new_memory(now)
    drafting = Drafting(Conversations(database).begin("", conversation.name).result(), model)
    lanes, settings = Lanes(clock), SpeculationSettings()
    modesty = Modesty(settings, clock, lambda: Power.MAINS)
    store, level = SpeculationStore(database), POLICIES[setting.policy]
    speculator = Speculator(provider, lanes, drafting, store, modesty, settings, clock, now, level)
    person = Person(
        conversation,
        speculator,
        lanes,
        drafting,
        Unmeasured(provider),
        voice,
        level,
        setting.accept,
        setting.seed,
        clock,
        setting.most_thinking_s,
    )
    try:
        await person.live()
    finally:
        await speculator.aclose()
        await provider.aclose()
        database.close()
    return person.asked


def _reply(voice: Voice, body: Mapping[str, object]) -> tuple[str, ...]:
    """The answer to what came over the wire; where it is begun already, the server goes on behind it."""
    messages = _messages(body)
    if messages and messages[-1].role is Role.ASSISTANT:
        messages = messages[:-1]
    schema = json.dumps(body["format"]) if isinstance(body.get("format"), dict) else ""
    return voice.answer(Request("", messages, Profile(WINDOW), WINDOW, schema=schema)) if messages else ()


def _messages(body: Mapping[str, object]) -> tuple[Message, ...]:
    told = body.get("messages")
    if isinstance(told, list):
        return tuple(Message(Role(one["role"]), one["content"]) for one in told)
    # A raw prompt: read back what the family's template wrote.
    return tuple(Message(Role(role), text) for role, text in _TURN.findall(str(body.get("prompt", ""))))
