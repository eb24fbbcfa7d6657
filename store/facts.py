"""What conditions and templates see of the world: contacts and versions of orders, loaded for many at once."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.document import OrderStatus

_CONTACTS = text("""
    SELECT c.id, c.first_name, c.last_name, c.language, c.time_zone, c.fields, c.created_at,
           (SELECT json_object_agg(kind, value) FROM (
                SELECT DISTINCT ON (kind) kind, value FROM contact_identity
                WHERE contact_id = c.id ORDER BY kind, merged_from IS NOT NULL, created_at, id) first) AS held
    FROM contact c WHERE c.id = ANY(:ids)
""")
_SNAPSHOT = text("""
    SELECT snapshot FROM order_event
    WHERE order_id = :order_id AND order_version <= :version
    ORDER BY seq DESC LIMIT 1
""")

_STATUS_OF = {f"order{status}": status.value for status in OrderStatus}
"""The status that an order event tells of; of a stale one it is not the order's."""
_ALIASES = {"email": ("EmailAddress",), "phone": ("SMS",)}
"""Older names of the original API for an event's parameters."""


async def load_contacts(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Contacts as facts, by id. Of several e-mails or phones the oldest of its own is the contact's address."""
    if not ids:
        return {}
    return {row.id: contact_facts(row) for row in await session.execute(_CONTACTS, {"ids": list(ids)})}


async def load_snapshot(session: AsyncSession, order_id: UUID, version: int) -> dict[str, Any] | None:
    """The order as it was after its version `version`."""
    found: dict[str, Any] | None = await session.scalar(_SNAPSHOT, {"order_id": order_id, "version": version})
    return found


def event_facts(event: Mapping[str, Any]) -> dict[str, Any]:
    """An event as facts: its type, key and moment, and its parameters.

    An order event's parameters follow from its snapshot; a custom event's are what was posted.
    """
    order = event["snapshot"] or {}
    params: dict[str, Any] = dict(event["params"] or {})
    if event["order_id"] is not None:
        params = {
            "externalOrderId": order.get("externalOrderId"),
            "orderId": str(event["order_id"]),
            "status": _STATUS_OF.get(event["event_type"], order.get("status")),
            **{name: order.get(name) for name in ("externalCustomerId", "email", "phone")},
        } | params
    for name, aliases in _ALIASES.items():
        params |= {alias: params.get(name) for alias in aliases if alias not in params}
    contact_id = event["contact_id"]
    params["contactId"] = str(contact_id) if contact_id else None
    own = {
        "type": event["event_type"],
        "key": event["event_key"],
        "eventKey": event["event_key"],
        "occurredAt": event["occurred_at"].isoformat(),
    }
    return {name: value for name, value in params.items() if value is not None} | own


def facts_at_event(event: Mapping[str, Any], contact: Mapping[str, Any] | None, now: datetime) -> dict[str, Any]:
    """What the rules of starts and stops see: the event, its order after it, its contact."""
    return {
        "order": event["snapshot"] or {},
        "event": event_facts(event),
        "contact": contact or {},
        "run": {"now": now.isoformat()},
        "steps": {},
    }


def contact_facts(row: Any) -> dict[str, Any]:  # Any: a row with the columns of _CONTACTS
    """A contact as conditions and templates see it."""
    held = row.held or {}
    facts = {
        "id": str(row.id),
        "externalCustomerId": held.get("external_customer_id"),
        "email": held.get("email"),
        "phone": held.get("phone"),
        "firstName": row.first_name,
        "lastName": row.last_name,
        "language": row.language,
        "timeZone": row.time_zone,
        "fields": row.fields,
        "createdAt": row.created_at.isoformat(),
    }
    return {name: value for name, value in facts.items() if value is not None}
