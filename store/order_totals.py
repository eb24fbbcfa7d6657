"""What the orders of a list come to, by status."""

from dataclasses import replace
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from store.order_search import few_matching
from store.orders import OrderFilter, conditions
from store.tables import Order

_ORDER = Order.__table__  # type: ignore[attr-defined] # SQLModel does not type __table__
_KEPT = text("""
    SELECT status, currency, sum(orders)::bigint AS orders, sum(total) AS total FROM daily_figure
    WHERE (CAST(:status AS text) IS NULL OR status = :status) AND (CAST(:store AS text) IS NULL OR store_id = :store)
      AND (CAST(:since AS timestamptz) IS NULL OR day >= (CAST(:since AS timestamptz) AT TIME ZONE :zone)::date)
      AND (CAST(:until AS timestamptz) IS NULL OR day < (CAST(:until AS timestamptz) AT TIME ZONE :zone)::date)
    GROUP BY 1, 2 HAVING sum(orders) <> 0 ORDER BY 1, 2
""")
_ZONE = text("SELECT zone FROM figure_zone")


async def totals(session: AsyncSession, wanted: OrderFilter, zone: str) -> list[dict[str, Any]] | None:  # Any: columns
    """Each status and currency with the number of orders and their sum; None when a search finds too many to add up.

    `since` and `until` are midnights of the zone: then whole days are asked for, and the kept daily figures serve.
    """
    narrow = wanted.search is not None or wanted.contact_id is not None or wanted.unmatched
    if not narrow and await session.scalar(_ZONE) == zone:
        params = {
            "status": wanted.status,
            "store": wanted.store_id,
            "since": wanted.since,
            "until": wanted.until,
            "zone": zone,
        }
        return [dict(row) for row in (await session.execute(_KEPT, params)).mappings()]
    asked = await conditions(session, replace(wanted, search=None))
    if wanted.search is not None:
        few = await few_matching(session, wanted.search)
        if few is None:
            return None
        asked.append(few)
    columns = (_ORDER.c.status, _ORDER.c.currency)
    query = (
        select(*columns, func.count().label("orders"), func.sum(_ORDER.c.total_cost).label("total"))
        .where(*asked)
        .group_by(*columns)
        .order_by(*columns)
    )
    return [dict(row) for row in (await session.execute(query)).mappings()]
