"""What the server is to say, how fast, and what is to go wrong; one frozen value, replaced as a whole."""

import re
from dataclasses import dataclass, replace

from tests.server.faults import Fault, Refusal
from tests.server.models import Loaded, Model
from tests.server.runner import Pace
from tests.server.scenes import Reply, Scene, Words


@dataclass(frozen=True, slots=True)
class Pull:
    """How a download goes.

    Attributes:
        layers: bytes of each layer.
        seconds: the whole download, when nothing is there yet; 0 is at once.
        step_s: between two progress lines.
        error: when set, an error line (with status 200, as Ollama does) instead of the layers.
    """

    layers: tuple[int, ...] = (2_000_000_000, 487)
    seconds: float = 0.0
    step_s: float = 0.06
    error: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """How the server behaves from the next request on; a request under way keeps the one it began with.

    Attributes:
        version: as /api/version says it.
        models: installed ones; giving others forgets what was pulled and deleted since.
        loaded: models in memory when the server starts, or from when this is changed.
        tags_say_capabilities: False is a middle-aged server: only /api/show says capabilities.
        reply: see `Reply`.
        thinking: said before the reply by a model that can think, unless the request's `think` is false.
        tokens_per_s: pieces a second on an absolute schedule; 0 is as fast as it goes.
        ttft_s: prefill: from having a slot and the model in memory to the first token.
        pace: a machine with slots and a prefix cache, instead of `tokens_per_s`, `ttft_s` and `slots`.
        shows_prompts: whether it knows `_debug_render_only`; older servers answer as if it were not there.
        chips: what fills a request's JSON schema, text by text; None answers it with the reply.
        load_s: how long loading takes.
        memory_holds: so many models fit; loading another one drops the one loaded longest ago. 0 is any.
        slots: requests one model answers at the same time; the others wait in the order they came.
        max_queue: how many may wait for one model; the next is told 503.
        pull: how a download goes.
        owned_by: what /v1/models says, by which kinds of servers are known (``llamacpp``, ``vllm``).
        served_ctx: the window of a ``llamacpp`` server.
        reasoning_field: where the OpenAI-compatible stream puts its thinking.
        cost_usd: what the OpenAI-compatible stream says the answer cost; None is nothing.
        keep_alive: the bytes of a sign of life; empty is the protocol's own.
        scenes: requests that are answered differently, on the `fault_paths`.
        fault: what goes wrong; None is nothing.
        fault_times: requests it happens to, counted from when the script was set; None is all.
        fault_paths: where it happens; empty is everywhere.
        fault_after: pieces (or progress lines of a pull) before a fault that happens midway.
        stall_s: how long ``stall``, ``keep_alives`` and those midway take.
        refused: status, body and headers of ``refused``.
        raw_body: what ``raw``, ``raw_cut`` and ``raw_stall`` send as the body of the stream, byte for byte.
        raw_cuts: offsets in `raw_body`; each part is a chunk and a write of its own.
    """

    version: str = "0.33.0"
    models: tuple[Model, ...] = (Model("qwen3.5:4b"),)
    loaded: tuple[Loaded, ...] = ()
    tags_say_capabilities: bool = True
    reply: Reply = ("Use", " `git", " switch`", ".")
    thinking: Words = ""
    tokens_per_s: float = 0.0
    ttft_s: float = 0.0
    pace: Pace | None = None
    shows_prompts: bool = True
    chips: tuple[str, ...] | None = None
    load_s: float = 0.0
    memory_holds: int = 0
    slots: int = 1
    max_queue: int = 512
    pull: Pull = Pull()
    fault: Fault | None = None
    fault_times: int | None = None
    fault_paths: tuple[str, ...] = ("/api/chat", "/api/generate", "/v1/chat/completions", "/v1/messages")
    owned_by: str = "library"
    served_ctx: int = 4096
    reasoning_field: str = "reasoning_content"
    cost_usd: float | None = None
    keep_alive: bytes = b""
    scenes: tuple[Scene, ...] = ()
    fault_after: int = 2
    stall_s: float = 60.0
    refused: Refusal | None = None
    raw_body: bytes = b""
    raw_cuts: tuple[int, ...] = ()

    @property
    def places(self) -> int:
        """How many requests a model is given at the same time."""
        return self.slots if self.pace is None else self.pace.slots


def staged(script: Script, scene: Scene) -> Script:
    """The script with what a scene says instead."""
    fields = ("reply", "thinking", "tokens_per_s", "ttft_s", "cost_usd", "fault_after", "stall_s", "refused")
    said = {name: getattr(scene, name) for name in (*fields, "raw_body")}
    if scene.reply is not None:
        script = replace(script, chips=None)
    return replace(script, **{name: value for name, value in said.items() if value is not None})


def pieces_of(words: Words) -> tuple[str, ...]:
    """Cut a text into pieces that give the text again when joined; exact pieces stay as they are."""
    if isinstance(words, str):
        return tuple(re.findall(r"\s*\S{1,12}|\s+", words))
    return tuple(words)
