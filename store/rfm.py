"""The RFM grid, scores and flows, counted from the orders when they are asked for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.segments.rfm import group_of, recency_edges
from store.account import Account


@dataclass(frozen=True, slots=True)
class RfmFilter:
    """Whose orders, and which of them."""

    source: str | None = None
    store_id: str | None = None
    segment: str | None = None


_BUYS = """
    status = 'DELIVERED' AND date <= :now
    AND (CAST(:source AS text) IS NULL OR source = :source) AND (CAST(:store AS text) IS NULL OR store_id = :store)
"""
_FACTS = f"""
    WITH facts AS (
        SELECT contact_id, count(*) AS orders, max(date) AS last,
               count(*) FILTER (WHERE currency = :currency) AS paid,
               sum(total_cost) FILTER (WHERE currency = :currency) AS revenue
        FROM "order" WHERE {_BUYS} AND contact_id IS NOT NULL
        GROUP BY contact_id
    )
"""  # noqa: S608 (constants)
_RECENCY = "COALESCE(:cells - width_bucket(f.last, CAST(:edges AS timestamptz[])), 0)"
_FREQUENCY = "width_bucket(COALESCE(f.orders, 0)::int, CAST(:bounds AS int[]))"
_MEMBER = """
    (CAST(:segment AS text) IS NULL OR EXISTS (
        SELECT FROM segment_member m JOIN segment s ON s.id = m.segment_id
        WHERE m.contact_id = {contact} AND s.name = :segment))
"""
_LIVE = "c.deleted_at IS NULL AND c.merged_into IS NULL"
# Who bought is found from the orders alone: few contacts are merged or deleted, and many have no order.
_BOUGHT = f"""
    NOT EXISTS (SELECT FROM contact c WHERE c.id = f.contact_id AND NOT ({_LIVE}))
    AND {_MEMBER.format(contact="f.contact_id")}
"""
_GRID = text(f"""
    {_FACTS}, bought AS (
        SELECT {_RECENCY} AS recency, {_FREQUENCY} AS frequency, count(*) AS contacts, sum(f.paid)::bigint AS orders,
               COALESCE(sum(f.revenue), 0) AS revenue,
               round(sum(f.revenue) / NULLIF(sum(f.paid), 0), 2) AS average_check
        FROM facts f WHERE {_BOUGHT} GROUP BY 1, 2
    ), never AS (
        SELECT count(*) - (SELECT COALESCE(sum(contacts), 0) FROM bought)::bigint AS contacts
        FROM contact c WHERE {_LIVE} AND {_MEMBER.format(contact="c.id")}
    )
    SELECT 0 AS recency, 0 AS frequency, contacts, 0 AS orders, 0 AS revenue, NULL AS average_check
    FROM never WHERE contacts > 0
    UNION ALL SELECT * FROM bought ORDER BY recency, frequency
""")  # noqa: S608 (constants)
# From contact to contact until a page is full: a cell that is worth a look has many of them.
_CELL = text(f"""
    SELECT c.id, f.last, f.orders, f.revenue FROM contact c CROSS JOIN LATERAL (
        SELECT count(*) AS orders, max(date) AS last,
               COALESCE(sum(total_cost) FILTER (WHERE currency = :currency), 0) AS revenue
        FROM "order" WHERE contact_id = c.id AND {_BUYS}) AS f
    WHERE {_LIVE} AND {_MEMBER.format(contact="c.id")} AND (CAST(:before AS uuid) IS NULL OR c.id < :before)
      AND {_RECENCY} = :recency AND {_FREQUENCY} = :frequency
    ORDER BY c.id DESC LIMIT :limit
""")  # noqa: S608 (constants)
_SCORE = """
    COALESCE(1 + width_bucket({figure}, CAST(:{name}_edges AS {kind}[])),
             LEAST(5, 1 + floor(5 * percent_rank() OVER (ORDER BY {figure})))::int) AS {name}
"""
_SCORED = {"r": ("f.last", "timestamptz"), "f": ("f.orders::int", "int"), "m": ("COALESCE(f.revenue, 0)", "numeric")}
_SCORES = text(f"""
    {_FACTS}, ranked AS (
        SELECT f.revenue, {", ".join(_SCORE.format(name=n, figure=f, kind=k) for n, (f, k) in _SCORED.items())}
        FROM facts f WHERE {_BOUGHT}
    )
    SELECT r, f, m, count(*) AS contacts, COALESCE(sum(revenue), 0) AS revenue
    FROM ranked GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
""")  # noqa: S608 (constants)
_FLOWS = text("""
    WITH moved AS (
        SELECT contact_id,
               (array_agg(from_recency ORDER BY at, id))[1] AS from_recency,
               (array_agg(from_frequency ORDER BY at, id))[1] AS from_frequency,
               (array_agg(to_recency ORDER BY at DESC, id DESC))[1] AS to_recency,
               (array_agg(to_frequency ORDER BY at DESC, id DESC))[1] AS to_frequency
        FROM rfm_move WHERE at >= :since AND at < :until GROUP BY contact_id
    )
    SELECT from_recency, from_frequency, to_recency, to_frequency, count(*) AS contacts FROM moved
    WHERE (from_recency, from_frequency) <> (to_recency, to_frequency) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
""")


async def grid(session: AsyncSession, account: Account, wanted: RfmFilter) -> list[dict[str, Any]]:  # Any: a row
    """The cells in which somebody is, with their contacts, and orders and revenue in the account's currency."""
    found = await session.execute(_GRID, _given(account, wanted))
    return [dict(row) for row in found.mappings()]


async def cell_contacts(
    session: AsyncSession,
    account: Account,
    wanted: RfmFilter,
    cell: tuple[int, int],
    *,
    before: UUID | None,
    limit: int,
) -> list[dict[str, Any]]:  # Any: a row
    """Contacts of the cell (recency, frequency), newest first; `before` is the last id of the page before."""
    place = {"recency": cell[0], "frequency": cell[1], "before": before, "limit": limit}
    found = await session.execute(_CELL, _given(account, wanted) | place)
    return [dict(row) for row in found.mappings()]


async def scores(session: AsyncSession, account: Account, wanted: RfmFilter) -> list[dict[str, Any]]:  # Any: a row
    """Scores 1 to 5 among who has orders, with their group: by the account's fixed edges, else by quantiles.

    Equal values have equal scores.
    """
    fixed = {
        "r_edges": recency_edges(account.now, account.score_recency, account.zone) or None,
        "f_edges": list(account.score_frequency) or None,
        "m_edges": list(account.score_monetary) or None,
    }
    given = {name: value for name, value in _given(account, wanted).items() if name not in {"edges", "cells", "bounds"}}
    found = await session.execute(_SCORES, given | fixed)
    return [dict(row) | {"group": group_of(row["r"], row["f"])} for row in found.mappings()]


async def flows(session: AsyncSession, since: datetime, until: datetime) -> list[dict[str, Any]]:  # Any: a row
    """How many contacts went from which cell to which, from `since` up to, and without, `until`."""
    found = await session.execute(_FLOWS, {"since": since, "until": until})
    return [dict(row) for row in found.mappings()]


def _given(account: Account, wanted: RfmFilter) -> dict[str, Any]:  # Any: parameters
    edges = recency_edges(account.now, account.recency, account.zone)
    return {
        "now": account.now,
        "currency": account.currency,
        "edges": edges,
        "cells": len(edges) + 1,
        "bounds": list(account.frequency),
        "source": wanted.source,
        "store": wanted.store_id,
        "segment": wanted.segment,
    }
