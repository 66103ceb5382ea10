"""Follow-ups that an answer itself suggests, without asking a model."""

from core.speculation.chip import Chip


def rule_chips(question: str, answer: str, reason: str, most: int) -> tuple[Chip, ...]:
    """The chips that come at once, best first, places from 1; none when nothing is plain.

    It asks something → "yes", "no" or its options; it has code → "explain", "write tests"; it was cut →
    "continue".
    """
    raise NotImplementedError
