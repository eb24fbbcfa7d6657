"""Full passes over all contacts as the bench repeats them, each beside the same by hand."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from activities.recalculate import PIECE
from core.segments.rfm import recency_edges
from store.account import Account
from store.refresh import next_contacts, refresh

_KINDS = text("UPDATE segment SET kind = :kind")
_NO_CELLS = text("TRUNCATE contact_rfm")
_PLANNED_ANEW = text("SET LOCAL plan_cache_mode = force_custom_plan")
_CELLS = """
    SELECT c.id, COALESCE(7 - width_bucket(f.last, CAST(:edges AS timestamptz[])), 0) AS recency,
           width_bucket(COALESCE(f.orders, 0)::int, '{1,2,3,5,8,11}'::int[]) AS frequency
    FROM contact c LEFT JOIN (
        SELECT contact_id, count(*) AS orders, max(date) AS last FROM "order"
        WHERE status = 'DELIVERED' AND contact_id IS NOT NULL AND date <= :now GROUP BY contact_id
    ) AS f ON f.contact_id = c.id WHERE c.deleted_at IS NULL AND c.merged_into IS NULL
"""
_FIRST_BY_HAND = text(f"INSERT INTO contact_rfm (contact_id, recency, frequency) {_CELLS}")
_NIGHT_BY_HAND = text(f"""
    WITH changed AS (
        SELECT n.*, o.recency AS from_recency, o.frequency AS from_frequency
        FROM ({_CELLS}) AS n JOIN contact_rfm o ON o.contact_id = n.id
        WHERE (o.recency, o.frequency) <> (n.recency, n.frequency)
    ), kept AS (
        UPDATE contact_rfm o SET recency = n.recency, frequency = n.frequency, since = now()
        FROM changed n WHERE o.contact_id = n.id
    )
    INSERT INTO rfm_move (contact_id, from_recency, from_frequency, to_recency, to_frequency)
    SELECT id, from_recency, from_frequency, recency, frequency FROM changed
""")


@dataclass(slots=True)
class Passes:
    """The first pass writes every cell; each nightly one comes a day later and writes what a day changed."""

    account: Account
    nights: int = 0

    async def first(self, session: AsyncSession) -> None:
        """The product's; the table is empty, as by hand."""
        await session.execute(_NO_CELLS)
        await session.execute(_KINDS, {"kind": "static"})
        await _every_piece(session, self.account)

    async def first_by_hand(self, session: AsyncSession) -> None:
        """One INSERT of the aggregate into the same empty table."""
        await session.execute(_NO_CELLS)
        await _by_hand(session, _FIRST_BY_HAND, self.account)

    async def cells(self, session: AsyncSession) -> None:
        """All cells of the next night."""
        await session.execute(_KINDS, {"kind": "static"})
        await _every_piece(session, self._next())

    async def cells_by_hand(self, session: AsyncSession) -> None:
        """Those of the night after: one statement that compares, writes and notes the moves."""
        await _by_hand(session, _NIGHT_BY_HAND, self._next())

    async def cells_and_segment(self, session: AsyncSession) -> None:
        """All cells of the next night, and who is in the segment."""
        await session.execute(_KINDS, {"kind": "dynamic"})
        await _every_piece(session, self._next())

    def _next(self) -> Account:
        self.nights += 1
        return replace(self.account, now=self.account.now + timedelta(days=self.nights))


async def _by_hand(session: AsyncSession, statement: TextClause, account: Account) -> None:
    edges = recency_edges(account.now, account.recency, account.zone)
    await session.execute(_PLANNED_ANEW)
    await session.execute(statement, {"edges": edges, "now": account.now})


async def _every_piece(session: AsyncSession, account: Account) -> None:
    after = UUID(int=0)
    while piece := await next_contacts(session, after, PIECE):
        await refresh(session, piece.span, account)
        after = piece.span.last
