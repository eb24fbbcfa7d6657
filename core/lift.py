"""How much more people did than those who got nothing, with an interval that holds the truth 19 times of 20.

Conversions: the interval of Agresti and Caffo (The American Statistician 54, 2000), which adds one success and one
failure to each side and is good for small numbers too. Amounts: Welch's, with the normal distribution in place of t.
"""

from dataclasses import dataclass
from math import sqrt

_Z = 1.96
"""Of the normal distribution, for 95 %."""


@dataclass(frozen=True, slots=True)
class Lift:
    """A difference, and the ends of its interval; they are None when there are too few to tell."""

    difference: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Amounts:
    """Amounts of `count` people, those of nothing included."""

    count: int
    total: float
    squares: float

    @property
    def mean(self) -> float:
        """Of one person."""
        return self.total / self.count

    @property
    def variance(self) -> float:
        """Of the sample, divided by its size less one. Rounding never makes it less than nothing."""
        return max(0.0, (self.squares - self.total * self.total / self.count) / (self.count - 1))


def conversion_lift(converted: int, count: int, others_converted: int, others: int) -> Lift | None:
    """Share of people who bought, less that of the others. None when there is nobody on a side."""
    if not count or not others:
        return None
    share, other = (converted + 1) / (count + 2), (others_converted + 1) / (others + 2)
    reach = _Z * sqrt(share * (1 - share) / (count + 2) + other * (1 - other) / (others + 2))
    middle = share - other
    return Lift(converted / count - others_converted / others, max(-1.0, middle - reach), min(1.0, middle + reach))


def amount_lift(amounts: Amounts, others: Amounts) -> Lift | None:
    """Amount of one person, less that of one of the others. None when there is nobody on a side."""
    if not amounts.count or not others.count:
        return None
    difference = amounts.mean - others.mean
    if min(amounts.count, others.count) == 1:
        return Lift(difference, None, None)
    reach = _Z * sqrt(amounts.variance / amounts.count + others.variance / others.count)
    return Lift(difference, difference - reach, difference + reach)
