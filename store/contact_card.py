"""What is known of one contact beside its identities: figures, segments, and what each channel may send."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.segments.rfm import NEVER, recency_edges
from store.segment_sql import Account

Row = dict[str, Any]  # Any: columns

_FIGURES = text("""
    SELECT count(*) AS all_orders, count(*) FILTER (WHERE status = 'DELIVERED') AS orders,
           count(*) FILTER (WHERE status = 'DELIVERED' AND currency = :currency) AS paid,
           sum(total_cost) FILTER (WHERE status = 'DELIVERED' AND currency = :currency) AS revenue,
           min(date) FILTER (WHERE status = 'DELIVERED') AS first, max(date) FILTER (WHERE status = 'DELIVERED') AS last
    FROM "order" WHERE contact_id = :id AND date <= :now
""")
_SEGMENTS = text("""
    SELECT s.id, s.name, m.source, m.added_at FROM segment_member m JOIN segment s ON s.id = m.segment_id
    WHERE m.contact_id = :id ORDER BY s.name LIMIT :most
""")
# Each address that a channel could write to, what holds it back, and what was last said of it.
_CONSENT = text("""
    SELECT a.channel, a.address, s.reasons, said.state AS said, said.provenance, said.changed_at
    FROM (SELECT CASE kind WHEN 'email' THEN 'email' ELSE 'sms' END AS channel, value AS address
          FROM contact_identity WHERE contact_id = :id AND kind IN ('email', 'phone')) a
    LEFT JOIN LATERAL (
        SELECT array_agg(CASE topic WHEN '' THEN reason ELSE reason || ' (' || topic || ')' END ORDER BY reason, topic)
            AS reasons FROM suppression WHERE channel = a.channel AND address = a.address) s ON true
    LEFT JOIN LATERAL (
        SELECT state, provenance, changed_at FROM consent_change
        WHERE channel = a.channel AND address = a.address ORDER BY id DESC LIMIT 1) said ON true
    ORDER BY a.channel, a.address
""")
_MOST_SEGMENTS = 100


@dataclass(frozen=True, slots=True)
class Figures:
    """Of DELIVERED orders; revenue and average in the account's currency. Recency and frequency as on the grid."""

    all_orders: int
    orders: int
    revenue: Decimal | None
    average: Decimal | None
    first: datetime | None
    last: datetime | None
    recency: int
    frequency: int


@dataclass(frozen=True, slots=True)
class Card:
    """All of it."""

    figures: Figures
    segments: list[Row]
    consent: list[Row]


async def load_card(session: AsyncSession, contact_id: UUID, account: Account) -> Card:
    """Three short queries by index."""
    params = {"id": contact_id}
    figures = (await session.execute(_FIGURES, params | {"currency": account.currency, "now": account.now})).one()
    segments = await session.execute(_SEGMENTS, params | {"most": _MOST_SEGMENTS})
    consent = await session.execute(_CONSENT, params)
    edges = recency_edges(account.now, account.recency, account.zone)
    return Card(
        figures=Figures(
            all_orders=figures.all_orders,
            orders=figures.orders,
            revenue=figures.revenue,
            average=round(figures.revenue / figures.paid, 2) if figures.paid else None,
            first=figures.first,
            last=figures.last,
            recency=len(edges) + 1 - bisect_right(edges, figures.last) if figures.last else NEVER,
            frequency=bisect_right(list(account.frequency), figures.orders),
        ),
        segments=[dict(row) for row in segments.mappings()],
        consent=[dict(row) for row in consent.mappings()],
    )
