"""What the simulated model says: the same to the same request, and something else to any other.

So whoever was given the answer to another request than their own can be found out, whatever the product
thinks of it. The words come from the whole request; how long an answer is, and whether it has code or ends
with a question, from the turn and its question alone, so that it is the same under every policy.
"""

import json
import math
import random
import zlib
from functools import lru_cache
from itertools import product

from core.messages import Message, Role
from core.providers.base import Request
from tests.bench.speculation.conversations import Conversation
from tests.server.runner import CHARS_PER_TOKEN

ANSWER_TOKENS = (280.0, 0.8)
"""Median (study, section 3) and sigma of a lognormal; the spread of chat logs is about their mean."""
FEWEST, MOST = 12, 1500
HAS_CODE = 0.6
ASKS = 0.2
SILENT = 0.1
"""So many answers leave nothing to ask, and the model offers nothing."""

_SUBJECTS = (
    "The loop",
    "This function",
    "The parser",
    "Your query",
    "The cache",
    "That import",
    "The worker",
)
_VERBS = ("reads", "keeps", "returns", "rebuilds", "skips", "compares", "holds")
_OBJECTS = (
    "every row",
    "one value",
    "the whole list",
    "an older copy",
    "its own state",
    "two keys",
    "a path",
)
_ENDS = (
    "before the next call begins",
    "so the order stays as it was",
    "which is why the test fails",
    "unless the flag is set",
    "and nothing is lost on the way",
    "as long as the file exists",
)
_CODE = (
    "for row in rows:",
    "    total += row.amount",
    "if not path.exists():",
    "    return None",
    "print(total)",
)
_QUESTIONS = (
    "Shall I also add tests for it?",
    "Do you want me to change the other callers too?",
    "Should it be a list or a generator?",
    "Which version do you use?",
)
_NEXT = (
    "why does it fail only sometimes",
    "show the whole file",
    "add error handling",
    "how do I test this",
    "can it be faster",
    "what does the last line do",
    "use async instead",
    "write it for PostgreSQL",
    "explain the difference",
)


class Voice:
    """The model as this conversation's person meets it."""

    def __init__(self, conversation: Conversation, seed: int) -> None:
        self._name = f"{seed}:{conversation.name}"
        self._known = {turn.user: turn.assistant for turn in conversation.turns if turn.assistant}

    def cut(self, text: str) -> tuple[str, ...]:
        """A text in tokens."""
        return in_tokens(text)

    def answer(self, request: Request) -> tuple[str, ...]:
        """All tokens of the answer to a request, whatever bound it sets."""
        if request.schema:
            return in_tokens(self._follow_ups(request))
        if request.num_predict == 1:
            return ("Well,", "")  # a reader's: nobody looks at it
        messages = request.messages
        if messages[-1].role is Role.ASSISTANT:
            whole = self._prose(messages[:-1])
            begun = messages[-1].text
            return in_tokens(whole[len(begun) :] if whole.startswith(begun) else self._prose(messages))
        return in_tokens(self._prose(messages))

    def _prose(self, messages: tuple[Message, ...]) -> str:
        # The whole request chooses the words ...
        words = random.Random(_print_of(messages))
        turn = sum(message.role is Role.USER for message in messages)
        asked = messages[-1].text
        # ... the turn and its question the form.
        form = random.Random(f"{self._name}:{turn}:{asked}")
        median, sigma = ANSWER_TOKENS
        tokens = min(max(form.lognormvariate(math.log(median), sigma), FEWEST), MOST)
        has_code, asks = form.random() < HAS_CODE, form.random() < ASKS
        end = self._known.get(asked) or (form.choice(_QUESTIONS) if asks else "")
        room = int(tokens) * CHARS_PER_TOKEN - len(end)
        code = _block(words, room // 3) if has_code and room > 200 else ""
        # The number makes the answers to different requests different, whatever the dice say.
        parts = [f"See {_print_of(messages):x}.", *words.choices(_sentences(), k=_enough(room - len(code)))]
        middle = len(parts) // 2
        before, behind = " ".join(parts[:middle]), " ".join(parts[middle:])
        return "\n\n".join(part for part in (before, code, behind, end) if part)

    def _follow_ups(self, request: Request) -> str:
        dice = random.Random(_print_of(request.messages))
        silent = dice.random() < SILENT
        texts = [] if silent else dice.sample(_NEXT, 3)
        return _as_schema_wants(json.loads(request.schema), texts)


@lru_cache(maxsize=512)
def in_tokens(text: str) -> tuple[str, ...]:
    """A text as the runner counts it: four characters a token."""
    return tuple(text[at : at + CHARS_PER_TOKEN] for at in range(0, len(text), CHARS_PER_TOKEN))


def _print_of(messages: tuple[Message, ...]) -> int:
    found = 0
    for message in messages:
        found = zlib.crc32((message.role + "\0" + message.text + "\0").encode(), found)
    return found


@lru_cache(maxsize=1)
def _sentences() -> tuple[str, ...]:
    """All that can be said; an answer is so many of them."""
    parts = product(_SUBJECTS, _VERBS, _OBJECTS, _ENDS)
    return tuple(" ".join(words) + "." for words in parts)


def _enough(characters: int) -> int:
    """How many sentences fill so much room."""
    size = sum(map(len, _sentences()[::97])) / len(_sentences()[::97]) + 1
    return max(0, round(characters / size))


def _block(dice: random.Random, size: int) -> str:
    lines = dice.choices(_CODE, k=max(1, size // 20))
    return "\n".join(["```python", *lines, "```"])


def _as_schema_wants(schema: object, texts: list[str]) -> str:
    """The follow-ups in the shape that was asked for: a list of texts, or an object with one in it."""
    match schema:
        case {"type": "array", **rest}:
            most = rest.get("maxItems", len(texts))
            return json.dumps(texts[:most] if isinstance(most, int) else texts)
        case {"properties": {**properties}}:
            return json.dumps(
                {name: json.loads(_as_schema_wants(of, texts)) for name, of in properties.items()}
            )
        case _:
            raise ValueError("the bench does not know what the chip call asks for")
