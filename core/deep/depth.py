"""Where a deep run goes: who is called there, with what model, and what that means for the person."""

from dataclasses import dataclass

from core.deep.caller import Caller
from core.messages import Route
from core.providers.deep.calls import Effort


@dataclass(frozen=True, slots=True)
class Depth:
    """A place that can think a question through.

    Attributes:
        provider: ``anthropic``, ``openai``, ``ollama`` or ``demo``.
        host: whom things are sent to, for the person (``api.anthropic.com``); empty on this machine.
        place: ``local``, ``lan HOST``, ``REMOTE HOST`` or ``demo``.
        is_free: it costs nothing: this machine, or its own network.
        shares_slot: it uses the server that answers fast questions, which serves one after another.
        parallel: calls that may run at the same time.
        num_ctx: tokens of the window, as the fast path has it loaded; 0 leaves it to the server.
        window: tokens that fit; 0 when not known.
        note: what the person must know of this choice (no remote is set, it is offline); may be empty.
    """

    caller: Caller
    model: str
    effort: Effort
    provider: str
    host: str
    place: str
    is_free: bool = False
    shares_slot: bool = False
    parallel: int = 5
    num_ctx: int = 0
    keep_alive: str = "30m"
    window: int = 0
    note: str = ""

    @property
    def is_local(self) -> bool:
        """Whether nothing leaves this machine."""
        return self.place in ("local", "demo")

    @property
    def route(self) -> Route:
        """How an answer from here is labelled."""
        return Route.DEEP_LOCAL if self.is_local and self.provider != "demo" else Route.DEEP
