"""Which installed model would think better than the one in use, and whether both fit into memory."""

from typing import NamedTuple

from core.providers.base import ModelInfo
from core.providers.choice import LOADS_OF_MEMORY, billions, can_chat, can_think, is_cloud, loads

CLEARLY_LARGER = 1.5
"""So many times the weights; less is not worth the time of loading it."""


class Larger(NamedTuple):
    """A larger model that is there already.

    Attributes:
        fits_beside: the model in use stays in memory.
    """

    model: ModelInfo
    fits_beside: bool


def larger_than(name: str, models: tuple[ModelInfo, ...], memory_bytes: int) -> Larger | None:
    """The largest model that loads and can think; None when there is none, or `name` is not among them.

    Args:
        memory_bytes: of the machine they run on; 0 when not known.
    """
    used = next((model for model in models if model.name == name), None)
    if used is None:
        return None
    able = [
        model
        for model in models
        if not is_cloud(model)
        and can_chat(model)
        and can_think(model) is not False
        and loads(model, memory_bytes)
        and billions(model) >= CLEARLY_LARGER * billions(used)
    ]
    if not able:
        return None
    best = max(able, key=billions)
    return Larger(best, fits_beside(best, used, models, memory_bytes))


def fits_beside(model: ModelInfo, used: ModelInfo, models: tuple[ModelInfo, ...], memory_bytes: int) -> bool:
    """Whether a model can be loaded without another one having to go.

    Known only of models that are loaded together, and of a machine's own memory: what a graphics card
    holds, no server tells.
    """
    if model.is_loaded and used.is_loaded:
        return True
    loaded = [each for each in models if each.is_loaded and each.name != model.name]
    if not memory_bytes or any(each.loaded_vram_bytes for each in loaded):
        return False
    in_memory = loaded if used.is_loaded else [*loaded, used]
    needed = model.size_bytes + sum(each.loaded_bytes or each.size_bytes for each in in_memory)
    return needed <= memory_bytes * LOADS_OF_MEMORY
