"""The figures of one statement as few conditions over the orders as they need."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, true

Counted = dict[tuple[str, object], ColumnElement[bool]]
"""Which orders count: conditions that have to hold together, each by what it says."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One aggregate over some orders, under a name."""

    name: str
    aggregate: Any  # of SQLAlchemy, of any type
    where: Counted


def figure_columns(figures: Sequence[Figure]) -> tuple[list[ColumnElement[Any]], ColumnElement[bool]]:  # Any: all types
    """The columns of the figures, and the condition on the orders that any of them counts.

    What all figures ask alike is asked once for each order, not again by every aggregate.
    """
    shared = {key: part for key, part in figures[0].where.items() if all(key in one.where for one in figures)}
    own = [[part for key, part in one.where.items() if key not in shared] for one in figures]
    columns = [
        (one.aggregate.filter(and_(*parts)) if parts else one.aggregate).label(one.name)
        for one, parts in zip(figures, own, strict=True)
    ]
    some = [or_(*(and_(*parts) for parts in own))] if all(own) else []
    return columns, and_(true(), *shared.values(), *some)
