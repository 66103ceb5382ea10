"""Where a deep question goes: the place that the settings name, or this machine; and what to do offline."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from core.deep.arming import Prepared
from core.deep.depth import Depth
from core.deep.question import DeepQuestion
from core.deep.yielding import YieldingCaller
from core.engine.callers import Callers
from core.engine.local_depth import LocalDepth
from core.engine.models import Models
from core.engine.ready import Ready
from core.errors import HouseError, SettingsInvalid
from core.lanes import Lanes
from core.providers.address import parse_address
from core.providers.base import ModelInfo, Provider
from core.providers.choice import cloud_host
from core.providers.deep.calls import Effort
from core.providers.deep.limits import DeepLimits
from core.providers.deep.reach import has_way
from core.providers.deep.vendors import AS_OF, Vendor, vendor_at_hand
from core.settings.model import DeepSettings, Settings

AT_ONCE = 5
"""Calls that one remote place gets at the same time."""
TRY_AGAIN_S = 30.0
"""Between two looks for a way to a provider that could not be reached."""


class OfflineWay(StrEnum):
    """What is done with a run whose provider cannot be reached."""

    ASK = "ask"
    LOCAL = "local"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class AfterOffline:
    """How a run goes on that found its provider offline.

    Attributes:
        depth: this machine, with a note that says why; of `ASK` what would be used, None when there is
            nothing here that could; always None for `QUEUE`.
    """

    way: OfflineWay
    depth: Depth | None = None


class Depths:
    """The places of one process; none is connected to before it is called.

    Args:
        again_s: see `TRY_AGAIN_S`.
    """

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        provider: Provider,
        models: Models,
        lanes: Lanes,
        limits: DeepLimits = DeepLimits(),  # noqa: B008  (frozen)
        again_s: float = TRY_AGAIN_S,
    ) -> None:
        self._settings = settings
        self._environ = environ
        self._provider = provider
        self._lanes = lanes
        self._again_s = again_s
        self._local = LocalDepth(provider, models)
        self._callers = Callers(environ, limits)
        self._taken: Vendor | None = None

    @property
    def deep(self) -> DeepSettings:
        """The settings as they hold now, with the offer that was taken."""
        deep = self._settings.deep
        return self._taken.settings(deep) if self._taken else deep

    async def find(self, question: DeepQuestion) -> Depth:
        """Where this question would go; sends nothing, and looks up no name.

        Only when no model was ever chosen for the fast path is its server asked which ones it has.

        Raises:
            HouseError: No model is set, no key is there, or nothing here can answer.
        """
        if self._is_demo:
            return self._demo(question.model)
        if question.is_local:
            return await self._here(question.model, "", must_be_here=True)
        if not self.deep.provider:
            model = question.model or self.deep.model
            return await self._here(model, "no remote model is set", must_be_here=False)
        return await self._there(question.model or self.deep.model)

    async def after_offline(self, prepared: Prepared, *, can_ask: bool = True) -> AfterOffline:
        """What to do with a run that failed with `Offline` before any text, as ``deep.when_offline`` says.

        Where nobody can be asked (a pipe), ``ask`` is this machine. Nothing is sent for finding out.

        Raises:
            HouseError: It is to be done here, and nothing here can do it.
        """
        way = OfflineWay.QUEUE if prepared.question.queues else OfflineWay(self.deep.when_offline)
        if way is OfflineWay.QUEUE:
            return AfterOffline(way)
        why = f"no way to {prepared.depth.host or prepared.depth.caller.address}"
        if way is OfflineWay.LOCAL or not can_ask:
            return AfterOffline(OfflineWay.LOCAL, await self._here("", why, must_be_here=True))
        try:
            return AfterOffline(way, await self._here("", why, must_be_here=True))
        except HouseError:
            return AfterOffline(way)

    async def wait_for_way(self, depth: Depth, again: asyncio.Event) -> None:
        """Return when a place can be reached again; looks every half minute, and when `again` is set."""
        address = parse_address(depth.caller.address, "deep.base_url")
        while True:
            try:
                async with asyncio.timeout(self._again_s):
                    await again.wait()
            except TimeoutError:
                pass
            again.clear()
            if await has_way(address, self._environ):
                return

    def offer(self) -> str:
        """One line about a vendor's key found in the environment; empty when there is nothing to offer."""
        vendor = self._offered()
        return f"{vendor.name} found in the environment · F4 uses it" if vendor else ""

    def take_offer(self) -> str:
        """Use that vendor from now on, in this process alone; what to say of it, empty without an offer."""
        vendor = self._offered()
        if vendor is None:
            return ""
        self._taken = vendor
        return f"{vendor.model} thinks until you quit · leadline config set deep.provider keeps one for good"

    async def aclose(self) -> None:
        """Give back connections."""
        await self._callers.aclose()

    @property
    def _is_demo(self) -> bool:
        return self._provider.place() == "demo"

    def _offered(self) -> Vendor | None:
        if self._is_demo or self.deep.provider:
            return None
        return vendor_at_hand(self._environ)

    def _demo(self, model: str) -> Depth:
        from core.providers.demo import MODEL_NAME, WINDOW, DemoProvider
        from core.providers.demo_deep import DemoCaller

        caller = DemoCaller(self._provider.pace if isinstance(self._provider, DemoProvider) else None)
        effort = Effort(self.deep.effort)
        return Depth(caller, model or MODEL_NAME, effort, "demo", "", "demo", is_free=True, window=WINDOW)

    async def _here(self, model: str, why: str, *, must_be_here: bool) -> Depth:
        """The server of the fast path, with its options byte for byte."""
        ready = await self._local.ready(model, must_be_here=must_be_here)
        bare = replace(self._settings, deep=DeepSettings())
        return await self._beside_the_fast(bare, ready, self._local.note(ready, why))

    async def _there(self, model: str) -> Depth:
        """The place that the settings name."""
        if not model:
            raise SettingsInvalid(
                f"deep.provider is {self.deep.provider} and no model is set",
                "Set deep.model (`leadline config set deep.model NAME`).",
            )
        settings = replace(self._settings, deep=self.deep)
        place = await self._callers.place(settings, is_offer=self._taken is not None)
        is_fast = place.address.url == self._provider.address
        remote_host = cloud_host(ModelInfo(model)) if self.deep.provider == "ollama" else ""
        if self.deep.provider == "ollama" and is_fast and not remote_host:
            ready = await self._local.ready(model, must_be_here=False)
            return await self._beside_the_fast(settings, ready, self._local.note(ready))
        caller = self._callers.caller(place)
        if missing := caller.lacks_key(model):
            raise missing
        where = caller.place(remote_host)
        is_near = not where.startswith("REMOTE")
        shares_slot = is_near and is_fast
        is_one_slot = shares_slot or (is_near and self.deep.provider == "ollama")
        return Depth(
            YieldingCaller(caller, self._lanes) if shares_slot else caller,
            model,
            Effort(self.deep.effort),
            self.deep.provider,
            _host(where, place.address.netloc),
            where,
            is_free=is_near,
            shares_slot=shares_slot,
            parallel=1 if is_one_slot else AT_ONCE,
            note=f"{self._taken.name} found in the environment, model as of {AS_OF}" if self._taken else "",
        )

    async def _beside_the_fast(self, settings: Settings, ready: Ready, note: str) -> Depth:
        """A model of the server that answers fast questions, which serves one after another."""
        place = await self._callers.place(settings)
        caller = self._callers.caller(place)
        where = self._provider.place(ready.remote_host)
        is_elsewhere = self._local.is_elsewhere(ready)
        return Depth(
            caller if is_elsewhere else YieldingCaller(caller, self._lanes),
            ready.model,
            Effort.NONE if ready.can_think is False else Effort(self.deep.effort),
            self._provider.name,
            _host(where, place.address.netloc),
            where,
            is_free=not where.startswith("REMOTE"),
            shares_slot=not is_elsewhere,
            parallel=AT_ONCE if is_elsewhere else 1,
            # A service has windows of its own, whatever is asked for.
            num_ctx=ready.profile.num_ctx if self._provider.name == "ollama" and not is_elsewhere else 0,
            keep_alive=self._settings.fast.keep_alive,
            window=ready.profile.largest if is_elsewhere else ready.profile.num_ctx,
            note=note,
        )


def _host(place: str, netloc: str) -> str:
    """Whom things are sent to; nobody, on this machine."""
    if place == "local":
        return ""
    # A cloud model's host is not the one that is spoken to.
    named = place.partition(" ")[2]
    return netloc if named and netloc.startswith(named) else named
