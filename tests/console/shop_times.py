"""A shop that was filled in a minute looks as if its orders had come when they are dated."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_BEFORE = "SET LOCAL session_replication_role = replica"
"""Ids tell when a row was made, so they change too, and with them what points at them."""
_MOVE = """
    CREATE TEMP TABLE moved ON COMMIT DROP AS
    SELECT e.id AS event_id, uuidv7(o.date - clock_timestamp()) AS new_event_id, o.id AS order_id,
           uuidv7(o.date - clock_timestamp()) AS new_order_id, e.received_at - o.date AS since,
           e.batch_id, uuidv7(o.date - clock_timestamp()) AS new_batch_id
    FROM order_event e JOIN "order" o ON o.id = e.order_id
    WHERE NOT EXISTS (SELECT FROM order_event other WHERE other.order_id = o.id AND other.id <> e.id)
"""
_STATEMENTS = (
    """INSERT INTO event_batch (id, source, state, accepted, failed, versions, received_at, decided_at, done_at)
       SELECT m.new_batch_id, source, state, 1, 0, versions, received_at - m.since, decided_at - m.since,
           done_at - m.since FROM event_batch b JOIN moved m ON m.batch_id = b.id""",
    """UPDATE "order" o SET id = m.new_order_id, created_at = created_at - m.since, updated_at = updated_at - m.since
       FROM moved m WHERE o.id = m.order_id""",
    """UPDATE order_event e SET id = m.new_event_id, order_id = m.new_order_id, batch_id = m.new_batch_id,
           occurred_at = occurred_at - m.since,
           received_at = received_at - m.since, matched_at = matched_at - m.since
       FROM moved m WHERE e.id = m.event_id""",
    """UPDATE decision d SET event_id = m.new_event_id, decided_at = decided_at - m.since FROM moved m
       WHERE d.event_id = m.event_id""",
    """UPDATE unmatched u SET event_id = m.new_event_id, decided_at = decided_at - m.since FROM moved m
       WHERE u.event_id = m.event_id""",
    """UPDATE step_result s SET at = at - m.since FROM run r JOIN moved m ON m.event_id = r.event_id
       WHERE s.run_id = r.id""",
    """UPDATE message t SET created_at = t.created_at - m.since, updated_at = t.updated_at - m.since,
           sent_at = sent_at - m.since, due_at = t.due_at - m.since, claimed_at = claimed_at - m.since
       FROM run r JOIN moved m ON m.event_id = r.event_id WHERE t.run_id = r.id""",
    """UPDATE run r SET event_id = m.new_event_id, order_id = m.new_order_id, created_at = created_at - m.since,
           seen_order_id = CASE WHEN seen_order_id IS NULL THEN NULL ELSE m.new_order_id END,
           started_at = started_at - m.since, ended_at = ended_at - m.since,
           due_at = due_at - CASE step_id WHEN 'day' THEN m.since ELSE interval '0' END
       FROM moved m WHERE r.event_id = m.event_id""",
    """UPDATE contact c SET created_at = first.at FROM (
           SELECT contact_id, min(date) AS at FROM "order" GROUP BY contact_id) AS first
       WHERE c.id = first.contact_id""",
    "UPDATE contact_identity i SET created_at = c.created_at FROM contact c WHERE c.id = i.contact_id",
    "UPDATE automation SET updated_at = updated_at - interval '9 days'",
    "UPDATE automation_version SET published_at = published_at - interval '9 days'",
    "UPDATE template_version SET created_at = created_at - interval '20 days'",
)
_CLICKED = """
    WITH read AS (
        UPDATE message SET state = 'clicked', delivered_at = sent_at + interval '2 seconds',
            opened_at = sent_at + interval '9 minutes', clicked_at = sent_at + interval '10 minutes'
        WHERE state = 'sent' AND sent_at < now() - interval '1 hour' AND get_byte(uuid_send(id), 0) % 3 > 0
        RETURNING id, clicked_at)
    INSERT INTO message_feedback (message_id, source, event_id, kind, at)
    SELECT id, 'shop', id::text, 'clicked', clicked_at FROM read
"""


async def spread(session: AsyncSession) -> None:
    """For orders of one event, which are nearly all; some of the messages were read, too."""
    for statement in (_BEFORE, _MOVE, *_STATEMENTS, _CLICKED):
        await session.execute(text(statement))
