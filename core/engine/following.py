"""Keeps what a conversation was sent up to date: read again before each question, sent again when it changed.

Nothing that was sent is ever altered, so that the beginning of the prompt stays the same: a new version goes
along with the new question, and the old one stays where it was.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.errors import AttachmentRefused, HouseError
from core.messages import Attachment, Question, Turn
from core.store.conversations import Conversations

PATIENCE_S = 3.0
"""A file on a network that is gone must not hold up a question."""

FRESH_S = 2.0
"""So long what was read for a question that is being typed is not read again for it."""

_MOST_SECRETS = 64
"""Pairs of versions whose difference is remembered."""

ReadAgain = Callable[[Attachment], Awaitable[Attachment]]


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What goes along with a question.

    Attributes:
        named: what the person named; left out while the model still has it.
        newest: what changed by itself; always sent.
        followed: origins whose history counts as had.
        note: what the person must know; empty when nothing changed.
    """

    named: tuple[Attachment, ...]
    newest: tuple[Attachment, ...] = ()
    followed: frozenset[str] = frozenset()
    note: str = ""

    def to_send(self, turns: tuple[Turn, ...]) -> tuple[Attachment, ...]:
        """What must be sent to a model that is also sent these turns."""
        had = _newest_sent(turns)
        return (*self.newest, *(each for each in self.named if not self._is_had(each, had)))

    def _is_had(self, attachment: Attachment, had: dict[str, Attachment]) -> bool:
        if attachment.origin and attachment.origin not in self.followed:
            return False  # it was let go, and is wanted again
        before = had.get(_key(attachment))
        return before is not None and before.sha256 == attachment.sha256


class Following:
    """Reads again what a conversation follows.

    Args:
        read_again: gives the newest version of what was sent; raises `AttachmentRefused`.
        clock: a clock in seconds.
    """

    def __init__(
        self,
        conversations: Conversations,
        read_again: ReadAgain,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._conversations = conversations
        self._read_again = read_again
        self._clock = clock
        self._read: tuple[list[Attachment], float, list[Attachment | AttachmentRefused]] | None = None
        self._secrets: dict[tuple[str, str], str] = {}

    async def enclose(self, question: Question, turns: tuple[Turn, ...]) -> Enclosed:
        """What goes along with a new question of a conversation with these turns.

        Raises:
            StoreUnavailable: What is followed cannot be read from the store.
        """
        self._read = None
        enclosed, lost = await self._weigh(question, turns)
        if question.conversation is not None:
            for origin in lost:
                await self._release(question.conversation, origin)
        return enclosed

    async def look(self, question: Question, turns: tuple[Turn, ...]) -> Enclosed:
        """The same of a question that is not asked yet; nothing is let go.

        What was read a moment ago is not read again: between two words files seldom change, and a request
        that was made ahead is only used if it is the very one that is asked.

        Raises:
            StoreUnavailable: What is followed cannot be read from the store.
        """
        enclosed, _ = await self._weigh(question, turns, is_asked=False)
        return enclosed

    async def _weigh(
        self, question: Question, turns: tuple[Turn, ...], *, is_asked: bool = True
    ) -> tuple[Enclosed, tuple[str, ...]]:
        """What goes along, and which origins cannot be followed any more."""
        if question.conversation is None:
            return Enclosed(question.attachments), ()
        followed = self._conversations.followed(question.conversation)
        origins = frozenset(each.origin for each in followed)
        named = {each.origin for each in question.attachments}
        waiting = [each for each in followed if each.origin not in named]
        had = _newest_sent(turns)
        changed: list[Attachment] = []
        lost: dict[str, str] = {}
        read = self._newest if is_asked else self._recent
        for before, now in zip(waiting, await read(waiting), strict=True):
            reason = now.message if isinstance(now, AttachmentRefused) else ""
            if isinstance(now, Attachment) and now.sha256 != had.get(before.origin, before).sha256:
                # Whatever the question allows: the person was shown its own attachments, and not this.
                reason = await self._secret(before, now)
                changed += [] if reason else [now]
            if reason:
                lost[before.origin] = f"{reason}; no longer followed"
        notes = [f"{_listed(changed)} changed, sent again"] if changed else []
        note = " · ".join((*notes, *lost.values()))
        return Enclosed(question.attachments, tuple(changed), origins, note), tuple(lost)

    async def _recent(self, before: list[Attachment]) -> list[Attachment | AttachmentRefused]:
        """Each one's newest version as it was a moment ago."""
        if not before:
            return []
        if self._read is None or self._read[0] != before or self._clock() - self._read[1] > FRESH_S:
            self._read = before, self._clock(), await self._newest(before)
        return self._read[2]

    async def _newest(self, before: list[Attachment]) -> list[Attachment | AttachmentRefused]:
        """Each one's newest version, or why there is none; what does not come in time is as it was."""
        reading = [asyncio.ensure_future(self._look(each)) for each in before]
        try:
            if reading:
                await asyncio.wait(reading, timeout=PATIENCE_S)
            return [
                task.result() if task.done() else each for task, each in zip(reading, before, strict=True)
            ]
        finally:
            for task in reading:
                task.cancel()

    async def _secret(self, before: Attachment, now: Attachment) -> str:
        """What looks like a secret in a new version; looked for once."""
        key = before.sha256, now.sha256
        if key not in self._secrets:
            if len(self._secrets) >= _MOST_SECRETS:
                self._secrets.clear()
            self._secrets[key] = await asyncio.to_thread(_new_secret, before, now)
        return self._secrets[key]

    async def _look(self, before: Attachment) -> Attachment | AttachmentRefused:
        try:
            return await self._read_again(before)
        except AttachmentRefused as refused:
            return refused

    async def _release(self, conversation: int, origin: str) -> None:
        with suppress(HouseError):  # said once more next time, then
            await asyncio.wrap_future(self._conversations.release(conversation, origin))


def reading_in(directory: str, environ: Mapping[str, str]) -> ReadAgain:
    """What reads again what was sent from a directory."""

    async def read_again(attachment: Attachment) -> Attachment:
        from core.context.sources.sources import Sources  # only for who ever sent a source

        return await Sources(Path(directory), environ).read_again(attachment)

    return read_again


def _new_secret(before: Attachment, now: Attachment) -> str:
    """What looks like a secret and was not there when the person sent it; empty when nothing does."""
    from core.context.secrecy import secrets_in, told, words_of

    known = {secret.mark for _, secret in secrets_in([before], most=None)}
    new = tuple(each for each in secrets_in([now], most=None) if each[1].mark not in known)
    return f"{now.name} changed, and {told(words_of(new))}; not sent" if new else ""


def _newest_sent(turns: tuple[Turn, ...]) -> dict[str, Attachment]:
    """Of each source the version that stands last in what the model is sent."""
    return {_key(attachment): attachment for turn in turns for attachment in turn.attachments}


def _key(attachment: Attachment) -> str:
    return attachment.origin or f"{attachment.name}:{attachment.sha256}"


def _listed(attachments: Iterable[Attachment]) -> str:
    names = list(dict.fromkeys(attachment.name for attachment in attachments))
    shown, more = names[:3], len(names) - 3
    if more > 0:
        return f"{', '.join(shown)} and {more} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
