"""Calls a person who looks elsewhere: the bell, and a notice of the terminal's own where it has such."""

from collections.abc import Mapping

from core.sanitise import clean_line

_LONGEST = 120


def call_sequence(text: str, environ: Mapping[str, str]) -> str:
    """What is written to the terminal: BEL, and OSC 9 with the text.

    Inside tmux and screen the bell alone: what they do not know they may print.
    """
    if environ.get("TMUX") or environ.get("STY"):
        return "\a"
    # A terminal ends the notice at the first control character, and takes a leading number for a command.
    return f"\a\x1b]9;leadline: {clean_line(text)[:_LONGEST]}\a"
