"""Orders and contacts made inside PostgreSQL: three years, some customers with many orders and many with few."""

from datetime import datetime

from sqlalchemy import text

from store.session import Database

_EMPTY = text('TRUNCATE "order", contact, daily_figure, touched_contact CASCADE')
_SEED = text("SELECT setseed(0.5)")
_CONTACTS = text("""
    INSERT INTO contact (source, language)
    SELECT 'bench', CASE WHEN n % 3 = 0 THEN 'en' ELSE 'uk' END FROM generate_series(1, CAST(:contacts AS int)) AS n
""")
_ORDERS = text("""
    WITH person AS MATERIALIZED (SELECT id, row_number() OVER (ORDER BY id) AS n FROM contact),
    made AS MATERIALIZED (
        SELECT n, 1 + floor(CAST(:contacts AS int) * power(random(), 2))::int AS who, random() AS age, random() AS luck,
               round((random() * 1000)::numeric, 2) AS total
        FROM generate_series(1, CAST(:orders AS int)) AS n)
    INSERT INTO "order" (external_order_id, status, status_at, date, total_cost, currency, source, store_id, contact_id,
                         version, content_hash)
    SELECT 'bench-' || made.n, CASE WHEN luck < 0.8 THEN 'DELIVERED' WHEN luck < 0.9 THEN 'CANCELLED'
               WHEN luck < 0.95 THEN 'IN_PROGRESS' ELSE 'INITIALIZED' END,
           CAST(:now AS timestamptz) - age * interval '1095 days',
           CAST(:now AS timestamptz) - age * interval '1095 days', total,
           CASE WHEN made.n % 20 = 0 THEN 'EUR' ELSE 'UAH' END, 'online', 'shop-' || made.n % 3, person.id, 1, ''
    FROM made JOIN person ON person.n = made.who
""")
_TOUCHED = text("TRUNCATE touched_contact")
_ANALYZE = text('ANALYZE "order", contact, daily_figure, contact_rfm, segment_member')


async def fill(database: Database, orders: int, contacts: int, now: datetime) -> None:
    """So many rows in place of those that are there; nobody counts as touched."""
    async with database.transaction() as session:
        for statement in (_EMPTY, _SEED):
            await session.execute(statement)
        await session.execute(_CONTACTS, {"contacts": contacts})
        await session.execute(_ORDERS, {"orders": orders, "contacts": contacts, "now": now})
        for statement in (_TOUCHED, _ANALYZE):
            await session.execute(statement)
