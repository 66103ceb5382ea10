"""The one structured call that asks the fast model what the person may ask next.

It begins with the very bytes of the answer's own request, the answer behind them, so that the model's slot
holds nearly all of it; only the instruction is new, and it comes last.
"""

import json
from dataclasses import replace

from core.messages import Message, Role
from core.providers.base import Request
from core.speculation.ports import Answered

MOST_TOKENS = 96
FEWEST_ANSWER_CHARACTERS = 160
"""About 40 tokens: a shorter answer leaves little to ask about."""
_LONGEST = 240
"""Characters of one string; a longer one is no question, and may never end."""
_MOST_READ = 4096
_DEEPEST = 4
_SPACE = " \t\r\n"

_INSTRUCTION = (
    "What may I ask you next? Write {count} in my own words, about your last answer, at most 8 words each, "
    "such that a short answer does. Reply with a JSON list of strings; [] when nothing is likely."
)


def asking(answered: Answered, free: int) -> Request | None:
    """The call for at most so many follow-ups; None for an answer that is not worth it."""
    request = answered.request
    if request is None or request.think is not False or len(answered.text) < FEWEST_ANSWER_CHARACTERS:
        return None
    count = "one question" if free == 1 else f"at most {free} different questions"
    messages = (
        *request.messages,
        Message(Role.ASSISTANT, answered.text),
        Message(Role.USER, _INSTRUCTION.format(count=count)),
    )
    return replace(
        request,
        messages=messages,
        num_predict=MOST_TOKENS if request.num_predict < 0 else min(MOST_TOKENS, request.num_predict),
        schema=_schema(free),
        temperature=0.0,
        may_retry=False,
    )


def _schema(free: int) -> str:
    items = {"type": "array", "items": {"type": "string"}, "maxItems": free}
    return json.dumps(items, separators=(",", ":"))


class Strings:
    """Reads a JSON list that is still being written, and gives each string as soon as it is closed.

    What stands around the list is passed over, strings that are not in a list are no follow-ups.

    Attributes:
        is_over: nothing more can come: the list is closed, or what comes is not what was asked for.
    """

    def __init__(self) -> None:
        self.is_over = False
        self._nesting: list[str] = []
        self._string: list[str] | None = None
        self._is_escaped = False
        self._read = 0

    def feed(self, text: str) -> list[str]:
        """The strings that this piece closes."""
        found: list[str] = []
        for character in text:
            self._read += 1
            if self.is_over or self._read > _MOST_READ:
                self.is_over = True
                break
            if self._string is not None:
                found.extend(self._inside(character))
            elif character not in _SPACE:
                self._between(character)
        return found

    def _between(self, character: str) -> None:
        match character:
            case "[" | "{":
                self._nesting.append(character)
                self.is_over = len(self._nesting) > _DEEPEST
            case "]" | "}" if self._nesting:
                self._nesting.pop()
                self.is_over = not self._nesting
            case '"' if self._nesting:
                self._string = []
            case _:
                pass

    def _inside(self, character: str) -> list[str]:
        string = self._string
        assert string is not None, "asked only within a string"
        if self._is_escaped or character != '"':
            self._is_escaped = character == "\\" and not self._is_escaped
            string.append(character)
            self.is_over = len(string) > _LONGEST
            return []
        self._string = None
        if self._nesting[-1] != "[":
            return []
        try:
            text = json.loads(f'"{"".join(string)}"', strict=False)
        except ValueError:
            return []
        return [text] if isinstance(text, str) else []
