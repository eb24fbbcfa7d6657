"""Where one score of the RFM ends and the next begins, as one row that a statement can join."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Subquery, func, null, select
from sqlalchemy.dialects.postgresql import array

from core.document import OrderStatus
from core.segments.rfm import BEST, GroupName, group_of
from store.tables import METADATA

_STEPS = range(1, BEST)
_TENS = 10


def score_edges(now: datetime) -> Subquery:
    """One row: the least `last` and the least `orders` of each score from 2 up, among all contacts with orders.

    A contact's score is one more than the number of edges that its figure reaches, which is that of its quantile.
    """
    order, contact = METADATA.tables["order"].alias("any_order"), METADATA.tables["contact"].alias("anybody")
    facts = (
        select(func.max(order.c.date).label("last"), func.count().label("orders"))
        .join_from(order, contact, contact.c.id == order.c.contact_id)
        .where(
            order.c.status == OrderStatus.DELIVERED,
            order.c.date <= now,
            contact.c.deleted_at.is_(None),
            contact.c.merged_into.is_(None),
        )
        .group_by(order.c.contact_id)
        .subquery("facts")
    )
    figures = (facts.c.last, facts.c.orders)
    ranks = [(BEST * func.percent_rank().over(order_by=one)).label(f"{one.name}_rank") for one in figures]
    ranked = select(*figures, *ranks).subquery("ranked")
    edges = [
        func.array_remove(
            array([func.min(ranked.c[one.name]).filter(ranked.c[f"{one.name}_rank"] >= step) for step in _STEPS]),
            null(),
        ).label(one.name)
        for one in figures
    ]
    return select(*edges).subquery("edges")


def in_groups(
    edges: Subquery, last: ColumnElement[datetime], orders: ColumnElement[int], groups: Iterable[GroupName]
) -> ColumnElement[bool]:
    """Whether these figures of a contact make it one of the groups; unknown for who has no order."""
    wanted = set(groups)
    scores = range(1, BEST + 1)
    codes = [r * _TENS + f for r in scores for f in scores if group_of(r, f) in wanted]
    recency = 1 + func.width_bucket(last, edges.c.last)
    frequency = 1 + func.width_bucket(orders, edges.c.orders)
    holds: ColumnElement[bool] = (recency * _TENS + frequency).in_(codes)
    return holds
