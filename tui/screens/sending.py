"""From enter to the queue: sources are read, what looks secret is asked about, and nothing typed is lost."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Protocol

from core.context.sources.gathered import Gathered
from core.errors import HouseError
from core.messages import Attachment, Question
from tui.cells import ending
from tui.pasted import Span
from tui.screens.attaching import Attacher
from tui.widgets.prompt import Prompt

CALM_S = 0.4
"""An enter so soon after the question was put is of the hand that pressed twice."""
PATIENCE_S = 0.3
_NAME_CELLS = 20


class Stage(Protocol):
    """What sending needs of its screen."""

    prompt: Prompt
    attacher: Attacher

    def say(self, slot: str, text: str = "") -> None:
        """A word in the notice row."""
        ...

    def tell(self, text: str, *, is_warning: bool = False) -> None:
        """A toast."""
        ...

    def ask(self, question: Question, note: str = "") -> int:
        """Queue a question with what goes along, and what is to be said of that."""
        ...

    def ask_deep(self, question: Question, note: str, preset: str) -> None:
        """The same, to be thought through."""
        ...

    def not_asked(self, text: str) -> None:
        """A question did not go; up brings it back."""
        ...

    def run_beside(self, work: Coroutine[None, None, None], group: str) -> object:
        """Run a worker beside others of its group."""
        ...


@dataclass(frozen=True, slots=True)
class Typed:
    """A question as it left the prompt.

    Attributes:
        preset: how deep it is to be thought through; empty asks for the fast answer alone.
    """

    text: str
    pasted: tuple[Span, ...] = ()
    use_cache: bool = True
    preset: str = ""


@dataclass(frozen=True, slots=True)
class _Armed:
    """What goes with the next enter, if nothing is changed."""

    typed: Typed
    gathered: Gathered
    words: str
    at: float


class Sender:
    """Brings questions on their way, in the order in which they were typed."""

    def __init__(self, stage: Stage, clock: Callable[[], float]) -> None:
        self._stage = stage
        self._clock = clock
        self._turn = asyncio.Lock()
        self._on_the_way: list[Typed] = []
        self._armed: _Armed | None = None

    def send(self, typed: Typed) -> None:
        """Enter was pressed on a question."""
        armed = self._armed
        self.disarm()
        attacher = self._stage.attacher
        if armed is not None and armed.typed.text == typed.text:
            if self._clock() - armed.at < CALM_S:
                self._arm(armed)
            else:
                self._go(armed.typed, armed.gathered)
        elif self._on_the_way or attacher.has(typed.text, typed.pasted):
            self._on_the_way.append(typed)
            self._stage.run_beside(self._gather(typed), "sending")
        else:
            self._ask(typed, Question(typed.text.strip(), use_cache=typed.use_cache), "")

    def changed(self) -> None:
        """What is typed may not be any more what was asked about."""
        if self._armed is not None and self._stage.prompt.text != self._armed.typed.text:
            self.disarm()

    def disarm(self) -> bool:
        """It does not go; whether anything was about to."""
        was_armed, self._armed = self._armed is not None, None
        self._stage.say("secret")
        return was_armed

    def on_the_way(self) -> tuple[str, ...]:
        """The questions whose sources are still being read, in order."""
        return tuple(typed.text.strip() for typed in self._on_the_way)

    def drop(self) -> None:
        """Ask none of the questions on the way; up brings them back."""
        for text in self.on_the_way():
            self._stage.not_asked(text)
        self._on_the_way.clear()

    async def _gather(self, typed: Typed) -> None:
        patience = asyncio.get_running_loop().call_later(
            PATIENCE_S, self._stage.say, "source", "reading what goes along …"
        )
        try:
            async with self._turn:
                gathered = await self._stage.attacher.gather(typed.text, typed.pasted)
                words = await asyncio.to_thread(_secret_in, gathered.attachments)
                if not self._is_wanted(typed):
                    return
                if words:
                    self._arm(_Armed(typed, gathered, words, self._clock()))
                else:
                    self._go(typed, gathered)
        except HouseError as error:
            if self._is_wanted(typed):
                self._give_back(typed, error.told)
        finally:
            patience.cancel()
            self._on_the_way = [one for one in self._on_the_way if one is not typed]

    def _is_wanted(self, typed: Typed) -> bool:
        return any(one is typed for one in self._on_the_way)

    def _go(self, typed: Typed, gathered: Gathered) -> None:
        self._stage.attacher.sent(gathered.attachments)
        question = Question(typed.text.strip(), gathered.attachments, use_cache=typed.use_cache)
        self._ask(typed, question, gathered.note)

    def _ask(self, typed: Typed, question: Question, note: str) -> None:
        if typed.preset:
            self._stage.ask_deep(question, note, typed.preset)
        else:
            self._stage.ask(question, note)

    def _give_back(self, typed: Typed, why: str) -> bool:
        """Back into the prompt; where something else is typed meanwhile, up brings it back."""
        prompt = self._stage.prompt
        if prompt.text.strip():
            self._stage.not_asked(typed.text)
            self._stage.tell(f"{why} · not sent; ↑ brings it back", is_warning=True)
            return False
        prompt.put(typed.text, pasted=typed.pasted)
        self._stage.say("source", why)
        return True

    def _arm(self, armed: _Armed) -> None:
        """Ask with the question back in its place: enter sends it, any other text is another question."""
        if self._give_back(armed.typed, armed.words):
            self._armed = armed
            self._stage.say("source")
            self._stage.say("secret", f"{armed.words} · enter sends all the same · esc no")


def _secret_in(attachments: tuple[Attachment, ...]) -> str:
    """The first thing that looks secret, and how many more do; empty when nothing does."""
    from core.context.secrecy import secrets_in  # only what goes along needs it

    found = secrets_in(attachments)
    if not found:
        return ""
    name, secret = found[0]
    # Short, so that what the keys do stands on the row as well.
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return secret.within(ending(name, _NAME_CELLS)) + more
