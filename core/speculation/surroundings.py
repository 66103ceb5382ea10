"""What is known of the models that would work ahead: where they run, what they are, what may be done there.

Nothing is sent to a model of which it is not known that it is on this machine: a cloud model can stand behind
a local port. So each is looked up before the first request, and until then nothing is done with it.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from core.errors import HouseError, ProviderError
from core.providers.base import ModelInfo, Provider, Request
from core.providers.choice import cloud_host
from core.speculation.level import Level
from core.speculation.modesty import Judgement, Modesty

LOOK_ANEW_S = 60.0
"""After so long a model may be another one under the same name, or run elsewhere."""
LOOK_AGAIN_S = 5.0
"""Between two looks at a server that did not answer, or does not know the model."""
WRITES_SLOWLY = "writes slowly here: follow-ups are offered, not answered ahead"


class Surroundings:
    """Judges requests by their models.

    Args:
        found: told of the model that is spoken of now, as soon as it is known.
        cap: what of a level is left under the measured delays.
        most: never more than this.
        is_slow: whether the model writes too slowly for answers that nobody has asked for.
    """

    def __init__(
        self,
        provider: Provider,
        modesty: Modesty,
        found: Callable[[ModelInfo], None],
        cap: Callable[[Level], Level],
        most: Level,
        clock: Callable[[], float],
        is_slow: Callable[[], bool] = lambda: False,
    ) -> None:
        self._provider = provider
        self._modesty = modesty
        self._found = found
        self._cap = cap
        self._most = most
        self._clock = clock
        self._is_slow = is_slow
        self._models: dict[str, ModelInfo] = {}
        self._last = ""
        self._keep_alive = ""
        self._looked_at = float("-inf")
        self._looking: asyncio.Task[None] | None = None

    def level(self, request: Request) -> Level:
        """What may be done with a request's model now; nothing before it is known."""
        self._speak_of(request.model)
        self._keep_alive = request.keep_alive
        if request.model not in self._models:
            self._look_behind()
            return Level.OFF
        return self.judgement().level

    def judgement(self) -> Judgement:
        """The same of the model that was spoken of last, with the reason."""
        model = self._models.get(self._last)
        remote_host = "" if model is None else cloud_host(model)
        place = self._provider.place(remote_host)
        judged = self._modesty.judge(place=place, remote_host=remote_host, keep_alive=self._keep_alive)
        capped = min(self._cap(judged.level), self._most)
        if capped < judged.level:
            return Judgement(capped, "what was made ahead was slow to make way")
        if capped is Level.ALL and not judged.reason and self._is_slow():
            return Judgement(capped, WRITES_SLOWLY)
        return judged

    def family(self, model: str) -> str:
        """In the server's words; empty while it is not known."""
        info = self._models.get(model)
        return "" if info is None else info.family

    def is_remote(self, model: str, host: str) -> None:
        """An answer said where it was made: elsewhere."""
        self._models[model] = replace(self._models.get(model, ModelInfo(model)), remote_host=host)

    async def know(self, model: str) -> None:
        """Look the model up, unless that is under way, or was done or in vain a moment ago."""
        self._speak_of(model)
        if model not in self._models or self._clock() - self._looked_at > LOOK_ANEW_S:
            self._look_behind()
        if self._looking is not None:
            await asyncio.wait({self._looking})

    def look_again(self) -> None:
        """What is loaded has changed."""
        self._looked_at = float("-inf")
        self._look_behind()

    async def aclose(self) -> None:
        """Stop looking."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait({self._looking})

    def _look_behind(self) -> None:
        if self._looking is not None or self._clock() - self._looked_at < LOOK_AGAIN_S:
            return
        if self._most is Level.OFF or self.judgement().level is Level.OFF:
            return
        self._looked_at = self._clock()
        self._looking = asyncio.create_task(self._look())
        self._looking.add_done_callback(self._looked)

    def _looked(self, _: "asyncio.Task[None]") -> None:
        self._looking = None

    async def _look(self) -> None:
        name = self._last  # another one may be spoken of before the server has said what this one is
        with suppress(ProviderError):
            state = await self._provider.look()
            for model in state.models:
                if model.name in (name, f"{name}:latest"):
                    shown = await self._provider.show(model) if model.capabilities is None else model
                    known = self._models.get(name)
                    if known is None or not known.remote_host:
                        self._models[name] = shown
                        self._tell(name)

    def _speak_of(self, model: str) -> None:
        """From now on it is about this model."""
        if model != self._last:
            self._last = model
            self._tell(model)

    def _tell(self, name: str) -> None:
        """Say what is known of the model that is spoken of."""
        known = self._models.get(name)
        if known is not None and name == self._last:
            with suppress(HouseError):  # what was measured of it before stays unknown, then
                self._found(known)
