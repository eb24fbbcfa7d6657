"""Where one score of the RFM ends and the next begins, kept in a small table or fixed by settings."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, DateTime, Integer, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.ext.asyncio import AsyncSession

from core.segments.rfm import BEST, GroupName, group_of
from store.account import Account
from store.account_sql import scores_of
from store.tables import METADATA

_TENS = 10
_EDGE = METADATA.tables["score_edge"]

# The least figure of each score is that of the contact from whom on a fifth, two fifths … of all others lie below.
_QUANTILES = """
    WITH facts AS (
        SELECT max(o.date) AS last, count(*) AS orders FROM "order" o JOIN contact c ON c.id = o.contact_id
        WHERE o.status = 'DELIVERED' AND o.date <= :now AND c.deleted_at IS NULL AND c.merged_into IS NULL
        GROUP BY o.contact_id
    ), ranked AS (
        SELECT last, orders, CAST(:best AS int) * percent_rank() OVER (ORDER BY last) AS recency,
               CAST(:best AS int) * percent_rank() OVER (ORDER BY orders) AS frequency
        FROM facts
    )
    SELECT n + 1 AS score, min(last) FILTER (WHERE recency >= n) AS last,
           CAST(min(orders) FILTER (WHERE frequency >= n) AS int) AS orders
    FROM generate_series(1, CAST(:best AS int) - 1) AS n LEFT JOIN ranked ON true GROUP BY n
"""
_KEEP = text(f"""
    INSERT INTO score_edge (score, last, orders) {_QUANTILES}
    ON CONFLICT (score) DO UPDATE SET last = excluded.last, orders = excluded.orders, kept_at = now()
""")
_ANY = text("SELECT EXISTS (SELECT FROM score_edge)")


async def keep_score_edges(session: AsyncSession, account: Account) -> None:
    """Count the quantiles of all contacts with DELIVERED orders anew, for the segments that ask for groups."""
    await session.execute(_KEEP, {"now": account.now, "best": BEST})


async def ensure_score_edges(session: AsyncSession, account: Account) -> None:
    """The same unless a pass has kept them before."""
    if not await session.scalar(_ANY):
        await keep_score_edges(session, account)


def in_groups(
    account: Account, last: ColumnElement[object], orders: ColumnElement[int], groups: Iterable[GroupName]
) -> ColumnElement[bool]:
    """Whether these figures of a contact make it one of the groups; unknown for who has no order.

    The edges are fixed ones of the account or those that the last full pass kept, so that the answer for one contact
    does not depend on how many others there are.
    """
    wanted = set(groups)
    scores = range(1, BEST + 1)
    codes = [r * _TENS + f for r in scores for f in scores if group_of(r, f) in wanted]
    recency = 1 + func.width_bucket(last, _moments(account))
    frequency = 1 + func.width_bucket(orders, _counts(account))
    holds: ColumnElement[bool] = (recency * _TENS + frequency).in_(codes)
    return holds


def _moments(account: Account) -> ColumnElement[object]:
    kind = ARRAY(DateTime(timezone=True))
    if account.score_recency:
        return scores_of(account)
    return _kept("last", kind)


def _counts(account: Account) -> ColumnElement[object]:
    kind = ARRAY(Integer)
    if account.score_frequency:
        return bindparam(None, list(account.score_frequency), kind)
    return _kept("orders", kind)


def _kept(name: str, kind: ARRAY[Any]) -> ColumnElement[object]:  # Any: moments or counts
    """The edges of all scores; a score that nobody reaches has none."""
    edge = _EDGE.c[name]
    found = func.array_agg(edge, type_=kind).aggregate_order_by(_EDGE.c.score).filter(edge.is_not(None))
    return select(func.coalesce(found, array([], type_=kind.item_type))).scalar_subquery()
