"""Orders and contacts made inside PostgreSQL: three years, some customers with many orders and many with few."""

from datetime import datetime

from sqlalchemy import text

from store.session import Database

_EMPTY = text('TRUNCATE "order", contact, contact_rfm, rfm_move, daily_figure, touched_contact CASCADE')
_SEED = text("SELECT setseed(0.5)")
_NO_TRIGGERS = text("SET LOCAL session_replication_role = replica")
_INDEXES = text("""
    SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made FROM pg_index
    WHERE indrelid = '"order"'::regclass AND NOT indisunique
""")
_CONTACTS = text("""
    INSERT INTO contact (source, language)
    SELECT 'bench', CASE WHEN n % 3 = 0 THEN 'en' ELSE 'uk' END FROM generate_series(1, CAST(:contacts AS int)) AS n
""")
# By their date, as a shop's orders come: those of one contact lie far from each other.
_ORDERS = text("""
    WITH person AS MATERIALIZED (SELECT id, row_number() OVER (ORDER BY id) AS n FROM contact),
    made AS MATERIALIZED (
        SELECT n, 1 + floor(CAST(:contacts AS int) * power(random(), 2))::int AS who, random() AS luck,
               round((random() * 1000)::numeric, 2) AS total,
               CAST(:now AS timestamptz) - (1 - (n - random()) / CAST(:orders AS int)) * interval '1095 days' AS date
        FROM generate_series(1, CAST(:orders AS int)) AS n)
    INSERT INTO "order" (external_order_id, status, status_at, date, total_cost, currency, source, store_id, contact_id,
                         version, content_hash)
    SELECT 'bench-' || made.n, CASE WHEN luck < 0.8 THEN 'DELIVERED' WHEN luck < 0.9 THEN 'CANCELLED'
               WHEN luck < 0.95 THEN 'IN_PROGRESS' ELSE 'INITIALIZED' END, date, date, total,
           CASE WHEN made.n % 20 = 0 THEN 'EUR' ELSE 'UAH' END, 'online', 'shop-' || made.n % 3, person.id, 1, ''
    FROM made JOIN person ON person.n = made.who ORDER BY made.n
""")
_DAYS = text("""
    INSERT INTO daily_figure (day, store_id, source, currency, status, orders, total)
    SELECT (date AT TIME ZONE 'UTC')::date, store_id, source, currency, status, count(*), sum(total_cost)
    FROM "order" GROUP BY 1, 2, 3, 4, 5
""")
_VACUUM = text('VACUUM ANALYZE "order", contact, daily_figure, contact_rfm, segment_member, touched_contact')


async def fill(database: Database, orders: int, contacts: int, now: datetime) -> None:
    """So many rows in place of those that are there; nobody counts as touched.

    Indexes are made afterwards and triggers are left out, or a million orders would take minutes.
    """
    async with database.transaction() as session:
        for statement in (_EMPTY, _SEED, _NO_TRIGGERS):
            await session.execute(statement)
        indexes = (await session.execute(_INDEXES)).all()
        for index in indexes:
            await session.execute(text(f"DROP INDEX {index.name}"))
        await session.execute(_CONTACTS, {"contacts": contacts})
        await session.execute(_ORDERS, {"orders": orders, "contacts": contacts, "now": now})
        await session.execute(_DAYS)
        for index in indexes:
            await session.execute(text(index.made))
    async with database.engine.connect() as connection:
        await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(_VACUUM)
