"""What a preview of a template sees, and who uses a template."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.document import snapshot
from store.facts import event_facts, load_contacts
from store.orders import find_order, order_columns

_EVENT = text("""
    SELECT event_type, event_key, snapshot, params, order_id, contact_id, occurred_at FROM order_event
    WHERE order_id = :order_id AND effect <> 'stale' ORDER BY seq DESC LIMIT 1
""")
_USES = text("""
    SELECT DISTINCT a.name FROM automation a
    JOIN automation_version v ON v.automation_id = a.id AND v.number = a.live_number
    CROSS JOIN LATERAL jsonb_path_query(v.definition, '$.**.send') AS send
    WHERE a.state <> 'archived' AND send ->> 'template' = :template AND send ->> 'channel' = 'email'
      AND COALESCE(send ->> 'obligatory', 'false') <> 'true'
    ORDER BY 1
""")


async def order_facts(session: AsyncSession, external_order_id: str) -> dict[str, Any]:  # Any: JSON
    """A stored order as it is now, its newest event and its contact, as templates see them. Raises NotFoundError."""
    order = await find_order(session, external_order_id)
    event = (await session.execute(_EVENT, {"order_id": order.id})).mappings().one_or_none()
    people = await load_contacts(session, [order.contact_id] if order.contact_id else [])
    return {
        "order": snapshot(order_columns(order)),
        "event": event_facts(dict(event))
        if event
        else {"eventKey": external_order_id, "externalOrderId": external_order_id},
        "contact": people.get(order.contact_id, {}) if order.contact_id else {},
        "run": {"now": datetime.now(UTC).isoformat(), "test": True},
        "steps": {},
    }


async def marketing_uses(session: AsyncSession, template: str) -> list[str]:
    """Automations that send it by e-mail to people who may unsubscribe, by name."""
    return list(await session.scalars(_USES, {"template": template}))
