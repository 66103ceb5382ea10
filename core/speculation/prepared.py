"""Answers made ahead, by the very request that asking would send; never found by anything else."""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

from core.errors import HouseError
from core.events import TextDelta
from core.providers.base import Ended, Request
from core.sanitise import clean
from core.speculation.background import Job, Purpose
from core.speculation.chip import Chip
from core.speculation.continuing import cut_at_word, one_answer
from core.store.speculation import PreparedRow, SpeculationStore

FEWEST_KEPT = 8
"""Tokens of an answer that was cut short; fewer are not worth going on from."""


class State(StrEnum):
    """How far an answer made ahead is."""

    HEAD = "head"
    FULL = "full"


@dataclass(slots=True, eq=False)
class Prepared:
    """The answer to one chip, as far as it is.

    Attributes:
        chance: how likely the chip is taken.
        text: what is written and kept; with `ended` all of it, else a head.
        tokens: that `text` took.
        written: tokens written for it, by purpose; more than `tokens` where some were cut off.
        job: the request that writes on behind `text` now.
        first_at: when its first text came, by the clock in seconds.
        key: under which the store has it; None while it has not.
    """

    chip: Chip
    request: Request
    chance: float
    text: str = ""
    tokens: int = 0
    written: dict[Purpose, int] = field(default_factory=dict)
    job: Job | None = None
    ended: Ended | None = None
    first_at: float | None = None
    key: bytes | None = None

    @property
    def tokens_so_far(self) -> int:
        """Kept, and coming now."""
        return self.tokens + (texts_of(self.job) if self.job else 0)

    def take(self, *, can_go_on: bool) -> None:
        """Its request is over, or about to be closed: keep of it what can be used.

        Args:
            can_go_on: a head of it can be continued.
        """
        job, self.job = self.job, None
        if job is None:
            return
        texts, ended = texts_of(job), job.ended
        tokens = ended.output_tokens or texts if ended else texts
        self.written[job.purpose] = self.written.get(job.purpose, 0) + tokens
        if ended is not None:
            self.text += job.text
            self.ended = one_answer(ended, self.tokens)
            self.tokens += tokens
        elif can_go_on:
            kept = cut_at_word(self.text + job.text)
            texts = _texts_within(job, len(kept) - len(self.text))
            if texts and self.tokens + texts >= FEWEST_KEPT:
                self.text = kept
                self.tokens += texts
        if not self.text:
            self.first_at = self.ended = None


def texts_of(job: Job) -> int:
    """About how many tokens of text a request has brought."""
    return sum(isinstance(piece, TextDelta) for piece in job.pieces)


def _texts_within(job: Job, characters: int) -> int:
    """About how many tokens so much of its text took."""
    count = 0
    for piece in job.pieces:
        if isinstance(piece, TextDelta):
            characters -= len(piece.text)
            if characters < 0:
                break
            count += 1
    return count


class Shelf:
    """What is prepared under the last answer, in memory and in the store.

    Args:
        address: of the provider; another server's answers are others.
        now: Unix time in seconds.
    """

    def __init__(self, store: SpeculationStore, address: str, now: Callable[[], float]) -> None:
        self._store = store
        self._address = address
        self._now = now
        self._digests: dict[str, str] = {}
        self._by_request: dict[Request, Prepared] = {}

    def known(self, model: str, digest: str) -> None:
        """What this model is at the moment; nothing is stored of one whose digest is not known.

        What another one of the same name has prepared is no answer of this one.
        """
        if self._digests.get(model, digest) != digest:
            for prepared in self.all():
                if prepared.request.model == model and prepared.job is None:
                    self.drop(prepared)
        self._digests[model] = digest

    def is_known(self, model: str) -> bool:
        """Whether `known` was told of it."""
        return model in self._digests

    def put(self, prepared: Prepared) -> None:
        """Something is being prepared."""
        self._by_request[prepared.request] = prepared

    def find(self, request: Request) -> Prepared | None:
        """What is prepared for this very request."""
        return self._by_request.get(request)

    def all(self) -> tuple[Prepared, ...]:
        """Everything, in the order it was begun."""
        return tuple(self._by_request.values())

    def store(self, prepared: Prepared, conversation: int) -> None:
        """Keep one beyond this process, as far as it is."""
        key = self._key(prepared.request)
        is_cut = prepared.ended is not None and prepared.ended.reason != "stop"
        if key is None or not prepared.text or is_cut or clean(prepared.text) != prepared.text:
            return
        row = PreparedRow(
            key=key,
            conversation=conversation,
            model=prepared.request.model,
            question=prepared.chip.question,
            text=prepared.text,
            state=State.FULL if prepared.ended else State.HEAD,
            origin=prepared.chip.kind,
            tokens=prepared.tokens,
            created_at=self._now(),
        )
        prepared.key = key
        with suppress(HouseError):
            self._store.keep_prepared(row)

    def stored(self, request: Request) -> PreparedRow | None:
        """What an earlier leadline prepared for this very request, whole; it is given once."""
        key = self._key(request)
        if key is None:
            return None
        with suppress(HouseError):
            row = self._store.prepared(key)
            if row is not None and row.state == State.FULL and row.text:
                self._store.drop_prepared(key)
                return row
        return None

    def drop(self, prepared: Prepared) -> None:
        """It is an answer of its own now, or none any more."""
        self._by_request.pop(prepared.request, None)
        self._forget(prepared)

    def clear(self) -> dict[Purpose, int]:
        """Everything goes: another question was asked. What was written for it in vain, by purpose."""
        wasted: dict[Purpose, int] = {}
        for prepared in self.all():
            for purpose, tokens in prepared.written.items():
                wasted[purpose] = wasted.get(purpose, 0) + tokens
            self._forget(prepared)
        self._by_request.clear()
        return wasted

    def _forget(self, prepared: Prepared) -> None:
        if prepared.key is not None:
            with suppress(HouseError):
                self._store.drop_prepared(prepared.key)

    def _key(self, request: Request) -> bytes | None:
        digest = self._digests.get(request.model)
        return None if digest is None else key_of(request, self._address, digest)


def key_of(request: Request, address: str, digest: str) -> bytes:
    """A hash over everything that a model is sent, and which model it is."""
    parts = [
        address,
        request.model,
        digest,
        request.profile.num_ctx,
        request.num_predict,
        request.think,
        request.schema,
        request.temperature,
        [[message.role, message.text] for message in request.messages],
    ]
    return hashlib.sha256(json.dumps(parts).encode()).digest()
