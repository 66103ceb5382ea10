"""What every provider is: a place that turns a request into a stream of pieces."""

import hashlib
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from core.events import TextDelta, ThinkingDelta, Waiting
from core.messages import Message

Think = Literal[True, False, "low", "medium", "high", "max"]
"""What is asked of a model's reasoning. On the fast path: off, or the least where it cannot be off."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One model as a provider lists it; missing facts are empty or zero.

    Attributes:
        size_bytes: on disk.
        parameters: how many weights, 4.7e9 for "4.7B".
        context_length: tokens the model was trained for.
        remote_host: set when the model runs elsewhere and is only proxied here.
        capabilities: the provider's words (``completion``, ``thinking``, …); None on servers that do not say.
        loaded_ctx: tokens of the window it is loaded with; 0 when it is not loaded.
        loaded_vram_bytes: how much of it is in GPU memory; 0 when none or not loaded.
    """

    name: str
    digest: str = ""
    size_bytes: int = 0
    parameters: float = 0.0
    family: str = ""
    context_length: int = 0
    modified_at: str = ""
    remote_host: str = ""
    capabilities: frozenset[str] | None = None
    loaded_ctx: int = 0
    loaded_bytes: int = 0
    loaded_vram_bytes: int = 0

    @property
    def identity(self) -> str:
        """What it is told apart by, its digest: a name may come to stand for another model."""
        return self.digest or self.name

    @property
    def is_loaded(self) -> bool:
        """Whether the server holds it in memory now."""
        return self.loaded_ctx > 0 or self.loaded_bytes > 0


@dataclass(frozen=True, slots=True)
class Profile:
    """The options that decide whether a model must reload; one frozen profile a model.

    Attributes:
        num_ctx: tokens of the window.
        largest: tokens of the largest window the model can have; 0 when not known.
    """

    num_ctx: int
    largest: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """One call of a model.

    Attributes:
        messages: none only loads the model, where the provider can do so.
        num_predict: at most so many tokens of answer; never 0 (Ollama takes 0 as "without limit").
        usual_load_ms: how long loading this model took the last time, to be said while it loads again.
        schema: a JSON schema, as JSON text, that the answer must fit; empty leaves it free.
        temperature: None is the model's own.
        may_retry: a server that is busy, or starts its model again, may be asked once more; not for what
            nobody waits for.

    Two requests are equal exactly when the model is sent the same.
    """

    model: str
    messages: tuple[Message, ...]
    profile: Profile
    num_predict: int
    think: Think = False
    keep_alive: str = "30m"
    usual_load_ms: float | None = field(default=None, compare=False)
    schema: str = ""
    temperature: float | None = None
    may_retry: bool = field(default=True, compare=False)


def options_hash(request: Request) -> str:
    """Of all that shapes an answer but its model and its messages: 12 hex digits, equal for equal options."""
    return options_hash_of(
        request.profile.num_ctx, request.num_predict, request.think, request.temperature, request.schema
    )


def options_hash_of(*shaping: str | float | None) -> str:
    """The same of options by themselves, in an order that is the caller's own."""
    return hashlib.sha256(repr(shaping).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Ended:
    """The provider's own word that the answer is whole; always the last piece.

    Attributes:
        reason: ``stop`` or ``length``.
        input_tokens: of the whole prompt, cached ones included; 0 when not reported.
        cached_tokens: how many of these the server had read before; 0 when not reported.
        load_ms, prefill_ms, decode_ms, server_ms: the server's own durations; 0 when not reported.
        remote_host: set when a cloud model answered through a local port.
    """

    reason: str
    input_tokens: int = 0
    output_tokens: int = 0
    load_ms: float = 0.0
    prefill_ms: float = 0.0
    decode_ms: float = 0.0
    server_ms: float = 0.0
    remote_host: str = ""
    cached_tokens: int = 0


Piece = TextDelta | ThinkingDelta | Waiting | Ended


async def nothing_to_do() -> AsyncGenerator[Piece, None]:
    """What a request comes to that has nothing to be sent for."""
    yield Ended("stop")


@dataclass(frozen=True, slots=True)
class PullProgress:
    """How far a download is.

    Attributes:
        status: the server's words, cleaned.
        completed, total: bytes over all layers known so far; total 0 when not known yet.
    """

    status: str
    completed: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class ServerState:
    """What a look at the server found.

    Attributes:
        version: empty when the server did not say.
        models: every model it has, loaded ones marked.
        note: something the person should know (a proxy was passed by); empty otherwise.
    """

    version: str = ""
    models: tuple[ModelInfo, ...] = field(default=())
    note: str = ""


class Provider(Protocol):
    """A place that serves models. Everything raises `core.errors.ProviderError` and nothing else.

    Attributes:
        fetches: whether it fetches models on demand, so that a missing one can be had by `pull`.
    """

    name: str
    fetches: bool

    @property
    def address(self) -> str:
        """Where it is, for people: a URL without secrets, or ``built in``."""
        ...

    def place(self, remote_host: str = "") -> str:
        """Where a model of it runs: ``local``, ``lan HOST``, ``REMOTE HOST`` or ``demo``."""
        ...

    def stream(self, request: Request) -> AsyncGenerator[Piece, None]:
        """Answer, piece by piece; closing the generator ends the request at the server."""
        ...

    async def look(self) -> ServerState:
        """Ask for version, models and what is loaded; quick, never loads anything."""
        ...

    async def show(self, model: ModelInfo) -> ModelInfo:
        """The same model with what an older server leaves out of its list filled in."""
        ...

    def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Fetch a model; closing the generator pauses it, and a new pull resumes."""
        ...

    async def aclose(self) -> None:
        """Give back connections."""
        ...


@runtime_checkable
class Unloads(Protocol):
    """A provider that can put a model out of memory, so that its loading can be measured."""

    async def unload(self, model: str) -> None:
        """Let go of a model, for everybody; raises `core.errors.ProviderError`."""
        ...


@runtime_checkable
class Embeds(Protocol):
    """A provider that can turn texts into vectors as well. Everything raises `core.errors.ProviderError`."""

    async def embed(self, model: str, texts: Sequence[str], keep_alive: str) -> tuple[tuple[float, ...], ...]:
        """One vector a text, in their order; a text that is too long for the model is refused, not cut."""
        ...

    async def loaded(self) -> frozenset[str]:
        """The names of the models in memory; quick, never loads anything."""
        ...


@runtime_checkable
class Renders(Protocol):
    """A provider that shows a prompt as its model is given it, and goes on from one as it stands.

    A prefill of what is being typed needs it where a model's layers cannot be cut back (qwen3.5, lfm2 and
    other hybrids): there only a prompt that ends at the typed text itself leaves something to build on.
    """

    async def render(self, request: Request) -> str:
        """The whole prompt of a request, as text; loads the model, writes nothing.

        Raises:
            RequestRejected: This server, or this kind of model, does not show it.
            ProviderError: As for `Provider.stream`.
        """
        ...

    def stream_raw(self, request: Request, prompt: str) -> AsyncGenerator[Piece, None]:
        """Go on from a prompt as it stands, with a request's model and options; its messages do not count."""
        ...
