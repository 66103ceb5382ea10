"""Choosing, fetching and widening models from the screen."""

import asyncio
from contextlib import aclosing
from typing import Protocol

from core.engine.outlook import Outlook
from core.errors import HouseError
from tui.amounts import bytes_text
from tui.bridge import Bridge
from tui.screens.models import ModelScreen


class Stage(Protocol):
    """What choosing needs of its screen."""

    bridge: Bridge
    outlook: Outlook | None

    def tell(self, text: str, *, is_warning: bool = False) -> None:
        """A toast."""
        ...

    def say(self, slot: str, text: str = "") -> None:
        """A word in the notice row."""
        ...

    async def pick(self, screen: ModelScreen) -> str | None:
        """Show the picker; what was chosen."""
        ...

    def watch_server(self) -> object:
        """Look at the server again."""
        ...


class ModelChooser:
    """The person's dealings with models; the screen runs its coroutines as workers."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def choose(self) -> None:
        """Show what is there and take what is chosen."""
        bridge = self._stage.bridge
        if not bridge.is_open:
            return
        try:
            models = await bridge.models()
        except HouseError as error:
            self._complain(error)
            return
        if not models:
            outlook = self._stage.outlook
            if outlook is not None and outlook.provider == "openai" and outlook.message:
                self._stage.tell(f"{outlook.message}. {outlook.remedy}")
            else:
                self._stage.tell("no model is installed yet; F3 or /pull NAME fetches one")
            return
        chosen = await self._stage.pick(ModelScreen(models, self._in_use(), bridge.place))
        if chosen:
            await self.use(chosen)

    def _in_use(self) -> str:
        """The model that answers: as the next question finds it, else as the status line has it already."""
        ready, outlook = self._stage.bridge.model_in_use(), self._stage.outlook
        if ready is not None:
            return ready.model
        return outlook.model.name if outlook is not None and outlook.model is not None else ""

    async def use(self, name: str) -> None:
        """Answer with this model from now on."""
        if not self._stage.bridge.is_open:
            self._stage.tell("still starting; try again in a moment")
            return
        try:
            await self._stage.bridge.use(name)
        except HouseError as error:
            self._complain(error)
            return
        self._stage.watch_server()

    def proposed(self) -> str:
        """The model that would be fetched without a name; empty when none is proposed."""
        outlook = self._stage.outlook
        return outlook.proposal.name if outlook and outlook.proposal else ""

    async def fetch(self, name: str) -> None:
        """Fetch a model with its progress in the notice row; stopped, the same again goes on."""
        try:
            self._stage.say("pull", f"fetching {name} …")
            async with aclosing(self._stage.bridge.pull(name)) as steps:
                async for step in steps:
                    share = min(1.0, step.completed / step.total) if step.total else 0.0
                    bar = f"{'━' * round(share * 20):<20} {share:4.0%}"
                    amount = f"{bytes_text(step.completed)}/{bytes_text(step.total)}"
                    self._stage.say("pull", f"{name} {bar} {amount} · esc stops · {step.status}")
        except asyncio.CancelledError:
            self._stage.tell(f"stopped; /pull {name} goes on where it is")
            raise
        except HouseError as error:
            self._complain(error)
        else:
            self._stage.tell(f"{name} is there")
            await self.use(name)
        finally:
            self._stage.say("pull")

    def widen(self, argument: str) -> bool:
        """Take a larger window; False, and a word why, when there is none to take."""
        ready = self._stage.bridge.model_in_use()
        if ready is None:
            self._stage.tell("no model is in use yet")
            return False
        if argument and not argument.isdecimal():
            self._stage.tell(f"{argument[:20]} is no number of tokens, as in /window 16384", is_warning=True)
            return False
        now, largest = ready.profile.num_ctx, ready.profile.largest
        wanted = int(argument) if argument.isdecimal() and len(argument) <= 9 else now * 2
        window = min(wanted, largest) if largest else wanted
        if window < 512 or window == now:
            self._stage.tell(f"the window holds {now:,} tokens; this model can have {largest or now:,}")
            return False
        self._stage.bridge.widen(window)
        self._stage.tell(f"window {window:,} tokens from the next question on; the model reloads")
        return True

    def _complain(self, error: HouseError) -> None:
        self._stage.tell(error.told, is_warning=True)
