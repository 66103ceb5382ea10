"""Which installed model answers at once, when the person has not said: decided once, then kept.

The rule: models that run elsewhere, that cannot chat, or whose thinking cannot be turned off are passed
over; of the rest the strongest that fits this machine; a loaded one wins a tie. Sizes and families follow
the maintainers' own memory table (``integration/tools_test.go``) and what was measured on the field.
"""

import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.providers.base import ModelInfo, Think

GIB = 1024**3
FITS_OF_MEMORY = 0.4
"""Share of the machine's memory a model's file may take: system, window and the person's work need theirs."""
LOADS_OF_MEMORY = 0.8
"""Beyond this share it would not even load, whatever it is worth."""
FITS_UNKNOWN_BYTES = 6 * GIB
STRONG_ENOUGH = 9.0
"""Billions of weights beyond which a fast model gains little and loses its speed."""

_CANNOT_CHAT = re.compile(
    r"embed|minilm|bge[-:]|bert|rerank|paraphrase|[-:/]ocr|ocr:|moondream|llava|whisper|guard|shield"
)
_CANNOT_CHAT_FAMILIES = re.compile(r"bert|clip|whisper")
_BASE = re.compile(r"[-:_](base|text|fim)\b|:([^:]*-)?code\b")
_ALWAYS_THINKS = re.compile(
    r"gpt-oss|deepseek-r1|qwq|magistral|thinking|reasoning|thinker|deepscaler|exaone-deep|marco-o1"
)
_GENERATION = (  # billions of weights that a newer generation is worth
    (("qwen3.5", "qwen3.6", "qwen3.8", "gemma4"), 2.0),
    (("qwen3", "gemma3", "granite4", "ministral-3", "lfm2.5"), 1.0),
    (("llama3.2", "llama3.1", "phi4", "qwen2.5", "mistral-small"), 0.5),
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A choice and the sentence that says why."""

    model: ModelInfo
    reason: str


@dataclass(frozen=True, slots=True)
class MeasuredHere:
    """What `leadline tune` found of a model on this machine, as far as a choice rests on it.

    Attributes:
        warm_ttft_s: the usual time to the first token once it is loaded.
        is_responsive: that is at most what people wait without noticing much.
        worth: intelligence per second; the more the better.
        words: ``78 % at 0.31 s``.
    """

    warm_ttft_s: float
    is_responsive: bool
    worth: float
    words: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A model to fetch when none is installed; the size is about what is downloaded."""

    name: str
    size_gb: float


def is_cloud(model: ModelInfo) -> bool:
    """Whether it runs elsewhere and is only passed on by the server."""
    tag = model.name.rpartition(":")[2]
    return bool(model.remote_host) or tag == "cloud" or model.name.endswith("-cloud")


def cloud_host(model: ModelInfo) -> str:
    """Where a cloud model really runs; empty for one that runs on the server itself."""
    return model.remote_host or ("https://ollama.com" if is_cloud(model) else "")


def can_chat(model: ModelInfo) -> bool:
    """Whether it answers questions at all (an embedding model does not)."""
    if model.capabilities is not None and "completion" not in model.capabilities:
        return False
    name = model.name.lower()
    return not (
        _CANNOT_CHAT.search(name) or _BASE.search(name) or _CANNOT_CHAT_FAMILIES.search(model.family.lower())
    )


def always_thinks(model: ModelInfo) -> bool:
    """Whether its thinking cannot be turned off."""
    return model.family == "gptoss" or bool(_ALWAYS_THINKS.search(model.name.lower()))


def can_think(model: ModelInfo) -> bool | None:
    """Whether it can think before it answers; None on servers that do not say."""
    if always_thinks(model):
        return True
    return None if model.capabilities is None else "thinking" in model.capabilities


def think_for(model: ModelInfo) -> Think:
    """What the fast path asks of its reasoning; only gpt-oss takes levels and no "off"."""
    return "low" if model.family == "gptoss" or "gpt-oss" in model.name.lower() else False


def needs_show(model: ModelInfo) -> bool:
    """Whether an older server left out what the choice needs to know."""
    return model.capabilities is None and not is_cloud(model) and can_chat(model)


def choose(
    models: tuple[ModelInfo, ...], memory_bytes: int, measured: Mapping[str, MeasuredHere] | None = None
) -> Chosen | None:
    """The model for the fast path; None when no model here can answer.

    What was measured goes before what is believed of sizes and names: the best of those that are responsive.
    Where none of them is, the strongest of those that nobody has measured; where there is none of these
    either, the quickest. One that was measured alone was compared with nothing: it is taken for that only
    where it would be taken anyway. Measuring begins with the smallest, and may be stopped behind it.

    Args:
        memory_bytes: of the machine the models run on; 0 when not known (another machine).
        measured: by the model's identity.
    """
    here = [model for model in models if not is_cloud(model) and can_chat(model)]
    fitting = [model for model in here if not always_thinks(model) and _fits(model, memory_bytes)]
    if measured and fitting:
        if (by_measure := _best_measured(here, memory_bytes, measured)) is not None and (
            by_measure.model == max(fitting, key=_rank) or _count(here, measured) > 1
        ):
            return by_measure
        fitting = [model for model in fitting if model.identity not in measured] or fitting
    if fitting:
        best = max(fitting, key=_rank)
        reason = (
            "the strongest installed model that fits here"
            if len(fitting) > 1
            else "the installed model that fits"
        )
        return Chosen(best, reason)
    if not here:
        return None
    # What would not even load is worse than what thinks, and what thinks is worse than what is slow.
    least_bad = min(
        here, key=lambda model: (not loads(model, memory_bytes), always_thinks(model), model.size_bytes)
    )
    return Chosen(least_bad, "no installed model is a good fit; this one comes nearest")


def _count(here: Sequence[ModelInfo], measured: Mapping[str, MeasuredHere]) -> int:
    return sum(model.identity in measured for model in here)


def _best_measured(
    here: Sequence[ModelInfo], memory: int, measured: Mapping[str, MeasuredHere]
) -> Chosen | None:
    """The best of what was measured; None where something that was not may do better than all of it."""
    known = [
        (measured[model.identity], model)
        for model in here
        if model.identity in measured and loads(model, memory)
    ]
    responsive = [(found, model) for found, model in known if found.is_responsive]
    if responsive:
        found, model = max(responsive, key=lambda pair: (pair[0].worth, pair[1].name))
        return Chosen(model, f"the best that was measured here, {found.words}")
    is_all_known = len(known) == sum(_fits(model, memory) and not always_thinks(model) for model in here)
    if known and is_all_known:
        found, model = min(known, key=lambda pair: (pair[0].warm_ttft_s, pair[1].name))
        return Chosen(model, f"the quickest that was measured here, {found.words}")
    return None


def choose_served(models: tuple[ModelInfo, ...], is_near: bool) -> Chosen | None:
    """The model of a server that somebody set up with what it serves; None when the person must say.

    Args:
        is_near: of a server far away, which has models by the hundred and wants money for them, nothing is
            taken unasked but the only one it has.
    """
    able = [model for model in models if can_chat(model)]
    if len(able) == 1:
        return Chosen(able[0], "the only model that is served there")
    if not able or not is_near:
        return None
    loaded = next((model for model in able if model.is_loaded), None)
    if loaded is not None:
        return Chosen(loaded, "the model that is loaded there")
    return Chosen(able[0], "the first model that is served there")


def propose(memory_bytes: int) -> Proposal:
    """The model to fetch on a machine like this one."""
    if memory_bytes and memory_bytes < 12 * GIB:
        return Proposal("llama3.2:1b", 1.3)
    if sys.platform == "darwin" and memory_bytes >= 16 * GIB:
        return Proposal("qwen3.5:4b", 3.4)
    return Proposal("llama3.2:3b", 2.0)


def memory_bytes() -> int:
    """Memory of this machine; 0 when the system does not say."""
    if sys.platform == "win32":
        import ctypes

        kilobytes = ctypes.c_ulonglong()
        is_known = ctypes.windll.kernel32.GetPhysicallyInstalledSystemMemory(ctypes.byref(kilobytes))
        return kilobytes.value * 1024 if is_known else 0
    else:  # noqa: RET505  (mypy reads one platform at a time, and calls a plain rest unreachable)
        try:
            return max(0, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
        except (ValueError, OSError):
            return 0


def _fits(model: ModelInfo, memory: int) -> bool:
    if model.is_loaded and model.loaded_vram_bytes >= model.loaded_bytes > 0:
        return True  # it is wholly on a GPU already
    return model.size_bytes <= (memory * FITS_OF_MEMORY if memory else FITS_UNKNOWN_BYTES)


def loads(model: ModelInfo, memory: int) -> bool:
    """Whether it can be loaded at all; memory 0 is not known."""
    return model.is_loaded or not memory or model.size_bytes <= memory * LOADS_OF_MEMORY


def _rank(model: ModelInfo) -> tuple[float, bool, float]:
    return (_strength(model), model.is_loaded, _modified(model))


def _modified(model: ModelInfo) -> float:
    """When it was fetched, in Unix time: servers write it in their own time zone."""
    try:
        return datetime.fromisoformat(model.modified_at).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0


def _strength(model: ModelInfo) -> float:
    """Roughly how good its answers are, in billions of weights."""
    name = model.name.lower()
    generation = next(
        (bonus for names, bonus in _GENERATION if name.rpartition("/")[2].startswith(names)), 0.0
    )
    purpose = 0.5 if "instruct" in name or "coder" in name else 0.0
    sees = 0.5 if re.search(r"-?vl\b|vision", name) else 0.0  # part of its weights is for pictures
    return round(min(billions(model), STRONG_ENOUGH) + generation + purpose - sees, 2)


def billions(model: ModelInfo) -> float:
    """Weights that count: of a mixture of experts about twice the active ones."""
    total = model.parameters / 1e9 or model.size_bytes / GIB
    if active := re.search(r"-a(\d{1,3}(?:\.\d{1,3})?)b", model.name.lower()):
        return float(active[1]) * 2
    return total / 5 if model.family.lower().endswith("moe") else total
