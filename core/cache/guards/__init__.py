"""The guards: each looks for one kind of difference, and says what it found."""

from collections.abc import Callable, Iterable

from core.cache.alignment import Alignment
from core.cache.guards.asking import owner, person, question_kind, tense, term
from core.cache.guards.difference import Difference
from core.cache.guards.leftover import left_over
from core.cache.guards.order import compounds, order, roles
from core.cache.guards.polarity import joined, negated
from core.cache.guards.quantity import all_of_them, counted, singular_or_plural

Guard = Callable[[Alignment], Iterable[Difference]]

GUARDS: tuple[Guard, ...] = (
    *(left_over, negated, roles, compounds, order, joined),
    *(counted, all_of_them, singular_or_plural, question_kind, tense, person, owner, term),
)


def differences(alignment: Alignment) -> tuple[Difference, ...]:
    """What every guard objects to, in the guards' order."""
    return tuple(found for guard in GUARDS for found in guard(alignment))


__all__ = ["GUARDS", "Difference", "differences"]
