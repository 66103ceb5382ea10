"""Which path is answered by what; everything but chat, generate and pull is answered here, at once."""

import hashlib
import math
import re

from tests.server.ask import model_of, read
from tests.server.call import Call
from tests.server.chat import answer
from tests.server.completions import CHAT_PATH, MODELS_PATH, PROPS_PATH, complete, listed, props
from tests.server.faults import Refusal
from tests.server.memory import seconds_of
from tests.server.messages import MESSAGES_PATH, speak_messages
from tests.server.models import Loaded, Model, find
from tests.server.pull import Downloads

_METHODS = {
    "/": ("GET", "HEAD"),
    "/api/version": ("GET", "HEAD"),
    "/api/tags": ("GET", "HEAD"),
    "/api/ps": ("GET",),
    "/api/show": ("POST",),
    "/api/chat": ("POST",),
    "/api/generate": ("POST",),
    "/api/embed": ("POST",),
    "/api/pull": ("POST",),
    "/api/delete": ("DELETE",),
    CHAT_PATH: ("POST",),
    MESSAGES_PATH: ("POST",),
    MODELS_PATH: ("GET",),
    PROPS_PATH: ("GET",),
}


class Shelf:
    """What is installed: the script's models, and what was pulled and deleted since."""

    def __init__(self) -> None:
        self.downloads = Downloads()
        self._pulled: dict[str, Model] = {}
        self._deleted: set[str] = set()

    def models(self, scripted: tuple[Model, ...]) -> tuple[Model, ...]:
        """Every installed model, the scripted ones first."""
        known = {model.name: model for model in scripted} | self._pulled
        return tuple(model for name, model in known.items() if name not in self._deleted)

    def add(self, name: str, there: tuple[Model, ...]) -> None:
        """A model has been pulled; one that was there already stays as it is."""
        if find(there, name) is None:
            self._deleted.discard(name)
            self._pulled[name] = Model(name)

    def remove(self, name: str) -> None:
        """A model has been deleted."""
        self._deleted.add(name)
        self.downloads.forget(name)


async def respond(call: Call, method: str, shelf: Shelf) -> None:
    """Answer a request.

    Raises:
        Refusal: what is answered instead.
    """
    if call.path not in _METHODS:
        raise Refusal(404, "404 page not found")
    if method not in _METHODS[call.path]:
        raise Refusal(405, "405 method not allowed")
    outlet, models, script = call.outlet, call.models, call.script
    match call.path:
        case "/":
            await outlet.whole(200, "Ollama is running")
        case "/api/version":
            await outlet.whole(200, {"version": script.version})
        case "/api/tags":
            tags = [model.as_tag(script.tags_say_capabilities) for model in models]
            await outlet.whole(200, {"models": tags})
        case "/api/ps":
            await outlet.whole(200, {"models": call.memory.ps(models)})
        case "/api/show":
            await outlet.whole(200, model_of(call.body, models).as_show())
        case "/api/chat" | "/api/generate":
            await answer(read(call.body, models, call.path == "/api/chat"), call)
        case "/v1/models":
            await outlet.whole(200, listed(call))
        case "/props":
            await outlet.whole(200, props(call))
        case "/v1/chat/completions":
            await complete(call)
        case "/v1/messages":
            await speak_messages(call)
        case "/api/embed":
            await _embed(call)
        case "/api/pull":
            await _pull(call, shelf)
        case _:
            name = model_of(call.body, models).name
            call.memory.drop(name)
            shelf.remove(name)
            await outlet.whole(200, None)


async def _pull(call: Call, shelf: Shelf) -> None:
    name = call.body.get("model") or call.body.get("name")
    if not isinstance(name, str) or not name:
        raise Refusal(400, {"error": "invalid model name"})
    tagged = name if ":" in name else f"{name}:latest"
    await shelf.downloads.pull(tagged, call, lambda: shelf.add(tagged, call.models))


async def _embed(call: Call) -> None:
    model = model_of(call.body, call.models)
    given = call.body.get("input")
    texts = [str(text) for text in given] if isinstance(given, list) else [str(given or "")]
    size = call.body.get("dimensions")
    width = size if isinstance(size, int) and size > 0 else model.embedding_length
    keep_alive_s = seconds_of(call.body.get("keep_alive"))
    wanted = Loaded(model.name, keep_alive_s=keep_alive_s)
    await call.memory.load(wanted, call.script.load_s, call.script.memory_holds)
    await call.outlet.whole(
        200,
        {
            "model": model.name,
            "embeddings": [_vector(text, width) for text in texts],
            "total_duration": 31_000_000,
            "load_duration": 12_000_000,
            "prompt_eval_count": sum(-(-len(text) // 4) for text in texts),
        },
    )


def _vector(text: str, width: int) -> list[float]:
    """A vector of length one: the sum of its words' own, so that texts with the same words are alike."""
    total = [0.0] * width
    for word in re.findall(r"\w+", text.lower()) or [text]:
        raw = b"".join(
            hashlib.sha256(f"{number}/{word}".encode()).digest() for number in range(-(-width // 32))
        )
        total = [value + byte - 127.5 for value, byte in zip(total, raw, strict=False)]
    length = math.sqrt(sum(value * value for value in total)) or 1.0
    return [value / length for value in total]
