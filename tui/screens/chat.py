"""The screen where questions are asked and answers are read: it composes, binds and routes."""

import asyncio
import gc
import importlib
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.timer import Timer

from core.errors import HouseError
from core.events import Routed, TurnFailed, TurnStarted
from core.messages import Question
from core.sanitise import clean
from tui.amounts import sources_texts
from tui.bridge import Bridge, TurnProgressed
from tui.docket import Pending
from tui.keys import Action
from tui.recall import Recall
from tui.screens.acts import Listening
from tui.screens.painting import Painting
from tui.screens.sending import Typed
from tui.screens.stepping import SteppingScreen
from tui.screens.telling import Teller
from tui.screens.watching import ServerWatch
from tui.transcript.layout import warm
from tui.transcript.view import Transcript
from tui.widgets.prompt import Prompt
from tui.wording import guide, promise, state_text

PROMPT_HISTORY = 500
SEND_FIRST_S = 0.012
PREPARE_AFTER_S = 1.5
"""By then a question that was typed at once is on its way, and listing the project's files delays nobody."""


class ChatScreen(SteppingScreen):
    """Transcript, notice row, prompt and status line; what is offered, and what goes along."""

    def __init__(
        self,
        bridge: Bridge,
        actions: tuple[Action, ...],
        goes_on: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(bridge, actions, clock)
        self._goes_on = goes_on
        self._painting = Painting(self, clock, lambda answer, ms: self.bridge.painted(answer, ms))
        self._teller = Teller(self, clock)
        self._watch = ServerWatch(self)
        self._recall = Recall(self._earlier_questions)
        self._is_draft_literal = False
        self._sent: list[str] = []
        self._is_sent = asyncio.Event()
        self.is_missing = False  # a warm start asks before it has looked
        self._bind(actions)

    def _bind(self, actions: tuple[Action, ...]) -> None:
        """Keys that act with any focus come before the focused widget's own."""
        for action in actions:
            if action.where != "anywhere":
                continue
            for key in filter(None, action.keys.split(",")):
                binding = Binding(key, action.id, action.words, show=False, priority=True, id=action.id)
                # A new list: the one that is there belongs to every screen of this class.
                others = self._bindings.key_to_bindings.get(key, [])
                self._bindings.key_to_bindings[key] = [binding, *others]

    def compose(self) -> ComposeResult:
        """The widgets, for good; two of them are seen only when there is something in them."""
        yield self.desk
        yield self.chips
        yield self.candidates
        yield self.notice
        yield self.sources
        yield self.prompt
        yield self.status

    def on_mount(self) -> None:
        """Typing is accepted from here on; everything slow comes behind the first paint."""
        self.set_focus(self.prompt)
        self.post_message(Listening())
        self.app.app_resume_signal.subscribe(self, self._repaint)
        self.watch(self.transcript, "lines_below_unseen", self._tell_unseen, init=False)
        self.call_after_refresh(lambda: self.run_in(self._open(), "open"))

    def _repaint(self, _: object) -> None:
        """Back from the shell: the terminal's alternate screen is empty, whatever Textual believes."""
        self.refresh(layout=True)

    def tick(self, every_s: float) -> Timer:
        """A timer for the teller."""
        return self.set_interval(every_s, self._teller.tell_wait)

    # The engine: opened behind the first paint

    async def _open(self) -> None:
        note = await self.bridge.open()
        gc.freeze()
        gc.enable()  # off since the command began, see `tui.cli`
        if note:
            self.tell(note, is_warning=True)
        self.chipper.settle()
        if self._goes_on:
            self._go_on()
        await self.bridge.prepare()
        self.pump()
        self.run_in(self.look_ahead(), "ahead")
        self.run_beside(self.offer_depth(), "depth")
        self.set_timer(PREPARE_AFTER_S, lambda: self.run_beside(self.completer.prepare(), "index"))
        await asyncio.gather(asyncio.to_thread(_warm), self._watch.look())

    def _go_on(self) -> None:
        """Show the last conversation; what was typed meanwhile comes behind it."""
        try:
            latest = self.bridge.latest()
        except HouseError as error:
            self.tell(error.told, is_warning=True)
            return
        if latest is not None:
            typed = self.docket.take_waiting()
            self.open_conversation(latest.id, None)
            for pending in typed:
                self.ask(_anew(pending))

    def open_conversation(self, conversation: int, turn: int | None) -> None:
        """Show a stored conversation, at one of its turns or at its end; the next question goes on there."""
        if conversation != self.docket.conversation:
            try:
                stored = self.bridge.turns(conversation)
                last = stored.page(None, 1)
                stored.keys()
            except HouseError as error:
                self.tell(error.told, is_warning=True)
                return
            self._begin_anew()
            self.transcript.show(stored)
            for one in last:
                self.docket.know(one.id, one.question)
            self.docket.conversation = conversation
            self.opened(last)
        if turn is not None:
            self.call_after_refresh(self.transcript.go_to, self.docket.key_of(turn))

    def put_question(self, text: str) -> None:
        """An earlier question comes into the prompt, unsent; it was text, whatever it begins with."""
        self.prompt.put(text, is_literal=True)
        self.set_focus(self.prompt)

    def take_bridge(self, bridge: Bridge) -> None:
        """Go on with another engine; what waited for the former one is asked there."""
        for group in ("open", "ahead"):  # what watches the former engine must not look through this one
            self.workers.cancel_group(self, group)
        waiting = self.docket.take_waiting()
        if self._pull_worker is not None:
            self._pull_worker.cancel()
        self._begin_anew()
        self.forget_runs()
        self.bridge, self.outlook, self.is_missing = bridge, None, False
        for pending in waiting:
            self.ask(_anew(pending))
        self.run_in(self._open(), "open")

    def watch_server(self) -> None:
        """Something changed or went missing: look, tell, and keep trying."""
        self.run_in(self._watch.look(), "open")

    # Questions: typed, queued, run, told

    def on_prompt_sent(self, message: Prompt.Sent) -> None:
        """Enter: a command if it resolves to one, of ours or of the shell, else a question."""
        self._painting.pressed()
        self.text_taken()
        typed = Typed(clean(message.text), message.pasted)
        text = typed.text.strip()
        name, _, argument = text.partition(" ")
        argument = argument.strip()
        action = None if message.is_literal else self.commands.get(name)
        if action is not None and _takes(action, argument):
            self._run_command(action, argument)
            return
        self.remember(text)
        line = None if message.is_literal else self.runner.command_in(text)
        if line is None:
            self.asked_ahead(text)
            self.sender.send(typed)
        elif not self.runner.start(line):
            self.prompt.put(text)

    def remember(self, text: str) -> None:
        """It was sent; up brings it back."""
        self._sent.append(text)

    def text_taken(self) -> None:
        """What was typed is on its way: what was offered for it, and the walk through earlier ones, end."""
        self._recall.end()
        self.completer.close()

    def ask(self, question: Question, note: str = "") -> int:
        """Queue a question with what goes along, and what is to be said of that; the key of its turn."""
        self.end_find()
        pending = self.docket.add(question)
        self.transcript.begin_turn(pending.key, question.text, self.with_it(question, note))
        self.pump()
        return pending.key

    def ask_offered(self, question: str) -> None:
        """A chip's key counts as enter does."""
        self._painting.pressed()
        super().ask_offered(question)

    def with_it(self, question: Question, note: str) -> tuple[str, ...]:
        """What is said of what goes along with a question."""
        return (*sources_texts(question.attachments), *filter(None, (note,)))

    def _run_command(self, action: Action, argument: str) -> None:
        """``/copy 2`` is `command_copy`, where an action takes an argument; else the action itself."""
        if action.usage:
            getattr(self, f"command_{action.id}")(argument)
        else:
            getattr(self, f"action_{action.id}")()

    def pump(self) -> None:
        """Run the next question that waits; while the server is missing, each once, for a stored answer."""
        if self.is_missing:
            self._watch.look_at_once()
        if self.bridge.is_open and (pending := self.docket.begin(is_missing=self.is_missing)):
            self._maybes.forget()
            self._painting.begin()
            self._teller.begin(pending.key)
            self.status.state = "asking"
            self._turn_worker = self.run_in(self.bridge.play(pending.question, pending.key, self), "turn")
            self.run_in(self._send_before_painting(), "send")
        if self.bridge.is_open:  # who typed before it was has waited since
            self._painting.waits()
        for waiting in self.docket.waiting():
            self.transcript.label(waiting.key, "queued")
        self.chipper.look()

    async def _send_before_painting(self) -> None:
        """Hold the frame back until the request is out: painting takes longer than sending."""
        self._is_sent.clear()
        with self.app.batch_update(), suppress(TimeoutError):
            await asyncio.wait_for(self._is_sent.wait(), SEND_FIRST_S)

    def on_turn_progressed(self, message: TurnProgressed) -> None:
        """The engine says what happens; the teller shows it, and tells when the turn is over."""
        message.stop()
        if not isinstance(message.event, Routed):
            self._is_sent.set()  # the question is stored, which takes no less time than sending it
        is_over = self._teller.take(message.key, message.event)
        if self._teller.tells(message.key):
            self._painting.take(message.event)
        if is_over:
            self.turn_moved()
            self.pump()
        elif isinstance(message.event, TurnFailed) and self.docket.has_new:
            self.pump()  # one that waits behind it may have a stored answer
        if isinstance(message.event, TurnStarted):
            self.started()

    def missing(self, turn: int | None) -> bool:
        """The running question could not be sent: it waits for what is missing; False when it may not."""
        if not self.docket.put_back(turn):
            return False
        self.is_missing = True
        self.watch_server()
        return True

    def _leave_turn(self) -> None:
        self._teller.leave()
        self.idle(None)

    def idle(self, routed: Routed | None) -> None:
        """No answer is being made."""
        self._turn_worker = None
        self.say("guide", guide(self.outlook) if self.is_missing and self.outlook else "")
        self.status.state = promise(routed.place) if routed else ""
        if routed is None and self.outlook is not None:
            self.status.state = state_text(self.outlook)

    # Typing

    def walk(self, step: int) -> None:
        """Up and down walk through what was asked before."""
        if self._recall.is_at_draft:
            self._is_draft_literal = self.prompt.is_literal
        text = self._recall.step(step, self.prompt.text)
        if text is not None:
            # What was asked was text, whatever it begins with; what was run can be run again.
            is_asked = not self._recall.is_at_draft and text not in self.runner.typed
            self.prompt.put(text, is_literal=self._is_draft_literal or is_asked)

    def _earlier_questions(self) -> tuple[str, ...]:
        asked = (*self.docket.unasked(), *reversed(self._sent), *self.bridge.questions(PROMPT_HISTORY))
        return tuple(dict.fromkeys(asked))

    def on_key(self, event: events.Key) -> None:
        """Bare letters act while the transcript has focus; any other printable key is typed."""
        if self.focused is self.transcript and (action := self._letters["transcript"].get(event.key)):
            event.stop()
            getattr(self, f"action_{action}")()

    def meet(self, event: events.Key | events.Paste) -> None:
        """Text is on its way: while it has no meaning where the focus is, the focus goes to the prompt."""
        is_text = isinstance(event, events.Paste) or self.is_text(event)
        if is_text and self.focused is not self.prompt:
            self.set_focus(self.prompt)

    def on_transcript_link_chosen(self, message: Transcript.LinkChosen) -> None:
        """A link is copied and shown whole, never opened: a model may write any."""
        self._copy(message.url, f"{message.url} · ")

    def _tell_unseen(self, lines: int) -> None:
        """Lines came while the person reads further up."""
        self.say("unseen", f"{lines} new lines · ctrl+end" if lines else "")


def _takes(action: Action, argument: str) -> bool:
    """Whether a command can mean what stands behind it; a sentence that begins like one is a question."""
    if not argument or not action.usage:
        return not argument
    if action.fits:
        return re.fullmatch(action.fits, argument) is not None
    return action.takes_text or len(argument.split()) == 1


def _warm() -> None:
    """What the first answer and the first sigil need, imported while nobody waits for it."""
    warm()
    importlib.import_module("core.context.path_index")
    importlib.import_module("rapidfuzz")
    importlib.import_module("core.cache.nearest")


def _anew(pending: Pending) -> Question:
    """A question that waited elsewhere, as a new one."""
    return replace(pending.question, text=pending.text, again=None, conversation=None)
