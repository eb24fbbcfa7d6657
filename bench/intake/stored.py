"""A database that holds many orders already, filled inside PostgreSQL: each order with its contact and its event."""

import asyncpg
import orjson

from bench.intake.bodies import ITEMS

_FILL = """
    INSERT INTO contact (id, first_name, last_name, source, created_at, updated_at)
    SELECT {contact}, 'Ірина', 'Ковальчук', 'order', {then}, {then} FROM generate_series(1, {count}) AS n;

    INSERT INTO contact_identity (contact_id, kind, value, provenance, created_at)
    SELECT {contact}, kind, CASE kind WHEN 'external_customer_id' THEN {customer} WHEN 'email' THEN {email}
           ELSE {phone} END, 'order', {then}
    FROM generate_series(1, {count}) AS n,
         (VALUES ('external_customer_id'), ('email'), ('phone')) AS kinds(kind);

    INSERT INTO event_batch (id, source, state, accepted, failed) VALUES ({batch}, 'bench', 'done', {count}, 0);

    INSERT INTO "order" (id, external_order_id, status, status_at, status_date, date, total_cost, currency, email,
        phone, external_customer_id, first_name, last_name, delivery_method, source, items, match_external_id,
        match_email, match_phone, contact_id, version, content_hash, created_at, updated_at)
    SELECT {order}, {key}, 'DELIVERED', {then}, {then}, {then}, 378.0, 'UAH', {email}, {phone},
        {customer}, 'Ірина', 'Ковальчук', 'Нова пошта', 'online', {items}, {customer}, {email},
        {phone}, {contact}, 1, md5(n::text), {then}, {then}
    FROM generate_series(1, {count}) AS n;

    INSERT INTO order_event (event_type, event_key, effect, order_id, order_version, snapshot, contact_id, batch_id,
        occurred_at, received_at, matched_at)
    SELECT 'orderDELIVERED', {key}, 'acts', {order}, 1, jsonb_build_object('externalOrderId', {key}, 'totalCost', 378.0,
        'status', 'DELIVERED', 'externalCustomerId', {customer}, 'email', {email}, 'items', {items}),
        {contact}, {batch}, {then}, {then}, {then}
    FROM generate_series(1, {count}) AS n;
"""
_TABLES = ("contact", "contact_identity", "order", "order_event")
_INDEXES = """
    SELECT c.relname AS name, pg_get_indexdef(i.indexrelid) AS definition
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
    WHERE t.relname = ANY($1) AND t.relnamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
"""
_QUICKLY = (
    "SET session_replication_role = replica",  # the rows refer to one another as they should: no key is looked up
    "SET synchronous_commit = off",
    "SET maintenance_work_mem = '512MB'",
    "SET max_parallel_maintenance_workers = 2",
)


_READ = (
    ("contact", "id"),
    ("contact_identity", "kind, value"),
    ("contact_identity", "contact_id, kind, value"),
    ("order", "contact_id, date, id"),
    ("order", "contact_id, id"),
    ("order_event", "contact_id, seq"),
)
"""Indexes of match_contacts, by their columns."""


async def warm(url: str) -> None:
    """Read into PostgreSQL's cache what one that has run for a while has there."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""), timeout=60)
    try:
        await connection.execute("SET enable_seqscan = off; SET enable_sort = off; SET enable_bitmapscan = off")
        for table, columns in _READ:
            await connection.execute(f'SELECT count(*) FROM (SELECT {columns} FROM "{table}" ORDER BY {columns})')
        await connection.execute("SET enable_seqscan = on; SELECT count(source) FROM contact")
        await connection.execute("SELECT count(provenance) FROM contact_identity")
    finally:
        await connection.close()


async def fill(url: str, count: int) -> None:
    """So many orders, each of its own customer, in a database with the product's schema and no orders."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""), timeout=60)
    try:
        if await connection.fetchval('SELECT EXISTS (SELECT FROM "order")'):
            return  # a folder from before
        for setting in _QUICKLY:
            await connection.execute(setting)
        indexes = await connection.fetch(_INDEXES, list(_TABLES))
        async with connection.transaction():
            for index in indexes:
                await connection.execute(f'DROP INDEX "{index["name"]}"')
            await connection.execute(_statement(count))
            for index in indexes:
                await connection.execute(index["definition"])
        await connection.execute('VACUUM (ANALYZE) contact, contact_identity, "order", order_event, event_batch')
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


def stored_customer(number: int) -> dict[str, str]:
    """Who a stored order belongs to, in an order's fields. `number` from 1."""
    return {
        "externalCustomerId": f"stored-customer-{number}",
        "email": f"stored-{number}@example.com",
        "phone": f"+38050{number:07}",
    }


def _statement(count: int) -> str:
    items = orjson.dumps(ITEMS).decode().replace("'", "''")
    return _FILL.format(
        count=count,
        contact=_id(1),
        order=_id(2),
        batch="'00000000-0000-7000-8003-000000000001'::uuid",
        customer="'stored-customer-' || n",
        email="'stored-' || n || '@example.com'",
        phone="'+38050' || lpad(n::text, 7, '0')",
        key="'stored-' || n",
        items=f"'{items}'::jsonb",
        then=f"now() - ({count} - n) * interval '1 minute'",
    )


def _id(kind: int) -> str:
    return f"('00000000-0000-7000-800{kind}-' || lpad(to_hex(n), 12, '0'))::uuid"
