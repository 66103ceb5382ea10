"""The one transport of deep calls: it alone does I/O. Every call ends in one `Finished` or `Failed`."""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import HouseError, ProxyInTheWay
from core.events import Noted, TextDelta, ThinkingDelta
from core.providers import failures as house_failures
from core.providers.address import is_near, place_word
from core.providers.bodies import chunks, first_bytes
from core.providers.deep import failures
from core.providers.deep.calls import (
    DeepEvent,
    DeepRequest,
    Failed,
    Finished,
    Reader,
    Retrying,
    Stance,
    Wire,
)
from core.providers.deep.clock import Patience, Phase, StallClock
from core.providers.deep.failures import DeepError
from core.providers.deep.limits import DeepLimits
from core.providers.deep.pauses import MOST_PAUSE_S, own_pause
from core.providers.deep.refusals import About, from_status
from core.providers.link import Link
from core.redaction import redact
from core.sanitise import Cleaner, clean_line

if TYPE_CHECKING:
    import httpx

    from core.providers.address import Address
    from core.settings.secrets import Found

MOST_ADAPTATIONS = 4
"""Refusals of one call that are answered by asking in another way."""


class Stances:
    """What has been learnt of models at places; shared by all calls, so that it is learnt once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Stance] = {}

    def of(self, base: str, model: str) -> Stance:
        """How this model is asked."""
        return self._known.get((base, model), Stance())

    def learn(self, base: str, model: str, stance: Stance) -> None:
        """How this model is asked from now on."""
        self._known[base, model] = stance


@dataclass(frozen=True, slots=True)
class Place:
    """Where deep calls go.

    Attributes:
        key: what is sent as the key, and where it came from; None when there is none.
        needs_key: it takes no request without one, so that none is tried.
        set_key: how a person gives it one, for messages.
    """

    wire: Wire
    address: "Address"
    key: "Found | None" = None
    needs_key: bool = False
    set_key: str = "leadline keys set"


class DeepCaller:
    """Makes calls to one place, as many at a time as are wanted."""

    def __init__(
        self,
        place: Place,
        environ: Mapping[str, str],
        stances: Stances | None = None,
        limits: DeepLimits = DeepLimits(),  # noqa: B008  (frozen)
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._at = place
        self._limits = limits
        self._stances = stances or Stances()
        self._chance = chance
        self._link = Link(place.address, environ, "", limits.connect_s)

    @property
    def address(self) -> str:
        """The place's URL, without credentials."""
        return self._link.address.url

    def place(self, remote_host: str = "") -> str:
        """``local``, ``lan HOST`` or ``REMOTE HOST``; a name not looked up yet counts as remote."""
        return place_word(self._link.address.host, self._link.ip, remote_host)

    async def call(self, request: DeepRequest) -> AsyncGenerator[DeepEvent, None]:
        """Ask; the last event is a `Finished` or a `Failed`. Closing the generator closes the socket."""
        if self._at.needs_key and self._at.key is None:
            yield Failed(failures.KeyMissing(f"no key for {self._name}", f"Give it one: {self._at.set_key}."))
            return
        attempt = _Attempt(self, request)
        async with aclosing(attempt.events()) as events:
            async for event in events:
                yield event

    async def aclose(self) -> None:
        """Give back connections."""
        await self._link.aclose()

    @property
    def _name(self) -> str:
        return self._at.wire.spoken_to

    def _secret(self) -> str:
        return self._at.key.secret.reveal() if self._at.key else ""

    def _about(self, model: str) -> About:
        source = self._at.key.source if self._at.key else ""
        return About(self._name, model, self._secret(), source, self._at.set_key)

    async def _send(self, request: DeepRequest, stance: Stance) -> "httpx.Response":
        """Post the request; returns at good headers.

        Raises:
            DeepError: It was refused, or there is no way to the place.
        """
        call = self._at.wire.build(request, stance)
        secret = self._secret()
        headers = {**call.headers, **(self._at.wire.auth(secret) if secret else {})}
        try:
            try:
                response = await self._link.send("POST", call.path, call.body, headers)
            except ProxyInTheWay:
                if not await self._link.go_direct():
                    raise
                response = await self._link.send("POST", call.path, call.body, headers)
        except Exception as error:  # noqa: BLE001  (named by `_explain`, which raises what it does not know)
            raise self._explain(error, has_text=False) from None
        try:
            await self._accept(response, request.model)
        except BaseException:
            await response.aclose()
            raise
        return response

    async def _accept(self, response: "httpx.Response", model: str) -> None:
        if response.status_code == 200:
            if "html" in response.headers.get("content-type", ""):
                raise failures.not_understood(self._name, "a web page")
            return
        body = b""
        try:
            async with asyncio.timeout(self._limits.refusal_s):
                body = await first_bytes(response)
        except Exception as error:  # noqa: BLE001  (the status says enough; a bug is raised by `_explain`)
            if not isinstance(error, TimeoutError):
                self._explain(error, has_text=False)
        raise from_status(response.status_code, response.headers, body, self._about(model))

    def _explain(self, error: Exception, has_text: bool) -> DeepError:
        """What an exception of the client means; what is none of ours is a bug, and raised."""
        if isinstance(error, DeepError):
            return error
        spoken = house_failures.Spoken(self._name, f"Start the program that serves {self._name}", "deep.base_url")
        known: HouseError = house_failures.explain(error, self._link, spoken)
        match known.kind:
            case "cut":
                return failures.cut_off(self._name, has_text)
            case "timeout":
                return failures.NoHeaders(known.message, known.remedy)
            case "protocol":
                return failures.NotUnderstood(known.message, known.remedy)
            case "rejected":
                return failures.Refused(known.message, known.remedy)
        remedy = f"{known.remedy} A local model can answer meanwhile."
        return failures.Offline(f"no way to {self._name}: {known.message}", remedy)

    def _redacted(self, event: DeepEvent) -> DeepEvent:
        """A key that a server sends back in an error goes no further."""
        error = event.error if isinstance(event, Failed) else None
        error = event.shortfall if isinstance(event, Finished) else error
        if error is not None and (secret := self._secret()):
            error.message = redact(error.message, (secret,))
            error.said = ""
            error.args = (error.message, error.remedy)
        return event


class _Attempt:
    """One call with its new tries."""

    def __init__(self, caller: DeepCaller, request: DeepRequest) -> None:
        self._caller = caller
        self._request = request
        self._limits = caller._limits
        self._now = asyncio.get_running_loop().time
        self._ends_at = self._now() + self._limits.whole_s
        self._has_text = False
        self._tries = 0
        self._adaptations = 0

    async def events(self) -> AsyncGenerator[DeepEvent, None]:
        """All events; the last one is the end."""
        while True:
            end: Finished | Failed | None = None
            try:
                async with aclosing(self._once()) as events:
                    async for event in events:
                        if isinstance(event, Finished | Failed):
                            end = event
                            break
                        yield event
            except DeepError as error:
                end = Failed(error, self._has_text)
            if not isinstance(end, Failed):
                assert end is not None
                yield self._caller._redacted(end)
                return
            if note := self._adapted(end.error):
                if note.text:
                    yield note
                continue
            pause = self._pause(end.error)
            if pause is None:
                yield self._caller._redacted(end)
                return
            self._caller._redacted(end)
            yield Retrying(end.error, pause, self._tries, self._limits.retries)
            await asyncio.sleep(pause)

    async def _once(self) -> AsyncGenerator[DeepEvent, None]:
        """One request, to its end."""
        clock = StallClock(self._patience(), self._now, self._ends_at)
        caller, request = self._caller, self._request
        stance = caller._stances.of(caller.address, request.model)
        sending = asyncio.ensure_future(caller._send(request, stance))
        response: httpx.Response | None = None
        try:
            try:
                async with aclosing(self._until(sending, clock)) as silences:
                    async for silence in silences:
                        yield silence
                response = sending.result()
            finally:
                await _drop(sending, is_taken=response is not None)
            clock.step(Phase.FIRST_CONTENT)
            async with aclosing(self._read(response, clock)) as events:
                async for event in events:
                    yield event
        finally:
            if response is not None:
                await response.aclose()

    async def _read(self, response: "httpx.Response", clock: StallClock) -> AsyncGenerator[DeepEvent, None]:
        reader = self._caller._at.wire.reader(self._request)
        cleaners = _Cleaners()
        async with aclosing(chunks(response)) as body:
            while True:
                coming = asyncio.ensure_future(anext(body, b""))
                data, failure = b"", None
                try:
                    async with aclosing(self._until(coming, clock)) as silences:
                        async for silence in silences:
                            yield silence
                    data = coming.result()
                except DeepError as stalled:
                    # An answer that is over by its own word may lack its counts; it lacks nothing else.
                    failure = None if reader.is_whole else stalled
                except Exception as error:  # noqa: BLE001  (named by `_explain`, which raises what it does not know)
                    failure = self._caller._explain(error, self._has_text)
                finally:
                    await _give_up(coming)
                if data:
                    clock.byte()
                for event in self._understood(reader, data, failure):
                    for piece in cleaners.cleaned(event):
                        self._note_progress(piece, clock)
                        yield piece
                        if isinstance(piece, Finished | Failed):
                            return
                if reader.is_whole and clock.phase is not Phase.COUNTS:
                    clock.step(Phase.COUNTS)

    def _understood(self, reader: Reader, data: bytes, failure: DeepError | None) -> list[DeepEvent]:
        """What the bytes say; at an end, a last line that is whole still counts, and the end is named."""
        if data:
            return list(reader.feed(data))
        events = list(reader.finish())
        if failure is not None and events and isinstance(events[-1], Failed):
            if isinstance(events[-1].error, failures.CutOff):
                events[-1] = Failed(failure, events[-1].is_partial)
        return events

    async def _until(
        self, waited: "asyncio.Future[httpx.Response] | asyncio.Future[bytes]", clock: StallClock
    ) -> AsyncGenerator[DeepEvent, None]:
        """Wait until something is there, and tell silence.

        Raises:
            DeepError: The phase, or the whole call, took longer than it may.
        """
        while not waited.done():
            now = self._now()
            if now >= clock.gives_up_at:
                raise self._given_up(clock)
            until = min(clock.gives_up_at, clock.speaks_at)
            await asyncio.wait({waited}, timeout=max(0.0, until - now))
            if not waited.done() and self._now() >= clock.speaks_at and clock.phase is not Phase.COUNTS:
                yield clock.silence()

    def _given_up(self, clock: StallClock) -> DeepError:
        name, limit = self._caller._name, f"{clock.limit_s:g} s"
        if clock.is_at_the_end:
            return failures.TookTooLong(
                f"{name} took longer than {self._limits.whole_s:g} s", "What came is kept; go on from there."
            )
        if clock.phase is Phase.HEADERS:
            return failures.NoHeaders(f"{name} has not begun to answer within {limit}", "Ask again later.")
        when = "in the middle of the answer" if self._has_text else "before any text"
        return failures.Stalled(
            f"{name} sent no content for {limit} {when}", "What came is kept; go on from there, or ask again."
        )

    def _note_progress(self, event: DeepEvent, clock: StallClock) -> None:
        match event:
            case TextDelta():
                self._has_text = True
                clock.step(Phase.WRITING)
            case ThinkingDelta():
                clock.step(Phase.THINKING)

    def _patience(self) -> Patience:
        """Nearby a model may have to be loaded, and the question is read at that machine's own pace."""
        limits, link = self._limits, self._caller._link
        reading_s = self._request.rough_tokens / limits.prefill_per_s
        if link.ip is not None and is_near(link.ip):
            return Patience(limits.load_s + reading_s, limits.load_s + reading_s, limits)
        return Patience(limits.headers_s, self._caller._at.wire.patience_s or limits.first_content_s, limits)

    def _adapted(self, error: DeepError) -> Noted | None:
        """Learn from a refusal how to ask instead; what to say of it, or None when it teaches nothing."""
        caller, request = self._caller, self._request
        if self._has_text or not error.said or self._adaptations >= MOST_ADAPTATIONS:
            return None
        if not isinstance(error, failures.Refused):
            return None
        stance = caller._stances.of(caller.address, request.model)
        if (adapted := caller._at.wire.adapt(request, stance, error.said)) is None:
            return None
        self._adaptations += 1
        caller._stances.learn(caller.address, request.model, adapted[0])
        return Noted(clean_line(adapted[1]))

    def _pause(self, error: DeepError) -> float | None:
        """How long until the next try; None when there is none. Never after text: it costs, and doubles."""
        most = 1 if isinstance(error, failures.NoHeaders) else self._limits.retries
        if self._has_text or not error.may_retry or self._tries >= most:
            return None
        asked = error.retry_after_s
        if asked is not None and asked > MOST_PAUSE_S:
            return None
        pause = own_pause(self._tries + 1, self._caller._chance) if asked is None else asked
        if self._now() + pause >= self._ends_at:
            return None
        self._tries += 1
        return pause


class _Cleaners:
    """Makes text and thinking harmless where they come in."""

    def __init__(self) -> None:
        self._text, self._thinking = Cleaner(), Cleaner()

    def cleaned(self, event: DeepEvent) -> list[DeepEvent]:
        """The event, harmless; what was held back comes before an end."""
        match event:
            case TextDelta(text):
                return [TextDelta(said)] if (said := self._text.feed(text)) else []
            case ThinkingDelta(text):
                return [ThinkingDelta(said)] if (said := self._thinking.feed(text)) else []
            case Finished() | Failed():
                thought, rest = self._thinking.finish(), self._text.finish()
                return [
                    *([ThinkingDelta(thought)] if thought else []),
                    *([TextDelta(rest)] if rest else []),
                    event,
                ]
        return [event]


async def _drop(sending: "asyncio.Future[httpx.Response]", is_taken: bool) -> None:
    """End a request that nobody waits for; its socket closes with its task."""
    sending.cancel()
    await asyncio.wait({sending})
    # The answer may have come in the very moment of leaving.
    if not is_taken and not sending.cancelled() and sending.exception() is None:
        await sending.result().aclose()


async def _give_up(coming: asyncio.Future[bytes]) -> None:
    """End a read that nobody waits for, before its generator is closed."""
    coming.cancel()
    await asyncio.wait({coming})
    if not coming.cancelled():
        coming.exception()  # asked for, or the loop complains that nobody did


