"""The Beta distribution's bounds, without a library for it."""

import math
from functools import lru_cache

_LEAST = 1e-300
_CLOSE = 1e-12
_MOST_STEPS = 500


def below(x: float, a: float, b: float) -> float:
    """The share of a Beta(a, b) that lies below x: the regularized incomplete beta function."""
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    # The continued fraction closes in quickly on one side of the mean; the other is its mirror.
    if x > (a + 1.0) / (a + b + 2.0):
        return 1.0 - below(1.0 - x, b, a)
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(front) * _fraction(x, a, b) / a


@lru_cache(256)
def quantile(share: float, a: float, b: float) -> float:
    """Below which point a share of a Beta(a, b) lies, to six places; by halving."""
    low, high = 0.0, 1.0
    while high - low > 1e-7:
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle, a, b) < share else (low, middle)
    return (low + high) / 2


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz' method."""
    c, d = 1.0, 1.0 / _apart(1.0 - (a + b) * x / (a + 1.0))
    fraction = d
    for step in range(1, _MOST_STEPS):
        twice = a + 2 * step
        even = step * (b - step) * x / ((twice - 1.0) * twice)
        odd = -(a + step) * (a + b + step) * x / (twice * (twice + 1.0))
        for term in (even, odd):
            d = 1.0 / _apart(1.0 + term * d)
            c = _apart(1.0 + term / c)
            fraction *= c * d
        if abs(c * d - 1.0) < _CLOSE:
            break
    return fraction


def _apart(value: float) -> float:
    """Away from zero, so that it can be divided by."""
    return value if abs(value) > _LEAST else _LEAST
