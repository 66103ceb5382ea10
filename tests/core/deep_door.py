"""What the tests of deep calls share: the recordings, readers for them, and what their events come to."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.events import TextDelta, ThinkingDelta
from core.messages import Message, Role
from core.providers.anthropic.messages import AnthropicWire
from core.providers.deep.calls import (
    DeepEvent,
    DeepRequest,
    Failed,
    Finished,
    Queued,
    Reader,
    Started,
    Usage,
    Wire,
)
from core.providers.ollama.deep import OllamaWire
from core.providers.openai.deep import OpenAIWire
from core.providers.openai.dialects import DEPTHS

FOLDER = Path(__file__).parent / "deep_streams"
INDEX: tuple[dict[str, Any], ...] = tuple(tomllib.loads((FOLDER / "index.toml").read_text("utf-8"))["stream"])
MESSAGES = (Message(Role.SYSTEM, "Be brief."), Message(Role.USER, "Why?"))
ASKED = DeepRequest("deep-1", MESSAGES, max_tokens=8192)


def wire(name: str, dialect: str = "plain", host: str = "box") -> Wire:
    """A protocol by its name."""
    match name:
        case "anthropic":
            return AnthropicWire(host)
        case "openai":
            return OpenAIWire(host, DEPTHS[dialect])
    return OllamaWire(host)


def recording(stream: dict[str, Any]) -> bytes:
    """A stream's bytes."""
    return (FOLDER / str(stream["file"])).read_bytes()


@dataclass
class Told:
    """What a stream of events comes to."""

    events: list[DeepEvent] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The answer."""
        return "".join(event.text for event in self.events if isinstance(event, TextDelta))

    @property
    def thinking(self) -> str:
        """The reasoning."""
        return "".join(event.text for event in self.events if isinstance(event, ThinkingDelta))

    @property
    def usage(self) -> Usage:
        """The last counts."""
        return next((event for event in reversed(self.events) if isinstance(event, Usage)), Usage())

    @property
    def models(self) -> list[str]:
        """Every model that was said to answer."""
        return [event.model for event in self.events if isinstance(event, Started)]

    @property
    def hosts(self) -> list[str]:
        """Where cloud models answered."""
        return [event.remote_host for event in self.events if isinstance(event, Started)]

    @property
    def queued(self) -> list[str]:
        """What was said while one waited."""
        return [event.said for event in self.events if isinstance(event, Queued)]

    @property
    def ends(self) -> list[Finished | Failed]:
        """All ends; there must be one."""
        return [event for event in self.events if isinstance(event, Finished | Failed)]

    @property
    def end(self) -> Finished | Failed:
        """The one end, which is the last event."""
        (end,) = self.ends
        assert self.events[-1] is end
        return end

    @property
    def failure(self) -> Failed:
        """The end, which is a failure."""
        assert isinstance(self.end, Failed), self.end
        return self.end

    @property
    def finish(self) -> Finished:
        """The end, which is none."""
        assert isinstance(self.end, Finished), self.end
        return self.end


def read(reader: Reader, parts: Iterable[bytes]) -> Told:
    """All events of a body that came in these parts, to its end."""
    told = Told()
    for part in parts:
        told.events += reader.feed(part)
    told.events += reader.finish()
    return told
