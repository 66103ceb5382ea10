"""The model to step down to, named where the one in use keeps people waiting."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from core.engine.ready import Ready
from core.providers.base import ModelInfo
from core.providers.choice import always_thinks, billions, can_chat, is_cloud


class Smaller(NamedTuple):
    """A model that is sooner there.

    Attributes:
        ttft_ms: its warm first token as it was measured here; None when it never was.
    """

    name: str
    ttft_ms: float | None = None


def smaller_than(
    ready: Ready | None, models: Iterable[ModelInfo], measured: Mapping[str, float] | None = None
) -> Smaller | None:
    """The next smaller model that is installed and runs where the server does; None when there is none.

    Args:
        measured: warm first tokens in milliseconds, by the model's digest.
    """
    there = tuple(models)
    in_use = next((model for model in there if ready is not None and model.name == ready.model), None)
    if in_use is None:
        return None
    below = [
        model
        for model in there
        if billions(model) < billions(in_use)
        and can_chat(model)
        and not is_cloud(model)
        and not always_thinks(model)
    ]
    if not below:
        return None
    taken = max(below, key=billions)
    return Smaller(taken.name, (measured or {}).get(taken.digest))
