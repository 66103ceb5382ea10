"""What the person takes from answers, by copying or into a file: it is a sign that the answer served."""

from typing import Protocol

from tui.bridge import Bridge
from tui.docket import Docket
from tui.transcript.view import Transcript

FEWEST_CHARACTERS = 12
"""Of a selection: a shorter one is a word that may stand anywhere."""


class Stage(Protocol):
    """What this needs of its screen."""

    bridge: Bridge
    docket: Docket
    transcript: Transcript


class Taking:
    """Tells of what is taken from the last answer; what was taken elsewhere says nothing of it."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def took(self, text: str) -> None:
        """A text was copied or written."""
        transcript = self._stage.transcript
        key = transcript.last_answered
        turn = None if key is None else self._stage.docket.turn_of(key)
        if turn is not None and self._is_of(text, transcript):
            self._stage.bridge.judging.copied(turn)

    def _is_of(self, text: str, transcript: Transcript) -> bool:
        """Whether a text is of the last answer, as it came or as it is laid out."""
        taken, answer = _plain(text), _plain(transcript.last_answer())
        if len(taken) >= FEWEST_CHARACTERS and taken in answer:
            return True
        return bool(taken) and taken in {answer, *(_plain(code) for _, code in transcript.code_blocks())}


def _plain(text: str) -> str:
    return " ".join(text.split())
