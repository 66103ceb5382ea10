"""Knows what would go along with the next question, and shows it before it goes.

Three kinds: what the text being typed mentions (read a moment after typing rests, so that sizes are there
and what a pane holds is seen), what a ``!command`` left, and what the conversation was sent before and is
read again at each question.
"""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from textual.timer import Timer
from textual.worker import Worker

from core.context.mentions import Mention, MentionKind, mentions
from core.context.sources.gathered import Gathered
from core.errors import AttachmentRefused, HouseError
from core.messages import Attachment
from tui.amounts import source_text, weight_text
from tui.bridge import Bridge
from tui.docket import Docket
from tui.pasted import Span, without_sigils
from tui.widgets.prompt import Prompt
from tui.widgets.sources import Chip, SourceRow

if TYPE_CHECKING:
    from core.context.sources.sources import Sources

REST_S = 0.15
"""Typing rests when no key came for so long."""
SEEN_S = 30.0
"""What was read of a pane or the clipboard goes as it was seen, unless that was longer ago."""
READ_AGAIN_S = 2.0

_VOLATILE = frozenset({MentionKind.PANE, MentionKind.CLIP})


class Stage(Protocol):
    """What attaching needs of its screen."""

    bridge: Bridge
    docket: Docket
    prompt: Prompt
    sources: SourceRow

    def say(self, slot: str, text: str = "") -> None:
        """A word in the notice row."""
        ...

    def after(self, seconds: float, act: Callable[[], None]) -> Timer:
        """Do something a moment later."""
        ...

    def run_in(self, work: Coroutine[None, None, None], group: str) -> Worker[None]:
        """Run a worker in its group, in place of the one before."""
        ...

    def weigh(self) -> None:
        """What would be sent is more or less now."""
        ...


@dataclass(frozen=True, slots=True)
class Held:
    """A source as it stands.

    Attributes:
        key: ``typed:a.py``, ``carried:3``, ``followed:file:/home/me/a.py``.
        label: what it is called while nothing is read of it.
        attachments: what was read; none while it is being read, or when it was refused.
        trouble: why it cannot be sent; empty when it can.
    """

    key: str
    label: str
    attachments: tuple[Attachment, ...] = ()
    note: str = ""
    trouble: str = ""
    read_at: float = 0.0

    @property
    def is_read(self) -> bool:
        """Whether it is known what it holds."""
        return bool(self.attachments or self.trouble)

    @property
    def is_followed(self) -> bool:
        """Whether the conversation was sent it before."""
        return self.key.startswith("followed:")

    @property
    def words(self) -> str:
        """Its name and how much it is."""
        mark = "↻ " if self.is_followed else ""
        if self.trouble:
            return f"{self.label} cannot be sent"
        if not self.attachments:
            return f"{mark}{self.label} …"
        if len(self.attachments) == 1:
            return mark + source_text(self.attachments[0])
        return f"{mark}{self.label} {len(self.attachments)} files {weight_text(self.attachments)}"


class Attacher:
    """The sources of the next question."""

    def __init__(
        self,
        stage: Stage,
        cwd: Path,
        environ: Mapping[str, str],
        clock: Callable[[], float],
    ) -> None:
        self._stage = stage
        self._cwd = cwd
        self._environ = environ
        self._clock = clock
        self._typed: dict[str, Held] = {}
        self._carried: dict[str, Held] = {}
        self._followed: tuple[Held, ...] = ()
        self._running = ""
        self._numbers = 0
        self._timer: Timer | None = None

    @cached_property
    def _reader(self) -> "Sources":
        from core.context.sources.sources import Sources  # with the first source, not with the first frame

        return Sources(self._cwd, self._environ)

    # What there is

    def held(self) -> tuple[Held, ...]:
        """Every source, those being typed first; each file once."""
        typed = [*self._typed.values(), *self._carried.values()]
        origins = {each.origin for one in typed for each in one.attachments if each.origin}
        followed = [one for one in self._followed if one.attachments[0].origin not in origins]
        return (*typed, *followed)

    def mentioned(self, text: str, pasted: tuple[Span, ...]) -> tuple[Mention, ...]:
        """What a text mentions by hand, each name once."""
        found = mentions(without_sigils(text, pasted), self._cwd)
        return tuple({one.name: one for one in found}.values())

    @property
    def carried(self) -> tuple[Attachment, ...]:
        """What commands have left for the next question."""
        return tuple(each for one in self._carried.values() for each in one.attachments)

    def has(self, text: str, pasted: tuple[Span, ...]) -> bool:
        """Whether anything would go with a text that has to be gathered first."""
        return bool(self._carried) or bool(self.mentioned(text, pasted))

    @property
    def is_following(self) -> bool:
        """Whether the conversation reads anything again."""
        return bool(self._followed)

    def fresh(self) -> tuple[Attachment, ...]:
        """What was read so far and would go with the next question alone."""
        typed = tuple(each for one in self._typed.values() for each in one.attachments)
        return (*typed, *self.carried)

    # What happens

    def look(self) -> None:
        """The text is another now: read what it mentions once typing rests."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if "@" in self._stage.prompt.text:
            self._timer = self._stage.after(REST_S, self._read_ahead)
        elif self._typed:
            self._typed.clear()
            self.show()
        else:
            self._timer = self._stage.after(REST_S, self._stage.weigh)

    def follow(self) -> None:
        """The conversation is another, or was sent something: what it reads again is known anew."""
        self._followed = ()
        number = self._stage.docket.conversation
        if number is not None and self._stage.bridge.is_open:
            self._followed = tuple(
                Held(f"followed:{each.origin}", each.name, (each,))
                for each in self._stage.bridge.followed(number)
            )
        self.show()

    def carry(self, attachment: Attachment) -> None:
        """A command has ended: its output goes with the next question."""
        self._numbers += 1
        key = f"carried:{self._numbers}"
        self._carried[key] = Held(key, attachment.name, (attachment,))
        self.show()

    def run(self, command: str) -> None:
        """A command runs, or none any more."""
        self._running = command
        self.show()

    def sent(self, attachments: tuple[Attachment, ...]) -> None:
        """These have gone; what a command left meanwhile waits for the next question."""
        gone = set(attachments)
        self._carried = {
            key: one for key, one in self._carried.items() if not gone.issuperset(one.attachments)
        }
        self._typed.clear()
        self.look()
        self.show()

    def remove(self, key: str) -> None:
        """Let a source not go along."""
        if key.startswith("typed:"):
            self._untype(key.partition(":")[2])
        elif key.startswith("carried:"):
            self._carried.pop(key, None)
        elif (number := self._stage.docket.conversation) is not None:
            origin = key.partition(":")[2]
            self._stage.run_in(self._release(number, origin), f"release {origin}")
            self._followed = tuple(one for one in self._followed if one.key != key)
        self.show()

    async def _release(self, conversation: int, origin: str) -> None:
        try:
            await self._stage.bridge.release(conversation, origin)
        except HouseError as error:
            self._stage.say("source", error.told)

    def _untype(self, name: str) -> None:
        """Without its sigil a mention is a word like others."""
        self._typed.pop(name, None)
        prompt = self._stage.prompt
        for mention in reversed(mentions(without_sigils(prompt.text, prompt.pasted), self._cwd)):
            if mention.name == name:
                prompt.put_in("", mention.start, mention.start + 1)

    async def gather(self, text: str, pasted: tuple[Span, ...]) -> Gathered:
        """Everything that goes with a question besides what is read again by itself.

        Raises:
            AttachmentRefused: One of the sources cannot be sent.
        """
        attachments: list[Attachment] = []
        notes: list[str] = []
        for mention in self.mentioned(text, pasted):
            seen = self._typed.get(mention.name)
            if (
                seen is None
                or not seen.attachments
                or mention.kind not in _VOLATILE
                or self._clock() - seen.read_at > SEEN_S
            ):
                gathered = await self._reader.read(mention)
            else:
                gathered = Gathered(seen.attachments, seen.note)
            attachments += gathered.attachments
            notes += [gathered.note] if gathered.note else []
        attachments += self.carried
        each_once = {(one.origin or one.name, one.sha256): one for one in attachments}
        return Gathered(tuple(each_once.values()), " · ".join(notes))

    # Reading ahead

    def _read_ahead(self) -> None:
        prompt = self._stage.prompt
        found = self.mentioned(prompt.text, prompt.pasted)
        names = {one.name for one in found}
        self._typed = {name: one for name, one in self._typed.items() if name in names}
        for mention in found:
            self._typed.setdefault(mention.name, Held(f"typed:{mention.name}", mention.name))
        self.show()
        if found:
            self._stage.run_in(self._read(found), "sources")

    async def _read(self, found: tuple[Mention, ...]) -> None:
        for mention in found:
            known = self._typed.get(mention.name)
            if known is None or (known.is_read and self._clock() - known.read_at < READ_AGAIN_S):
                continue
            read = await self._held(mention)
            if mention.name in self._typed:
                self._typed[mention.name] = read
                self.show()

    async def _held(self, mention: Mention) -> Held:
        key, now = f"typed:{mention.name}", self._clock()
        try:
            gathered = await self._reader.read(mention)
        except AttachmentRefused as error:
            return Held(key, mention.name, trouble=error.told, read_at=now)
        return Held(key, mention.name, gathered.attachments, gathered.note, read_at=now)

    async def newest(self, one: Held) -> Attachment | None:
        """What a followed source holds now; None when it cannot be read any more."""
        try:
            return await self._reader.read_again(one.attachments[0])
        except HouseError:
            return None

    # Showing

    def show(self) -> None:
        """Bring the row, and the word about it, up to what is held."""
        held = self.held()
        chips = [Chip(one.key, one.words, bool(one.trouble)) for one in held]
        if self._running:
            chips.insert(0, Chip("running", f"! {self._running} runs", is_removable=False))
        self._stage.sources.show(chips)
        trouble = next((one.trouble for one in held if one.trouble), "")
        note = next((one.note for one in held if one.note), "")
        self._stage.say("source", trouble or note)
        self._stage.weigh()
