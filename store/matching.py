"""match_contacts: every order of a batch gets its contact, set-based and race-free."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.document import dump_json
from store.directory import Claim
from store.resolving import resolve

# Locked in the order of intake, so that an order is matched by the identities that it has until this commits.
_CLAIMS = text("""
    SELECT o.id, o.contact_id, o.match_external_id, o.match_email, o.match_phone, o.first_name, o.last_name
    FROM "order" o
    WHERE o.id IN (SELECT e.order_id FROM order_event e WHERE e.batch_id = ANY(:batch_ids) AND e.matched_at IS NULL)
    ORDER BY o.external_order_id FOR NO KEY UPDATE OF o
""")
# The orders are locked, so that the events see what the orders had.
_GIVE = text("""
    WITH given AS MATERIALIZED (
        SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS given(id uuid, contact_id uuid, conflict boolean)
    ), orders AS (
        UPDATE "order" SET contact_id = given.contact_id, identity_conflict = given.conflict
        FROM given WHERE "order".id = given.id
    )
    UPDATE order_event e SET contact_id = COALESCE(given.contact_id, o.contact_id), matched_at = :now
    FROM "order" o LEFT JOIN given ON given.id = o.id
    WHERE o.id = e.order_id AND e.batch_id = ANY(:batch_ids) AND e.matched_at IS NULL
""")


async def match_contacts(
    session: AsyncSession, batch_ids: Sequence[UUID], *, match_order: Sequence[str], now: datetime
) -> int:
    """Give every order of the batches its contact and mark the events matched. Returns how many orders it matched.

    Runs any number of times; two at once that touch the same identities wait for each other.
    """
    batches = {"batch_ids": list(batch_ids)}
    claims = {
        row.id: Claim(row.match_external_id, row.match_email, row.match_phone, row.first_name, row.last_name)
        for row in await session.execute(_CLAIMS, batches)
        if row.contact_id is None
    }
    matches = await resolve(session, claims, match_order=match_order, source="order", now=now)
    rows = [
        {"id": order_id, "contact_id": match.person.id, "conflict": match.conflict}
        for order_id, match in matches.items()
    ]
    await session.execute(_GIVE, batches | {"rows": dump_json(rows).decode(), "now": now})
    return len(claims)
