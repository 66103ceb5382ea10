"""Which model answers, with which frozen profile; what the server is like; what the first minute needs.

A model and its options are decided once and kept in the store, so that a later start can send its question
at once and look at the server behind it.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from core.context.budget import learn_bytes_per_token
from core.engine.measurements import Measurements
from core.engine.outlook import Outlook, Readiness, without_server
from core.engine.ready import Ready, profile_of, ready_from
from core.errors import ModelMissing, ProviderError, StoreUnavailable
from core.messages import Message
from core.providers.absence import none_there, not_there
from core.providers.base import Ended, ModelInfo, Profile, Provider, ServerState
from core.providers.choice import (
    Chosen,
    Proposal,
    can_think,
    choose,
    choose_served,
    cloud_host,
    memory_bytes,
    needs_show,
    propose,
    think_for,
)
from core.settings.model import FastSettings
from core.store.facts import Choice, Facts, ModelFact
from core.store.model_facts import full_names

__all__ = ["Models", "Outlook", "Readiness", "Ready"]

SMALLEST_AUTO_CTX = 8192
LOAD_WORTH_KNOWING_MS = 300.0
"""Below it the server only looked its model up; a real load starts a process."""
BY_THE_PERSON = "chosen by you"


class Models:
    """The models of one provider, as far as the fast path needs them.

    Attributes:
        seen: every model that the last look at the server found; empty before the first.
    """

    def __init__(
        self,
        provider: Provider,
        facts: Facts,
        settings: FastSettings,
        now: Callable[[], float] = time.time,
        measurements: Measurements | None = None,
    ) -> None:
        self._provider = provider
        self._measurements = measurements
        self._facts = facts
        self._settings = settings
        self._now = now
        self._ready: dict[str, Ready] = {}
        self._windows: dict[str, int] = {}
        self._used = ""
        self.seen: tuple[ModelInfo, ...] = ()

    async def ready(self, asked: str | None) -> Ready:
        """The model for a question; only what is not known yet costs a look at the server.

        Raises:
            ModelMissing: There is none, with what to fetch.
            ProviderError: The server had to be asked, and did not answer.
        """
        name, is_auto = self._wanted(asked)
        if is_auto and self._is_outdated():
            name = ""
        return self._known(name, is_auto) or await self._decide(name, is_auto, await self._look())

    async def choose_again(self, gone: str) -> Ready:
        """The chosen model is gone: choose among what is there now, and say so.

        Raises:
            ModelMissing: There is none any more.
            ProviderError: The server does not answer.
        """
        return await self._choose(await self._look(), gone)

    async def outlook(self) -> Outlook:
        """Look at the server and say what is missing, if anything; never raises a `ProviderError`."""
        try:
            state = await self._look()
        except ProviderError as error:
            return without_server(error, self._provider.place(), self._provider.name)
        name, is_auto = self._wanted(None)
        if is_auto and self._is_outdated():
            name = ""
        info, known = _find(state, name), self._known(name, is_auto)
        try:
            if info is not None and known is not None:
                ready = self._refresh(known, info, may_adopt=True)
            else:
                ready = await self._decide(name, is_auto, state)
        except ModelMissing as error:
            return Outlook(
                Readiness.NO_MODEL,
                error.message,
                error.remedy,
                place=self._provider.place(),
                provider=self._provider.name,
                version=state.version,
                proposal=self._proposal() if self._provider.fetches else None,
            )
        except ProviderError as error:
            return without_server(error, self._provider.place(), self._provider.name)
        return Outlook(
            Readiness.READY,
            model=_find(state, ready.model) or ModelInfo(ready.model),
            place=self._provider.place(ready.remote_host),
            provider=self._provider.name,
            version=state.version,
            note=ready.note or state.note,
            usual_load_ms=ready.usual_load_ms,
        )

    async def installed(self) -> tuple[ModelInfo, ...]:
        """Every model the server has.

        Raises:
            ProviderError: The server does not answer.
        """
        return (await self._look()).models

    async def use(self, name: str) -> Ready:
        """The person chooses a model, from now on.

        Raises:
            ModelMissing: It is not installed.
            ProviderError: The server does not answer.
        """
        info = _find(await self._look(), name)
        if info is None:
            raise not_there(self._provider, name)
        self._pin(info.name, BY_THE_PERSON)
        self._used = info.name
        return self._keep(info, "", is_auto=False)

    def widen(self, window: int) -> Ready | None:
        """Take another window for the model in use; it reloads with the next question."""
        ready = self.in_use()
        if ready is None:
            return None
        self._windows[ready.model] = window
        widened = replace(ready, profile=Profile(window, ready.profile.largest))
        self._ready[ready.model] = widened
        self._remember(widened, "")
        return widened

    def learn(self, ready: Ready, messages: tuple[Message, ...], ended: Ended) -> None:
        """An answer has ended: what its model's load took, and what a token holds, for the next question."""
        ready = self._ready.get(ready.model, ready)
        if ended.load_ms > LOAD_WORTH_KNOWING_MS:
            ready = replace(ready, usual_load_ms=ended.load_ms)
        learnt = learn_bytes_per_token(ready.bytes_per_token, messages, ended.input_tokens)
        self._ready[ready.model] = replace(ready, bytes_per_token=learnt)

    async def check_behind(self, model: str) -> None:
        """Behind an answer: whether the store's facts of its model still hold; what was learnt is kept.

        Raises:
            ProviderError: The server does not answer any more.
        """
        info, ready = _find(await self._look(), model), self._ready.get(model)
        if info is not None and ready is not None:
            self._refresh(ready, info, may_adopt=False)

    def in_use(self) -> Ready | None:
        """The model that the next question would go to, when that is known without asking."""
        return self._known(*self._wanted(None))

    def known(self, name: str) -> Ready | None:
        """A model by its name, when what a request to it needs is known without asking."""
        return self._known(name, is_auto=False)

    async def _look(self) -> ServerState:
        state = await self._provider.look()
        self.seen = state.models
        return state

    def _wanted(self, asked: str | None) -> tuple[str, bool]:
        """The model's name, empty when that is not decided; and whether the decision is ours to change."""
        name = asked or self._used or (self._settings.model if self._settings.model != "auto" else "")
        if name:
            return name, False
        choice = self._choice()
        return (choice.model, choice.reason != BY_THE_PERSON) if choice else ("", True)

    def _known(self, name: str, is_auto: bool) -> Ready | None:
        """What can be used without asking the server: decided in this process, or kept in the store."""
        for full in full_names(name):
            if ready := self._ready.get(full) or self._from_store(full):
                self._ready[full] = ready
                return replace(ready, is_pinned_auto=is_auto)
        return None

    def _from_store(self, name: str) -> Ready | None:
        fact = self._fact(name)
        return None if fact is None else ready_from(fact, self._window_set(name))

    async def _decide(self, name: str, is_auto: bool, state: ServerState) -> Ready:
        info = _find(state, name)
        if info is None and is_auto:
            return await self._choose(state, gone=name)
        # A hosted service answers by more names than it lists; what is near would answer with another model.
        if info is None and not self._provider.fetches and (self._is_far() or not state.models):
            info = ModelInfo(name)
        if info is None:
            raise not_there(self._provider, name)
        return self._keep(info, "", is_auto)

    async def _choose(self, state: ServerState, gone: str) -> Ready:
        chosen = await self._best(state.models)
        if chosen is None:
            raise none_there(self._provider, state.models, self._memory())
        before = self._choice()
        self._pin(chosen.model.name, chosen.reason)
        note = f"{chosen.model.name} answers from now on: {chosen.reason} (F2 or -m changes it)"
        if gone:
            note = f"{gone} is not there any more; {note}"
        # A list may name what the server then does not find: the same model is no other one, and no news.
        is_news = before is None or before.model != chosen.model.name
        return self._keep(chosen.model, note if is_news and not self._is_demo() else "", is_auto=True)

    async def _best(self, models: tuple[ModelInfo, ...]) -> Chosen | None:
        if not self._provider.fetches:
            return choose_served(models, is_near=not self._is_far())
        shown = tuple([await self._provider.show(m) if needs_show(m) else m for m in models])
        measured = self._measurements.here() if self._measurements else {}
        return choose(shown, self._memory(), measured)

    def _is_outdated(self) -> bool:
        """Whether more was measured since we chose; what the person chose is not ours to change."""
        if self._measurements is None or not (newest := self._measurements.newest_at()):
            return False
        choice = self._choice()
        return choice is not None and choice.chosen_at < newest

    def _choice(self) -> Choice | None:
        with suppress(StoreUnavailable):
            return self._facts.choice(self._provider.address)
        return None

    def _is_far(self) -> bool:
        return self._provider.place().startswith("REMOTE")

    def _is_demo(self) -> bool:
        return self._provider.place() == "demo"

    def _keep(self, info: ModelInfo, note: str, is_auto: bool) -> Ready:
        """Freeze a model's profile for as long as we live, and remember it for the next start."""
        window = self._window_set(info.name) or max(info.loaded_ctx, SMALLEST_AUTO_CTX)
        fact = self._fact(info.name)
        ready = Ready(
            info.name,
            profile_of(window, info.context_length),
            think_for(info),
            fact.load_ms if fact else None,
            cloud_host(info),
            is_pinned_auto=is_auto,
            bytes_per_token=fact.bytes_per_token if fact else None,
            digest=info.digest,
            can_think=can_think(info),
        )
        self._ready[info.name] = ready
        self._remember(ready, info.digest)
        return replace(ready, note=note)

    def _refresh(self, ready: Ready, info: ModelInfo, may_adopt: bool) -> Ready:
        """Bring what is known up to what the server says; only adopting may change what is sent.

        A larger window that another program loaded the model with is adopted, because asking for ours would
        load the model again, for us and then for them.
        """
        largest = info.context_length or ready.profile.largest
        window = ready.profile.num_ctx
        if may_adopt and not self._window_set(ready.model):
            window = max(window, info.loaded_ctx)
        ready = replace(
            ready,
            profile=Profile(window, largest),
            think=think_for(info),
            remote_host=cloud_host(info),
            digest=info.digest or ready.digest,
            can_think=can_think(info),
        )
        self._ready[ready.model] = ready
        self._remember(ready, info.digest)
        return ready

    def _window_set(self, name: str) -> int:
        """The window that the person asked for, now or in the settings; 0 when it is ours to decide."""
        return self._windows.get(name) or self._settings.num_ctx

    def _memory(self) -> int:
        return memory_bytes() if self._provider.place() in ("local", "demo") else 0

    def _proposal(self) -> Proposal:
        """What to fetch: the model that was asked for by name, where there is one."""
        name, is_auto = self._wanted(None)
        return propose(self._memory()) if is_auto else Proposal(name, 0.0)

    def _pin(self, name: str, reason: str) -> None:
        self._facts.pin(Choice(self._provider.address, name, reason, self._now()))

    def _fact(self, name: str) -> ModelFact | None:
        try:
            return self._facts.fact(self._provider.address, name)
        except StoreUnavailable:
            return None

    def _remember(self, ready: Ready, digest: str) -> None:
        """Keep the facts; a window from the settings is not one of them, for they may change."""
        known = self._fact(ready.model)
        num_ctx = ready.profile.num_ctx
        if self._settings.num_ctx and ready.model not in self._windows:
            num_ctx = known.num_ctx if known else 0
        self._facts.remember(
            ModelFact(
                address=self._provider.address,
                model=ready.model,
                digest=digest or (known.digest if known else ""),
                num_ctx=num_ctx,
                largest=ready.profile.largest,
                load_ms=ready.usual_load_ms,
                think="low" if ready.think == "low" else "",
                remote_host=ready.remote_host,
                bytes_per_token=ready.bytes_per_token,
            )
        )


def _find(state: ServerState, name: str) -> ModelInfo | None:
    by_name = {model.name: model for model in state.models}
    return next((by_name[full] for full in full_names(name) if full in by_name), None)
