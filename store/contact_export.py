"""All that is known of one contact, for the person who asks (GDPR, article 15)."""

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from store.decisions import OF_EVENT

_PARTS = {
    "orders": text('SELECT * FROM "order" WHERE contact_id = :id ORDER BY date, id'),
    "events": text("""
        SELECT e.id, e.event_type, e.event_key, e.effect, e.order_id, e.snapshot, e.params, e.occurred_at, e.received_at
        FROM order_event e WHERE e.contact_id = :id ORDER BY e.seq
    """),
    "decisions": text(f"""
        SELECT e.id AS event_id, a.name AS automation, d.outcome, d.reason, d.run_id, d.decided_at
        FROM order_event e CROSS JOIN LATERAL {OF_EVENT} d JOIN automation a ON a.id = d.automation_id
        WHERE e.contact_id = :id ORDER BY e.seq, d.id, automation
    """),  # noqa: S608 - a constant
    "runs": text("""
        SELECT r.id, a.name AS automation, r.event_id, r.order_id, r.state, r.step_id, r.due_at, r.stop, r.created_at,
               r.started_at, r.ended_at
        FROM run r JOIN automation a ON a.id = r.automation_id WHERE r.contact_id = :id ORDER BY r.id
    """),
    "messages": text("""
        SELECT m.id, m.run_id, m.step_id, m.channel, m.template, m.address, m.state, m.reason, m.content, m.created_at,
               m.sent_at
        FROM message m JOIN run r ON r.id = m.run_id WHERE r.contact_id = :id ORDER BY m.created_at, m.id
    """),
    "feedback": text("""
        SELECT f.message_id, f.source, f.kind, f.at, f.url, f.code
        FROM message_feedback f JOIN message m ON m.id = f.message_id JOIN run r ON r.id = m.run_id
        WHERE r.contact_id = :id ORDER BY f.at, f.id
    """),
    "suppressions": text("""
        SELECT s.channel, s.address, s.reason, s.topic, s.provenance, s.created_at FROM suppression s
        WHERE s.address IN (SELECT value FROM contact_identity WHERE contact_id = :id)
        ORDER BY s.created_at, s.channel, s.address, s.reason, s.topic
    """),
    "consent": text("""
        SELECT c.channel, c.address, c.topic, c.state, c.provenance, c.changed_at FROM consent_change c
        WHERE c.address IN (SELECT value FROM contact_identity WHERE contact_id = :id) ORDER BY c.changed_at, c.id
    """),
    "merges": text("""
        SELECT survivor_id, merged_id, merged_at, undone_at FROM contact_merge
        WHERE survivor_id = :id OR merged_id = :id ORDER BY id
    """),
}


async def export_rows(session: AsyncSession, contact_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """Rows by subject, each list in time order. The contact itself is store.contacts.find_contact."""
    return {
        name: [dict(row) for row in (await session.execute(statement, {"id": contact_id})).mappings()]
        for name, statement in _PARTS.items()
    }
