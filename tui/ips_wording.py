"""Intelligence per second in words, and as numbers for programs."""

from collections.abc import Mapping

from core.metrics.session import Session

TITLE = "intelligence per second"
EXPLAINED = (
    "IPS is how many of your needs are settled in a second of your own time: the harmonic mean of"
    " 1 / (1 s + waits, reading and retyping + (1 - chance) x what a failure costs you).",
    "0.1 is ten seconds a need, 1.0 cannot be reached; the same answer sooner, or a better one as soon, is"
    " more, and what runs behind your back costs nothing.",
    "The chances are estimates: published figures, moved by what you do with answers on the screen (copy, go"
    " on to something else, rephrase, ask again, ask deeper), and marked est. below 20 judged answers.",
)
"""What it is, how to read it, and what it rests on."""


def ips_rows(session: Session) -> list[tuple[str, str]]:
    """Labels and words, for people."""
    raise NotImplementedError


def ips_figures(session: Session) -> Mapping[str, object]:
    """The same for programs."""
    raise NotImplementedError
