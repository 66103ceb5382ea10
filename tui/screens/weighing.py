"""Says before a question is sent how full the window would be, and when it would not fit."""

from typing import Protocol

from core.amounts import tokens_text
from core.context.budget import BYTES_PER_TOKEN, SPARE, TOKENS_PER_MESSAGE, answer_room, estimate_tokens
from tui.bridge import Bridge
from tui.screens.attaching import Attacher
from tui.widgets.prompt import Prompt
from tui.widgets.status import StatusLine
from tui.wording import context_text


class Stage(Protocol):
    """What weighing needs of its screen."""

    bridge: Bridge
    prompt: Prompt
    attacher: Attacher
    status: StatusLine

    def say(self, slot: str, text: str = "") -> None:
        """A word in the notice row."""
        ...


class Scales:
    """What was sent so far, as the server counted it, and what is about to be added."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._counted = 0

    def counted(self, tokens: int) -> None:
        """The conversation so far holds so many tokens; 0 when it begins, or when that is not known."""
        self._counted = tokens
        self.weigh()

    def weigh(self) -> None:
        """Something that would be sent is more or less now."""
        stage = self._stage
        ready = stage.bridge.model_in_use()
        if ready is None:
            return
        window, largest = ready.profile.num_ctx, ready.profile.largest
        texts = [text for text in (stage.prompt.text, *(one.text for one in stage.attacher.fresh())) if text]
        each = ready.bytes_per_token or BYTES_PER_TOKEN
        added = sum(estimate_tokens(text, each) for text in texts) + (TOKENS_PER_MESSAGE if texts else 0)
        tokens = self._counted + added
        stage.status.context = context_text(tokens, window)
        needed = tokens + answer_room(window) + SPARE
        stage.say("full", _too_much(needed, window, largest, bool(self._counted)) if needed > window else "")


def _too_much(needed: int, window: int, largest: int, has_turns: bool) -> str:
    ways = []
    if largest > window:
        ways.append(f"/window {min(largest, 1 << (needed - 1).bit_length())}")
    if has_turns:
        ways.append("/fit without the oldest turns")
    after = f"send it, then {' or '.join(ways)} · " if ways else ""
    return f"too much: {tokens_text(needed)} tok, window {tokens_text(window)} · {after}or send less"
