"""Which model answers, with which frozen profile; what the server is like; what the first minute needs.

A model and its options are decided once and kept in the store, so that a later start can send its question
at once and look at the server behind it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from core.errors import (
    AccessRefused,
    HouseError,
    ModelMissing,
    ProviderError,
    ProviderUnreachable,
    ProxyInTheWay,
    StoreUnavailable,
)
from core.providers.base import Ended, ModelInfo, Profile, Provider, ServerState, Think
from core.providers.choice import Proposal, choose, cloud_host, is_cloud, memory_bytes, needs_show, propose, think_for
from core.settings.model import FastSettings
from core.store.facts import Choice, Facts, ModelFact

SMALLEST_AUTO_CTX = 8192
LOAD_WORTH_KNOWING_MS = 300.0
"""Below it the server only looked its model up; a real load starts a process."""


class Readiness(StrEnum):
    """The states of the first minute."""

    READY = "ready"
    NO_SERVER = "no_server"
    NO_MODEL = "no_model"
    REFUSED = "refused"
    PROXY = "proxy"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a look at the server means for the person.

    Attributes:
        message, remedy: what is missing and the next step; empty when ready.
        model: the model that would answer; None when there is none.
        proposal: what to fetch, when no model is there.
    """

    readiness: Readiness
    message: str = ""
    remedy: str = ""
    model: ModelInfo | None = None
    place: str = ""
    version: str = ""
    note: str = ""
    usual_load_ms: float | None = None
    proposal: Proposal | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """A model with everything a request to it needs.

    Attributes:
        note: what the person should be told now (a choice that was just made); empty otherwise.
        is_pinned_auto: chosen by us, so that we may choose again when it is gone.
    """

    model: str
    profile: Profile
    think: Think
    usual_load_ms: float | None = None
    remote_host: str = ""
    note: str = ""
    is_pinned_auto: bool = False


class Models:
    """The models of one provider, as far as the fast path needs them."""

    def __init__(
        self, provider: Provider, facts: Facts, settings: FastSettings, now: Callable[[], float] = time.time
    ) -> None:
        self._provider = provider
        self._facts = facts
        self._settings = settings
        self._now = now
        self._ready: dict[str, Ready] = {}
        self._windows: dict[str, int] = {}
        self._state: ServerState | None = None
        self._used = ""

    async def ready(self, asked: str | None) -> Ready:
        """The model for a question; only what is not known yet costs a look at the server.

        Raises:
            ModelMissing: There is none, with what to fetch.
            ProviderError: The server had to be asked, and did not answer.
        """
        name, is_auto = self._wanted(asked)
        if name and name in self._ready:
            return self._ready[name]
        if name and (known := self._from_store(name, is_auto)):
            self._ready[name] = known
            return known
        state = await self._look()
        note = ""
        if not name:
            name, note = await self._choose(state)
        info = self._find(state, name)
        if info is None:
            raise ModelMissing(
                f"{name} is not installed", f"Fetch it with `leadline pull {name}`, or choose another (F2)."
            )
        ready = self._keep(info, note, is_auto)
        return ready

    async def choose_again(self) -> Ready:
        """The chosen model is gone: choose among what is there now, and say so."""
        state = await self._look()
        name, note = await self._choose(state)
        info = self._find(state, name)
        assert info is not None
        return self._keep(info, note, is_auto=True)

    async def outlook(self) -> Outlook:
        """Look at the server and say what is missing, if anything; never raises a `ProviderError`."""
        try:
            state = await self._look()
            ready = await self.ready(None)
        except ModelMissing as error:
            version = self._state.version if self._state else ""
            proposal = propose(self._memory())
            return Outlook(
                Readiness.NO_MODEL,
                error.message,
                error.remedy,
                place=self._provider.place(),
                version=version,
                proposal=self._proposal(proposal),
            )
        except ProxyInTheWay as error:
            return Outlook(Readiness.PROXY, error.message, error.remedy, place=self._provider.place())
        except ProviderUnreachable as error:
            return Outlook(Readiness.NO_SERVER, error.message, error.remedy, place=self._provider.place())
        except AccessRefused as error:
            return Outlook(Readiness.REFUSED, error.message, error.remedy, place=self._provider.place())
        except ProviderError as error:
            return Outlook(Readiness.NO_SERVER, error.message, error.remedy, place=self._provider.place())
        return Outlook(
            Readiness.READY,
            model=self._find(state, ready.model),
            place=self._provider.place(ready.remote_host),
            version=state.version,
            note=ready.note or state.note,
            usual_load_ms=ready.usual_load_ms,
        )

    async def installed(self) -> tuple[ModelInfo, ...]:
        """Every model the server has."""
        return (await self._look()).models

    async def use(self, name: str) -> Ready:
        """The person chooses a model, from now on.

        Raises:
            ModelMissing: It is not installed.
        """
        state = await self._look()
        info = self._find(state, name)
        if info is None:
            raise ModelMissing(
                f"{name} is not installed", f"Fetch it with `leadline pull {name}` (or /pull {name})."
            )
        self._pin(info.name, "chosen by you")
        self._used = info.name
        return self._keep(info, "", is_auto=False)

    def widen(self, window: int) -> Ready | None:
        """Take another window for the model in use; it reloads with the next question."""
        name, _ = self._wanted(None)
        ready = self._ready.get(name)
        if ready is None:
            return None
        self._windows[name] = window
        widened = replace(ready, profile=Profile(window, ready.profile.largest))
        self._ready[name] = widened
        self._remember(widened, "")
        return widened

    async def check_behind(self, ready: Ready, ended: Ended) -> None:
        """Behind an answer: what was learnt of loading it, and whether the store's facts still hold."""
        load_ms = ended.load_ms if ended.load_ms > LOAD_WORTH_KNOWING_MS else ready.usual_load_ms
        state = await self._look()
        info = self._find(state, ready.model)
        if load_ms != ready.usual_load_ms:
            ready = replace(ready, usual_load_ms=load_ms)
            self._ready[ready.model] = ready
        self._remember(ready, info.digest if info else "")

    def in_use(self) -> Ready | None:
        """The model that the next question would go to, when that is known without asking."""
        name, is_auto = self._wanted(None)
        return self._ready.get(name) or (self._from_store(name, is_auto) if name else None)

    def _wanted(self, asked: str | None) -> tuple[str, bool]:
        """The model's name if it is decided, and whether the decision was ours."""
        if asked:
            return asked, False
        if self._used:
            return self._used, False
        if self._settings.model != "auto":
            return self._settings.model, False
        try:
            choice = self._facts.choice(self._provider.address)
        except StoreUnavailable:
            return "", True
        return (choice.model, True) if choice else ("", True)

    def _from_store(self, name: str, is_auto: bool) -> Ready | None:
        try:
            fact = self._facts.fact(self._provider.address, name)
        except StoreUnavailable:
            return None
        if fact is None:
            return None
        window = self._settings.num_ctx or self._windows.get(name) or fact.num_ctx
        think: Think = "low" if fact.think == "low" else False
        return Ready(
            name, Profile(window, fact.largest), think, fact.load_ms, fact.remote_host, is_pinned_auto=is_auto
        )

    async def _look(self) -> ServerState:
        self._state = await self._provider.look()
        return self._state

    async def _choose(self, state: ServerState) -> tuple[str, str]:
        models = state.models
        if any(map(needs_show, models)):
            models = tuple([await self._provider.show(m) if needs_show(m) else m for m in models])
            self._state = state = ServerState(state.version, models, state.note)
        chosen = choose(models, self._memory())
        if chosen is None:
            raise self._none_there(models)
        self._pin(chosen.model.name, chosen.reason)
        return (
            chosen.model.name,
            f"{chosen.model.name} answers from now on: {chosen.reason} (F2 or -m changes it)",
        )

    def _none_there(self, models: tuple[ModelInfo, ...]) -> ModelMissing:
        proposal = propose(self._memory())
        cloud = next((model.name for model in models if is_cloud(model)), "")
        also = f" {cloud} runs REMOTE, so it is never taken unasked (F2 or -m chooses it)." if cloud else ""
        return ModelMissing(
            "no local model is installed yet",
            f"Fetch one with `leadline pull {proposal.name}` (about {proposal.size_gb:g} GB).{also}",
        )

    def _keep(self, info: ModelInfo, note: str, is_auto: bool) -> Ready:
        """Freeze a model's profile for as long as we live, and remember it for the next start."""
        remote_host = cloud_host(info)
        usual = None
        if known := self._from_store(info.name, is_auto):
            usual = known.usual_load_ms
        ready = Ready(
            info.name, self._profile(info), think_for(info), usual, remote_host, note, is_pinned_auto=is_auto
        )
        self._ready[info.name] = replace(ready, note="")
        self._remember(ready, info.digest)
        return ready

    def _profile(self, info: ModelInfo) -> Profile:
        """The window: the setting, else what it is loaded with if that is enough, else 8192."""
        largest = info.context_length
        window = (
            self._settings.num_ctx or self._windows.get(info.name) or max(info.loaded_ctx, SMALLEST_AUTO_CTX)
        )
        return Profile(min(window, largest) if largest else window, largest)

    def _find(self, state: ServerState, name: str) -> ModelInfo | None:
        by_name = {model.name: model for model in state.models}
        return by_name.get(name) or by_name.get(f"{name}:latest")

    def _memory(self) -> int:
        return memory_bytes() if self._provider.place() in ("local", "demo") else 0

    def _proposal(self, proposal: Proposal) -> Proposal:
        """The setting's own model is what to fetch, where there is one."""
        return proposal if self._settings.model == "auto" else Proposal(self._settings.model, 0.0)

    def _pin(self, name: str, reason: str) -> None:
        try:
            self._facts.pin(Choice(self._provider.address, name, reason, self._now()))
        except HouseError:
            return

    def _remember(self, ready: Ready, digest: str) -> None:
        self._facts.remember(
            ModelFact(
                address=self._provider.address,
                model=ready.model,
                digest=digest,
                num_ctx=ready.profile.num_ctx,
                largest=ready.profile.largest,
                load_ms=ready.usual_load_ms,
                think="low" if ready.think == "low" else "",
                remote_host=ready.remote_host,
            )
        )
