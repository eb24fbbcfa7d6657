"""A shop of many orders for the console's pages, made inside PostgreSQL: every row that a page reads."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text

from automation.definition import definition_json, load_definition
from automation.template import parse_template
from core.segments.definition import condition_json, read_condition
from store import automations, templates
from store.refresh import next_contacts, refresh
from store.segment_sql import Account
from store.segments import put_segment
from store.session import Database
from tests.builders import DELIVERED_REVIEW, TEMPLATES, THANKS

_PIECE = 5000
_NUMBER = re.compile(":(orders|contacts)")
_STATEMENTS = {
    "contacts": """
        INSERT INTO contact (first_name, last_name, source, language)
        SELECT 'Marta ' || n % 500, 'Koval ' || n % 3000, 'bench', 'uk' FROM generate_series(1, :contacts) AS n
    """,
    "identities": """
        INSERT INTO contact_identity (contact_id, kind, value, provenance)
        SELECT p.id, k.kind, CASE k.kind WHEN 'email' THEN 'person' || p.n || '@example.com'
            ELSE '+38067' || 1000000 + p.n END, 'order' FROM person p, (VALUES ('email'), ('phone')) AS k(kind)
    """,
    "orders": """
        INSERT INTO "order" (id, created_at, external_order_id, status, status_at, date, total_cost, currency, source,
            store_id, contact_id, email, phone, match_email, match_phone, first_name, last_name, items, version,
            content_hash)
        SELECT uuidv7(m.at - CAST(:now AS timestamptz)), m.at,
            'B-' || m.n, m.status, m.at, m.at, m.total, 'UAH', 'online', 'shop-' || m.n % 3, p.id,
            'person' || p.n || '@example.com', '+38067' || 1000000 + p.n, 'person' || p.n || '@example.com',
            '+38067' || 1000000 + p.n, 'Marta ' || p.n % 500, 'Koval ' || p.n % 3000,
            '[{"externalItemId": "tea", "name": "Green tea", "quantity": 1, "cost": 240}]', 1, ''
        FROM (
            SELECT n, 1 + floor(:contacts * power(random(), 2))::int AS who,
                round((random() * 1000)::numeric, 2) AS total,
                (ARRAY['DELIVERED', 'DELIVERED', 'DELIVERED', 'DELIVERED', 'DELIVERED', 'DELIVERED', 'IN_PROGRESS',
                       'INITIALIZED', 'CANCELLED', 'ABANDONED_SHOPPING_CART'])[1 + n % 10] AS status,
                CAST(:now AS timestamptz) - n * interval '1095 days' / :orders AS at
            FROM generate_series(1, :orders) AS n) AS m JOIN person p ON p.n = m.who
    """,
    "events": """
        WITH batch AS (INSERT INTO event_batch (source, state, accepted, failed, received_at)
            SELECT 'bench', 'done', :orders / 1000, 0, CAST(:now AS timestamptz) - n * interval '1 day'
            FROM generate_series(1, 1000) AS n RETURNING id),
        batches AS (SELECT array_agg(id) AS ids FROM batch)
        INSERT INTO order_event (id, event_type, event_key, effect, order_id, order_version, snapshot, contact_id,
            batch_id, occurred_at, received_at, matched_at)
        SELECT uuidv7(o.date - CAST(:now AS timestamptz)), 'order' || o.status, o.external_order_id, 'acts', o.id, 1,
            jsonb_build_object('externalOrderId', o.external_order_id, 'status', o.status, 'totalCost', o.total_cost),
            o.contact_id, ids[1 + row_number() OVER () % 1000], o.date, o.date, o.date
        FROM "order" o, batches ORDER BY o.date
    """,
    "runs": """
        INSERT INTO run (id, automation_id, version_id, event_id, event_seq, order_id, contact_id, dedupe_key, state,
            step_id, due_at, created_at, started_at, ended_at)
        SELECT uuidv7(e.received_at - CAST(:now AS timestamptz)),
            v.automation_id, v.id, e.id, e.seq, e.order_id, e.contact_id, e.event_key || v.id,
            CASE WHEN e.seq % 20 = 0 THEN 'waiting' ELSE 'done' END, CASE WHEN e.seq % 20 = 0 THEN 'pause' END,
            CASE WHEN e.seq % 20 = 0 THEN CAST(:now AS timestamptz) + e.seq % 240 * interval '1 hour' END,
            e.received_at, e.received_at, CASE WHEN e.seq % 20 <> 0 THEN e.received_at END
        FROM order_event e, automation_version v WHERE e.event_type = 'orderDELIVERED' ORDER BY e.seq
    """,
    "decisions": """
        INSERT INTO decision (event_id, automation_id, version_id, outcome, reason, run_id, decided_at)
        SELECT r.event_id, r.automation_id, r.version_id, 'started', '{"code": "started"}', r.id, r.created_at
        FROM run r
    """,
    "messages": """
        INSERT INTO message (id, run_id, step_id, channel, template, address, state, reason, attempts, content,
            created_at, updated_at, sent_at, delivered_at)
        SELECT gen_random_uuid(), r.id, 'thanks', 'email', 'thanks', 'somebody@example.com',
            CASE r.event_seq % 50 WHEN 0 THEN 'failed' WHEN 1 THEN 'skipped' ELSE 'delivered' END,
            CASE WHEN r.event_seq % 50 < 2 THEN jsonb_build_object('code', 'too_late') END, 1,
            '{"subject": "Thank you", "text": "Thank you"}', r.created_at, r.created_at,
            CASE WHEN r.event_seq % 50 > 1 THEN r.created_at END, CASE WHEN r.event_seq % 50 > 1 THEN r.created_at END
        FROM run r
    """,
}
_TRUSTED = "SET LOCAL session_replication_role = replica"
"""What points at rows is known to be right here; asking for each takes most of the time."""
_LATER = ("fsync", "full_page_writes", "autovacuum")
_RELOAD = "SELECT pg_reload_conf()"
_IN_A_HURRY = (*(f"ALTER SYSTEM SET {name} = off" for name in _LATER), _RELOAD)
"""What would not survive a power cut is filled anew."""
_AS_INSTALLED = (*(f"ALTER SYSTEM RESET {name}" for name in _LATER), _RELOAD)
_PERSON = "CREATE UNLOGGED TABLE person AS SELECT id, row_number() OVER (ORDER BY id) AS n FROM contact"
_AFTER = ("DROP TABLE person", "DELETE FROM touched_contact", "ANALYZE")


async def fill(database: Database, orders: int, now: datetime, tell: Callable[[str], None]) -> None:
    """So many orders of three years, up to now; one customer has many, most have few."""
    await _set(database, _IN_A_HURRY)
    given = {"orders": orders, "contacts": max(1, orders // 5), "now": now}
    async with database.transaction() as session:
        for source in (DELIVERED_REVIEW, THANKS):
            definition = load_definition(source)
            await automations.publish(session, definition.name, definition_json(definition))
        for name, source in TEMPLATES.items():
            content = parse_template(name, source).model_dump(exclude_none=True)
            await templates.apply_template(session, name, content)
        condition = read_condition({"orders": "count", "op": "gte", "value": 5})
        await put_segment(session, "regular", condition_json(condition))
    for name, statement in _STATEMENTS.items():
        tell(f"filling {name}")
        async with database.transaction() as session:
            await session.execute(text("SELECT setseed(0.5)"))
            if name != "orders":  # whose triggers keep figures
                await session.execute(text(_TRUSTED))
            wanted = {key: value for key, value in given.items() if f":{key}" in statement}
            await session.execute(text(_NUMBER.sub(r"CAST(:\1 AS int)", statement)), wanted)
            if name == "contacts":
                await session.execute(text(_PERSON))
    async with database.transaction() as session:
        for statement in _AFTER:
            await session.execute(text(statement))
    tell("filling RFM and segments")
    account = Account(now, ZoneInfo("UTC"), "UAH", ("15d", "1m", "2m", "3m", "6m", "12m"), (1, 2, 3, 5, 8, 11))
    after = UUID(int=0)
    while True:
        async with database.transaction() as session:
            piece = await next_contacts(session, after, _PIECE)
            if not piece:
                break
            await refresh(session, piece.span, account)
        after = piece.span.last
    await _set(database, ("VACUUM (ANALYZE)", *_AS_INSTALLED, "CHECKPOINT"))


async def _set(database: Database, statements: Sequence[str]) -> None:
    """Outside any transaction."""
    async with database.engine.connect() as connection:
        alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
        for statement in statements:
            await alone.execute(text(statement))
