"""The product's speculation set up for one conversation on a virtual clock, and what came of it."""

import asyncio
from dataclasses import dataclass

from core.lanes import Lanes
from core.settings.model import SpeculationSettings
from core.speculation.level import Level
from core.speculation.modesty import Modesty, Power
from core.speculation.speculator import Speculator
from core.store.conversations import Conversations
from core.store.speculation import SpeculationStore
from tests.bench.speculation.conversations import Conversation
from tests.bench.speculation.drafting import Drafting
from tests.bench.speculation.machine import PERSON, Machine
from tests.bench.speculation.memory import new_memory
from tests.bench.speculation.replay import NOW, Asked, Person
from tests.bench.speculation.voice import Voice
from tests.clock import run_virtually
from tests.server.runner import CHARS_PER_TOKEN, Pace

PROFILES = {
    "laptop": Pace(prefill_per_s=400, decode_per_s=40, overhead_s=0.025),
    "cpu": Pace(prefill_per_s=60, decode_per_s=9, overhead_s=0.025),
}
POLICIES = {"none": Level.OFF, "warm": Level.WARM, "typing": Level.TYPING, "all": Level.ALL}


@dataclass(frozen=True, slots=True)
class Setting:
    """What a conversation is replayed under."""

    profile: str
    policy: str
    accept: float = 0.10
    seed: int = 0
    on_battery: bool = False
    most_thinking_s: float = float("inf")


@dataclass(frozen=True, slots=True)
class Lived:
    """What came of one conversation.

    Attributes:
        tokens: decoded ahead, by purpose, up to where the person took an answer over.
        after_last: of them, behind the last answer, where nothing could be taken any more; without reads'.
        used: of them, shown to the person.
        requests: made ahead, by purpose.
        counted: tokens by the product's own count and words, and ``wasted`` of them.
        busy_s: of the device, for what was made ahead.
        passed_s: of the person's time, long silences cut.
    """

    asked: tuple[Asked, ...]
    tokens: dict[str, int]
    after_last: int
    used: int
    requests: dict[str, int]
    counted: dict[str, int]
    busy_s: float
    passed_s: float


def live(conversation: Conversation, setting: Setting) -> Lived:
    """Replay one conversation; it takes no real time but its own reckoning."""
    return run_virtually(_live(conversation, setting))


async def _live(conversation: Conversation, setting: Setting) -> Lived:
    clock = asyncio.get_running_loop().time

    def now() -> float:
        return NOW + clock()

    voice = Voice(conversation, setting.seed)
    machine = Machine(PROFILES[setting.profile], voice, clock)
    database = new_memory(now)
    drafting = Drafting(Conversations(database).begin("", conversation.name).result())
    lanes, speculation = Lanes(clock), SpeculationSettings()
    power = Power.BATTERY if setting.on_battery else Power.MAINS
    modesty = Modesty(speculation, clock, lambda: power)
    store, level = SpeculationStore(database), POLICIES[setting.policy]
    speculator = Speculator(machine, lanes, drafting, store, modesty, speculation, clock, now, level)
    person = Person(
        conversation,
        speculator,
        lanes,
        drafting,
        machine,
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
        counts = store.counts(0.0)
        counted = {**counts.tokens, "wasted": counts.wasted_tokens}
        database.close()
    return _told(person, machine, counted)


def _told(person: Person, machine: Machine, counted: dict[str, int]) -> Lived:
    tokens: dict[str, int] = {}
    requests: dict[str, int] = {}
    after_last = 0
    for call in machine.calls:
        if call.purpose != PERSON:
            tokens[call.purpose] = tokens.get(call.purpose, 0) + call.tokens
            requests[call.purpose] = requests.get(call.purpose, 0) + 1
            is_late = call.began_at >= person.said_last and call.purpose != "read"
            after_last += call.tokens if is_late else 0
    used = sum(-(-asked.at_once // CHARS_PER_TOKEN) for asked in person.asked)
    busy_s = machine.busy_s()
    return Lived(tuple(person.asked), tokens, after_last, used, requests, counted, busy_s, person.passed_s)
