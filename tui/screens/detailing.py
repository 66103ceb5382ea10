"""How the last answer came, shown under it, and taken away again by the same key."""

from typing import Protocol

from core.errors import HouseError
from tui.bridge import Bridge
from tui.docket import Docket
from tui.transcript.view import Transcript


class Stage(Protocol):
    """What this needs of its screen."""

    bridge: Bridge
    docket: Docket
    transcript: Transcript

    def tell(self, text: str, *, is_warning: bool = False) -> None:
        """A toast."""
        ...


def turn_details(stage: Stage) -> None:
    """Show the last answer's details, or take them away where they are shown."""
    last, transcript = stage.docket.last, stage.transcript
    turn = None if last is None else stage.docket.turn_of(last.key)
    if last is None or turn is None:
        stage.tell("there is no answer yet to tell of")
        return
    if transcript.detail(last.key):
        return
    if stage.docket.running is not None and stage.docket.running.key == last.key:
        stage.tell("the answer is being made; its details are there when it ends")
        return
    try:
        details = stage.bridge.details(turn)
    except HouseError as error:
        stage.tell(error.told, is_warning=True)
        return
    if details is None:
        stage.tell("nothing was measured of this answer")
        return
    from tui.detail_words import details_text  # for who asks

    if not transcript.detail(last.key, details_text(details)):
        stage.tell("the last answer is not in view; it was cleared away")
