"""Depth on the server that answers fast questions: the same loaded model, asked to think first."""

from core.engine.models import Models
from core.engine.ready import Ready
from core.errors import HouseError
from core.providers.base import Provider
from core.providers.choice import choose, memory_bytes
from core.providers.larger import Larger, fits_beside, larger_than

USUAL_LOAD_S = 20.0
"""Of a model whose load was never seen."""


class NotHere(HouseError):
    """Depth was asked for on this machine, and the model in use runs elsewhere."""

    kind = "model_missing"


class LocalDepth:
    """The fast path's model for a deep question, and what is to be said of it."""

    def __init__(self, provider: Provider, models: Models) -> None:
        self._provider = provider
        self._models = models

    async def ready(self, model: str, *, must_be_here: bool) -> Ready:
        """The model with its frozen profile, so that nothing reloads; asks the server only when it must.

        Args:
            model: empty is the one in use.

        Raises:
            HouseError: There is none, or (with `must_be_here`) none that runs here.
        """
        ready = self._models.known(model) if model else self._models.in_use()
        ready = ready or await self._models.ready(model or None)
        if not must_be_here or not self.is_elsewhere(ready):
            return ready
        # A cloud model answers fast questions; one that is installed beside it can think here.
        installed = (
            choose(self._models.seen, self._memory()) if self._provider.fetches and not model else None
        )
        if installed is None:
            where = self._provider.place(ready.remote_host).removeprefix("REMOTE ")
            raise NotHere(
                f"{ready.model} runs at {where}", "Choose a model of this machine for it (F2, or -m)."
            )
        return await self._models.ready(installed.model.name)

    def is_elsewhere(self, ready: Ready) -> bool:
        """Whether it runs at a service, which serves many at a time.

        Of an Ollama whose name was not looked up yet that is not known: it is somebody's own until it is.
        """
        is_service = not self._provider.fetches and self._provider.place().startswith("REMOTE")
        return bool(ready.remote_host) or is_service

    def note(self, ready: Ready, why: str = "") -> str:
        """What the person must know of it, in one line; empty when there is nothing."""
        does = "answers here, and cannot think first" if ready.can_think is False else "thinks here"
        told = f"{ready.model} {does}"
        notes = [f"{why}: {told}" if why else told if ready.can_think is False else "", self._price(ready)]
        return " · ".join(note for note in notes if note)

    def _price(self, ready: Ready) -> str:
        """What another model than the one in use costs the fast path, or which larger one could be had."""
        used = self._models.in_use()
        if used is None:
            return ""
        if ready.model == used.model:
            return self._offer(larger_than(used.model, self._models.seen, self._memory()), used)
        by_name = {model.name: model for model in self._models.seen}
        asked, before = by_name.get(ready.model), by_name.get(used.model)
        if asked and before and fits_beside(asked, before, self._models.seen, self._memory()):
            return ""
        return self._unloads(ready.model, used)

    def _offer(self, larger: Larger | None, used: Ready) -> str:
        if larger is None:
            return ""
        name = larger.model.name
        cost = "fits beside it" if larger.fits_beside else self._unloads(name, used)
        return f"{name} is larger (deep.model takes it) and {cost}"

    def _unloads(self, name: str, used: Ready) -> str:
        known = self._models.known(name)
        load_s = known.usual_load_ms / 1000 if known and known.usual_load_ms else USUAL_LOAD_S
        return f"unloads {used.model}, about {load_s:.0f} s each way"

    def _memory(self) -> int:
        return memory_bytes() if self._provider.place() == "local" else 0
