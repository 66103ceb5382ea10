"""Steps down to a quicker model, by offer: where the one in use keeps people waiting three times running."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from core.engine.measurements import Measurements
from core.engine.models import Models
from core.engine.ready import Ready
from core.errors import StoreUnavailable
from core.metrics.waits import wait_of
from core.providers.base import ModelInfo
from core.providers.choice import MeasuredHere, always_thinks, billions, can_chat, is_cloud
from core.store.measured import Measured, MeasuredStore

MISS_MS = 1_000.0
"""Beyond it the model itself is not responsive; loading and other people's requests are not its fault."""
RUNNING = 3


class Smaller(NamedTuple):
    """A model that is sooner there.

    Attributes:
        ttft_ms: its warm first token as it was measured here; None when it never was.
    """

    name: str
    ttft_ms: float | None = None


class Stepping:
    """Knows the model below the one in use, and when it is time to name it."""

    def __init__(self, models: Models, store: MeasuredStore, measurements: Measurements) -> None:
        self._models = models
        self._store = store
        self._measurements = measurements
        self._told: set[str] = set()

    def smaller(self) -> Smaller | None:
        """The model to step down to, as far as that is known without asking; None when there is none."""
        return smaller_than(self._models.in_use(), self._models.seen, self._measurements.here())

    def due(self) -> Smaller | None:
        """The same when the model in use was late three times running: once for each model, else None."""
        ready = self._models.in_use()
        if ready is None or ready.remote_host or ready.model in self._told or not self._is_late(ready.model):
            return None
        smaller = self.smaller()
        if smaller is not None:
            self._told.add(ready.model)
        return smaller

    def _is_late(self, model: str) -> bool:
        try:
            last = self._store.last_made(model, RUNNING)
        except StoreUnavailable:
            return False
        return len(last) == RUNNING and all(map(is_miss, last))


def is_miss(answer: Measured) -> bool:
    """Whether a first token was late, and by the model's own doing."""
    if answer.ttft_ms is None or answer.ttft_ms <= MISS_MS:
        return False
    has_durations = bool(answer.prefill_ms or answer.decode_ms or answer.load_ms)
    thinking_ms = answer.thinking_ms or 0.0
    wait = wait_of(
        answer.ttft_ms, answer.load_ms, answer.prefill_ms, thinking_ms, has_durations=has_durations
    )
    return wait is None or answer.ttft_ms - wait.load_ms - wait.queue_ms > MISS_MS


def smaller_than(
    ready: Ready | None, models: Sequence[ModelInfo], measured: Mapping[str, MeasuredHere]
) -> Smaller | None:
    """The model to step down to, among those that run where the server does; None when there is none.

    Of those that were measured and are responsive the best; else the next one by size.
    """
    in_use = next((model for model in models if ready is not None and model.name == ready.model), None)
    if in_use is None:
        return None
    others = [
        model
        for model in models
        if model.name != in_use.name and can_chat(model) and not is_cloud(model) and not always_thinks(model)
    ]
    known = {model.name: measured[model.identity] for model in others if model.identity in measured}
    here = measured.get(in_use.identity)
    quick = [
        name
        for name, found in known.items()
        if found.is_responsive and (here is None or found.warm_ttft_s < here.warm_ttft_s)
    ]
    if quick:
        name = max(quick, key=lambda each: (known[each].worth, each))
        return Smaller(name, known[name].warm_ttft_s * 1000)
    below = [model for model in others if billions(model) < billions(in_use) and model.name not in known]
    return Smaller(max(below, key=billions).name) if below else None
