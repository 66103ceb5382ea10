"""The screen where questions are asked and answers are read: it composes, binds and routes."""

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import aclosing

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import TextArea
from textual.worker import Worker

from core.engine.models import Outlook, Readiness
from core.errors import HouseError
from core.messages import Question
from core.sanitise import clean
from tui.amounts import bytes_text
from tui.bridge import Bridge, TurnProgressed
from tui.clipboard import copy_text
from tui.docket import Docket
from tui.keys import Action, commands
from tui.screens.help import HelpScreen
from tui.screens.models import ModelScreen
from tui.screens.telling import Teller
from tui.transcript.view import Transcript
from tui.widgets.prompt import Prompt
from tui.widgets.status import NoticeRow, StatusLine
from tui.wording import context_text, guide, state_text


class DemoAsked(Message):
    """The person wants to try the demo model."""


LOOK_AGAIN_S = (1.0, 2.0, 5.0, 10.0)
QUIT_ARMED_S = 2.0
CALM_AFTER_STOP_S = 1.0
PROMPT_HISTORY = 500


class ChatScreen(Screen[None]):
    """Transcript, notice row, prompt and status line."""

    CSS_PATH = "../styles/chat.tcss"

    def __init__(
        self,
        bridge: Bridge,
        actions: tuple[Action, ...],
        goes_on: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self.bridge = bridge
        self.docket = Docket()
        self._actions = actions
        self._commands = commands(actions)
        self._reading = {
            key: action.id
            for action in actions
            if action.where == "transcript"
            for key in action.keys.split(",")
        }
        self._goes_on = goes_on
        self._clock = clock
        self._teller = Teller(self, clock)
        self._outlook: Outlook | None = None
        self._look_now = asyncio.Event()
        self._turn_worker: Worker[None] | None = None
        self._pull_worker: Worker[None] | None = None
        self._stopped_at = self._armed_at = -60.0
        self._earlier: tuple[str, ...] = ()
        self._earlier_at = -1
        self._draft = ""
        self._bind_all(actions)

    def compose(self) -> ComposeResult:
        """Four widgets, for good."""
        newline = next(action for action in self._actions if action.id == "newline")
        yield Transcript()
        yield NoticeRow()
        yield Prompt(frozenset(newline.keys.split(",")), "Ask anything · enter sends · F1 help")
        yield StatusLine()

    def on_mount(self) -> None:
        """Typing is accepted from here on; everything slow comes behind the first paint."""
        # set_focus and not focus(): the input thread is already reading, and what was typed so far stands
        # in the queue before a deferred focus call would.
        self.set_focus(self.prompt)
        self.watch(self.transcript, "lines_below_unseen", self._tell_unseen, init=False)
        self.call_after_refresh(self.open_bridge)

    @property
    def transcript(self) -> Transcript:
        """Where answers are read."""
        return self.query_one(Transcript)

    @property
    def prompt(self) -> Prompt:
        """Where questions are typed."""
        return self.query_one(Prompt)

    @property
    def notice(self) -> NoticeRow:
        """The row above the prompt."""
        return self.query_one(NoticeRow)

    @property
    def status(self) -> StatusLine:
        """The last row."""
        return self.query_one(StatusLine)

    @work(group="open", exclusive=True)
    async def open_bridge(self) -> None:
        """Open the engine, take up the last conversation if asked to, and look at the server."""
        if note := await self.bridge.open():
            self.notify(note, severity="warning", markup=False, timeout=15)
        if self._goes_on and (latest := self.bridge.latest()):
            turns = self.bridge.turns(latest.id)
            self.transcript.show(turns)
            for turn in turns:
                self.docket.know(turn.id, turn.id)
            self.docket.conversation = latest.id
        self.pump()
        await self._watch_server()

    async def _watch_server(self) -> None:
        """Look until all is well; a question looks again at once."""
        tries = 0
        while True:
            self._look_now.clear()
            self._show_outlook(await self.bridge.look())
            if self._outlook is not None and self._outlook.readiness is Readiness.READY:
                self.pump()
                return
            try:
                await asyncio.wait_for(self._look_now.wait(), LOOK_AGAIN_S[min(tries, len(LOOK_AGAIN_S) - 1)])
            except TimeoutError:
                tries += 1

    @work(group="open", exclusive=True)
    async def watch_server(self) -> None:
        """Something went missing: tell, and keep trying."""
        await self._watch_server()

    def _show_outlook(self, outlook: Outlook) -> None:
        self._outlook = outlook
        self.notice.say("guide", guide(outlook))
        if self.docket.running is None:
            self.status.state = state_text(outlook)
        self.status.model = outlook.model.name if outlook.model else ""

    def pump(self) -> None:
        """Run the next question that waits, if it can be."""
        is_missing = self._outlook is not None and self._outlook.readiness is not Readiness.READY
        if not self.bridge.is_open or is_missing:
            self._label_waiting()
            self._look_now.set()
            return
        if pending := self.docket.begin():
            self._teller.begin(pending.key)
            self.status.state = "asking"
            self._turn_worker = self.run_worker(
                self.bridge.play(pending.question, pending.key, self), group="turn", exclusive=True
            )
        self._label_waiting()

    def _label_waiting(self) -> None:
        for pending in self.docket.waiting():
            self.transcript.label(pending.key, "queued")

    def on_turn_progressed(self, message: TurnProgressed) -> None:
        """The engine says what happens; the teller shows it, and tells when the turn is over."""
        message.stop()
        if self._teller.take(message.key, message.event):
            self.pump()

    def missing(self, turn: int | None) -> bool:
        """The running question could not be sent: let it wait for what is missing; False when it may not."""
        if not self.docket.put_back(turn):
            return False
        self._outlook = None
        self.watch_server()
        return True

    def show_context(self, tokens: int, window: int) -> None:
        """How full the window is."""
        self.status.context = context_text(tokens, window)

    def idle(self, model: str, state: str) -> None:
        """No answer is being made."""
        self._turn_worker = None
        self.status.model = model or self.status.model
        self.status.state = state

    def tick(self, every_s: float) -> Timer:
        """A timer for the teller."""
        return self.set_interval(every_s, self._teller.tell_wait)

    def on_prompt_sent(self, message: Prompt.Sent) -> None:
        """Enter: a command if it resolves to one, else a question."""
        name, _, argument = message.text.strip().partition(" ")
        if not message.is_literal and name in self._commands and "\n" not in message.text.strip():
            self._run_command(self._commands[name], argument.strip())
            return
        text = clean(message.text).strip()
        self._earlier, self._earlier_at = (), -1
        pending = self.docket.add(Question(text))
        self.transcript.begin_turn(pending.key, text)
        self.pump()

    def _run_command(self, action: Action, argument: str) -> None:
        method = getattr(self, f"command_{action.id}", None)
        if method is not None and action.usage:
            method(argument)
        else:
            getattr(self, f"action_{action.id}")()

    def on_prompt_completion_asked(self) -> None:
        """Tab completes a command."""
        names = self._matching_commands(self.prompt.text)
        if names:
            action = self._commands[names[0]]
            self.prompt.put(f"{action.command} " if action.usage else action.command)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Say which commands the typed beginning could become."""
        names = self._matching_commands(event.text_area.text)
        words = [f"{name} {self._commands[name].words}" for name in names]
        self.notice.say("completion", " · ".join(words[:3]) + (" …" if len(words) > 3 else ""))

    def _matching_commands(self, text: str) -> list[str]:
        if not text.startswith("/") or "\n" in text:
            return []
        name, has_argument, _ = text.partition(" ")
        if has_argument:
            return [name] if name in self._commands else []
        return [command for command in self._commands if command.startswith(name)]

    def on_prompt_earlier_asked(self, message: Prompt.EarlierAsked) -> None:
        """Up and down walk through what was asked before; what was being typed is kept at the near end."""
        if self._earlier_at < 0:
            if message.step < 0:
                return
            self._draft = self.prompt.text
            waiting = tuple(pending.question.text for pending in reversed(self.docket.waiting()))
            self._earlier = waiting + self.bridge.questions(PROMPT_HISTORY)
        at = min(self._earlier_at + message.step, len(self._earlier) - 1)
        self._earlier_at = max(at, -1)
        self.prompt.put(self._earlier[at] if at >= 0 else self._draft)

    def on_prompt_left(self) -> None:
        """Shift+tab goes into the transcript."""
        self.set_focus(self.transcript)

    def on_key(self, event: events.Key) -> None:
        """Bare letters act while the transcript has focus; any other printable key is typed."""
        if not self.transcript.has_focus:
            return
        if event.key in self._reading:
            event.stop()
            getattr(self, f"action_{self._reading[event.key]}")()
        elif event.is_printable and event.character:
            event.stop()
            self.set_focus(self.prompt)
            self.prompt.type_key(event.character)

    def on_paste(self, event: events.Paste) -> None:
        """A paste is always for the prompt."""
        if not self.prompt.has_focus:
            self.set_focus(self.prompt)
            self.prompt.post_message(event)

    def _tell_unseen(self, lines: int) -> None:
        """Lines came while the person reads further up."""
        self.notice.say("unseen", f"{lines} new lines · ctrl+end" if lines else "")

    def action_stop(self) -> None:
        """Esc: stop the answer, else the download, else nothing; back to the prompt."""
        if not self._stop_answer() and self._pull_worker is not None:
            self._pull_worker.cancel()
        if not self.prompt.has_focus:
            self.set_focus(self.prompt)

    def action_interrupt(self) -> None:
        """Ctrl+C: copy a selection, else stop, else let nothing wait, else arm quitting."""
        if selected := self.prompt.selected_text or self.get_selected_text():
            self.clear_selection()
            self._copy(selected)
            return
        if self._stop_answer():
            return
        if dropped := self.docket.drop_waiting():
            for pending in dropped:
                self.transcript.label(pending.key, "not asked")
            return
        now = self._clock()
        if now - self._armed_at <= QUIT_ARMED_S:
            self.app.exit()
        elif now - self._stopped_at > CALM_AFTER_STOP_S:
            self._armed_at = now
            self.notice.say("quit", "ctrl+c again quits")
            self.set_timer(QUIT_ARMED_S, lambda: self.notice.say("quit"))

    def _stop_answer(self) -> bool:
        if self._turn_worker is None or self.docket.running is None:
            return False
        self._turn_worker.cancel()
        self._stopped_at = self._clock()
        return True

    def action_page_up(self) -> None:
        """Scroll the transcript from wherever the focus is."""
        self.transcript.scroll_page_up(animate=False)

    def action_page_down(self) -> None:
        """Scroll the transcript from wherever the focus is."""
        self.transcript.scroll_page_down(animate=False)

    def action_follow(self) -> None:
        """To the end, and stay there."""
        self.transcript.scroll_end(animate=False)

    action_read_end = action_follow

    def action_new(self) -> None:
        """A new conversation; a running answer goes on being stored only as far as it came."""
        self._stop_answer()
        self.docket = Docket(_keys=self.docket._keys)
        self.transcript.clear()
        self.status.context = ""
        self.notice.say("guide", "new conversation")

    def action_clear(self) -> None:
        """Clear the view; the conversation goes on."""
        self.transcript.clear()

    def action_copy(self) -> None:
        """Copy the last answer."""
        self.command_copy("")

    action_read_copy = action_copy

    def action_read_code(self) -> None:
        """Copy the last code block of the last answer."""
        blocks = self.transcript.code_blocks(None)
        self.command_copy(str(len(blocks)) if blocks else "1")

    def command_copy(self, argument: str) -> None:
        """``/copy`` the last answer, ``/copy 2`` its second code block."""
        if not argument:
            text = self.transcript.last_answer()
            self._copy(text) if text else self.notify("there is no answer to copy yet", markup=False)
            return
        blocks = self.transcript.code_blocks(None)
        if not argument.isdecimal() or not 1 <= int(argument) <= len(blocks):
            there = f"it has {len(blocks)}" if blocks else "it has none"
            self.notify(
                f"no code block {argument} in the last answer: {there}", severity="warning", markup=False
            )
            return
        self._copy(blocks[int(argument) - 1][1])

    @work(group="copy")
    async def _copy(self, text: str) -> None:
        said = await copy_text(text, self.app.copy_to_clipboard, os.environ)
        self.notify(said, markup=False, timeout=3)

    def action_again(self) -> None:
        """Answer the last question once more."""
        self._again(fit=False)

    action_read_again = action_again

    def action_fit(self) -> None:
        """Ask the last question again, without the oldest turns."""
        self._again(fit=True)

    def _again(self, *, fit: bool) -> None:
        if self.docket.add_again(fit=fit) is None:
            self.notify("there is no question to ask again", markup=False)
            return
        self.pump()

    def command_window(self, argument: str) -> None:
        """``/window 16384`` takes a larger window and asks the last question again."""
        ready = self.bridge.model_in_use()
        if ready is None:
            self.notify("no model is in use yet", markup=False)
            return
        now, largest = ready.profile.num_ctx, ready.profile.largest
        wanted = int(argument) if argument.isdecimal() else now * 2
        window = min(wanted, largest) if largest else wanted
        if window < 512 or window == now:
            self.notify(
                f"the window holds {now:,} tokens; this model can have {largest or now:,}", markup=False
            )
            return
        self.bridge.widen(window)
        self.notify(f"window {window:,} tokens from the next question on; the model reloads", markup=False)
        if self.docket.add_again() is not None:
            self.pump()

    def action_model(self) -> None:
        """Choose a model from a list."""
        self._pick_model()

    def command_model(self, argument: str) -> None:
        """``/model NAME`` takes it at once."""
        self._use_model(argument) if argument else self._pick_model()

    @work(group="models", exclusive=True)
    async def _pick_model(self) -> None:
        if not self.bridge.is_open:
            return
        try:
            models = await self.bridge.models()
        except HouseError as error:
            self.notify(f"{error.message}. {error.remedy}", severity="warning", markup=False)
            return
        if not models:
            self.notify("no model is installed yet", markup=False)
            return
        in_use = self.bridge.model_in_use()
        chosen = await self.app.push_screen_wait(
            ModelScreen(models, in_use.model if in_use else "", self.bridge.place)
        )
        if chosen:
            await self._use(chosen)

    @work(group="models", exclusive=True)
    async def _use_model(self, name: str) -> None:
        await self._use(name)

    async def _use(self, name: str) -> None:
        try:
            await self.bridge.use(name)
        except HouseError as error:
            self.notify(f"{error.message}. {error.remedy}", severity="warning", markup=False)
            return
        self.watch_server()

    def action_pull(self) -> None:
        """Fetch the proposed model."""
        self.command_pull("")

    def command_pull(self, argument: str) -> None:
        """``/pull NAME``; without a name the proposed one."""
        proposal = self._outlook.proposal if self._outlook else None
        name = argument or (proposal.name if proposal else "")
        if not name:
            self.notify("name a model, as in /pull llama3.2:3b", markup=False)
        elif self.bridge.is_open:
            self._pull_worker = self._pull(name)

    @work(group="pull", exclusive=True)
    async def _pull(self, name: str) -> None:
        """Fetch a model with its progress in the notice row; esc stops, and the same again goes on."""
        try:
            self.notice.say("pull", f"fetching {name} …")
            async with aclosing(self.bridge.pull(name)) as steps:
                async for step in steps:
                    share = step.completed / step.total if step.total else 0.0
                    bar = f"{'━' * round(share * 20):<20} {share:4.0%}"
                    amount = f"{bytes_text(step.completed)}/{bytes_text(step.total)}"
                    self.notice.say("pull", f"{name} {bar} {amount} {step.status} · esc stops")
        except asyncio.CancelledError:
            self.notify(f"stopped; /pull {name} goes on where it is", markup=False)
            raise
        except HouseError as error:
            self.notify(f"{error.message}. {error.remedy}", severity="warning", markup=False, timeout=10)
        else:
            self.notify(f"{name} is there", markup=False)
            await self._use(name)
        finally:
            self._pull_worker = None
            self.notice.say("pull")

    def action_demo(self) -> None:
        """The built-in demo model, in a store of its own."""
        self.post_message(DemoAsked())

    def action_help(self) -> None:
        """Keys and commands."""
        self.app.push_screen(HelpScreen(self._actions))

    def action_palette(self) -> None:
        """Every command, to be searched."""
        self.app.action_command_palette()

    def action_suspend(self) -> None:
        """To the shell."""
        self.app.action_suspend_process()

    def left_behind(self, is_all: bool) -> str:
        """What stays in the scrollback: the last answer, or everything that was shown."""
        if not is_all:
            return self.transcript.last_answer()
        turns = self.bridge.turns(self.docket.conversation) if self.docket.conversation else ()
        return "\n\n".join(
            f"› {turn.question}\n\n{turn.current.text if turn.current else ''}" for turn in turns
        )

    def action_quit(self) -> None:
        """Leave."""
        self.app.exit()

    def _bind_all(self, actions: tuple[Action, ...]) -> None:
        """Keys that act with any focus come before the focused widget's own."""
        for action in actions:
            if action.where == "anywhere" and action.keys:
                for key in action.keys.split(","):
                    self._bindings.key_to_bindings.setdefault(key.strip(), []).append(
                        Binding(key.strip(), action.id, action.words, show=False, priority=True, id=action.id)
                    )
