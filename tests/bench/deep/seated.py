"""Someone at the screen whose deep model is served by a server of its own, so that nothing shares a slot."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench.dialect import Traits
from tests.bench.product import MODEL, CannotRun, product
from tests.bench.screen.person import LONG_RATE, Person, Times, sitting
from tests.bench.terminal import drawn
from tests.core.deep_calling import CHAT
from tests.server import Loaded, OllamaServer, Script

TTFT_S = 0.05
"""Of the fast model: a small one's, warm."""
FAST = Script(loaded=(Loaded(MODEL, 8192),), ttft_s=TTFT_S, slots=2)
PATH = CHAT["openai"]


@contextmanager
def seated(command: tuple[str, ...], deep: OllamaServer) -> Iterator[Person]:
    """A person who has asked one question; a deep one is not asked about again.

    Raises:
        CannotRun: The screen does not take a key, or shows no answer.
    """
    with product(command, FAST) as where:
        more = {
            "LEADLINE_DEEP__PROVIDER": "openai",
            "LEADLINE_DEEP__BASE_URL": f"{deep.url}/v1",
            "LEADLINE_DEEP__MODEL": MODEL,
            "LEADLINE_DEEP__CONFIRM": "never",
        }
        with sitting(where.command, where, where.environ | more, Traits(kitty=True)) as person:
            person.read_one(Times())
            yield person


def answered_ms(person: Person, chance: random.Random) -> float:
    """From enter on a fast question to its first word on the screen.

    Raises:
        CannotRun: It never came.
    """
    word = f"zq{chance.randrange(10**6):06}qz"
    since = person.terminal.end
    pressed_at, request = person.ask([f"{word} ", "and ", "more"], LONG_RATE)
    try:
        seen = person.terminal.wait_for(drawn(word), since)
    except TimeoutError as error:
        raise CannotRun(f"the fast answer was not shown: {error}") from None
    person.where.server.wait_for(lambda record: record.id == request.id and record.last_byte_at)
    time.sleep(0.2)  # what the answer leaves to be painted is not the next one's
    return (seen.at - pressed_at) * 1000
