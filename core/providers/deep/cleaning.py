"""What a call says, made harmless where it comes in: nothing that acts on a terminal, and none of our keys.

A gateway may send a request's own headers back, in an error or as an answer; what comes from here is stored.
"""

from collections.abc import Sequence

from core.events import TextDelta, ThinkingDelta
from core.providers.deep.calls import DeepEvent, Failed, Finished, Queued, Started
from core.redaction import MASK, Masker, redact
from core.sanitise import Cleaner

_LEAST_KEY = 12
_TOLD_BY = 4
"""So many characters of a key at the end of a cut text are told from chance."""


def masked(text: str, keys: Sequence[str]) -> str:
    """A text of bounded length without keys, nor the beginning of one where the text was cut."""
    text = redact(text, keys)
    most = max((_begun(text, key) for key in keys), default=0)
    return text if most < _TOLD_BY else text[: len(text) - most] + MASK


class KeyMask:
    """Takes all keys out of a text that arrives in pieces.

    A key that is a mere word (``ollama``, for servers that want none) is no secret, and spoils no answer.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._each = [Masker(key) for key in keys if len(key) >= _LEAST_KEY and any(map(str.isdigit, key))]

    def feed(self, text: str) -> str:
        """The next piece without keys."""
        for masker in self._each:
            text = masker.feed(text)
        return text

    def finish(self) -> str:
        """What was still held."""
        rest = ""
        for masker in self._each:
            rest = masker.feed(rest) + masker.finish()
        return rest


class Cleaning:
    """Cleans the events of one answer.

    Args:
        keys: that were sent with the request.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = keys
        self._text, self._thinking = (Cleaner(), KeyMask(keys)), (Cleaner(), KeyMask(keys))

    def cleaned(self, event: DeepEvent) -> list[DeepEvent]:
        """The event, harmless; what was held back comes before an end."""
        match event:
            case TextDelta(text):
                return [TextDelta(said)] if (said := _fed(self._text, text)) else []
            case ThinkingDelta(text):
                return [ThinkingDelta(said)] if (said := _fed(self._thinking, text)) else []
            case Finished() | Failed():
                thought, rest = _finished(self._thinking), _finished(self._text)
                return [
                    *([ThinkingDelta(thought)] if thought else []),
                    *([TextDelta(rest)] if rest else []),
                    event,
                ]
            case Started():
                return [Started(*(masked(each, self._keys) for each in event))]
            case Queued(said):
                return [Queued(masked(said, self._keys))]
        return [event]


def _fed(way: tuple[Cleaner, KeyMask], text: str) -> str:
    cleaner, mask = way
    return mask.feed(cleaner.feed(text))


def _finished(way: tuple[Cleaner, KeyMask]) -> str:
    cleaner, mask = way
    return mask.feed(cleaner.finish()) + mask.finish()


def _begun(text: str, key: str) -> int:
    """How many characters at the end of a text are the beginning of a key, and not all of it."""
    at = text.find(key[:1], max(0, len(text) - len(key) + 1)) if key else -1
    while at >= 0:
        if key.startswith(text[at:]):
            return len(text) - at
        at = text.find(key[0], at + 1)
    return 0
