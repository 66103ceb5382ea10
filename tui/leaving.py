"""Leaving the screen: what is closed behind it, and what stands in the scrollback."""

from collections.abc import Callable
from contextlib import suppress

from core.errors import HouseError
from core.messages import Turn
from tui.bridge import Bridge
from tui.docket import Docket


async def close(bridge: Bridge) -> None:
    """Close the engine, and let what is just being started come so far that it can be ended."""
    await bridge.aclose()
    from core.context.processes import all_started  # not with the first frame

    await all_started()


def whole_conversation(bridge: Bridge, docket: Docket, text_of: Callable[[int], str]) -> str:
    """Every question with its current answer, and the running one, which the store may not have yet.

    Args:
        text_of: what has come so far of the answer in a turn of the screen's.
    """
    turns: tuple[Turn, ...] = ()
    if docket.conversation:
        with suppress(HouseError):  # leaving must not fail for want of a file
            stored = bridge.turns(docket.conversation)
            turns = stored.page(None, len(stored.keys()))
    texts = {turn.id: (turn.question, turn.current.text if turn.current else "") for turn in turns}
    if (running := docket.running) is not None:
        turn = docket.turn_of(running.key) or 0  # no stored turn is 0, so an unknown one comes last
        question, before = texts.get(turn, (running.text, ""))
        texts[turn] = question, text_of(running.key) or before
    return "\n\n".join(f"› {question}\n\n{text}" for question, text in texts.values())
