"""The list of orders stays a matter of indexes however many orders there are."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from store.order_search import SearchText
from store.orders import OrderFilter, OrderPlace, list_orders
from tests.product import Product

_MANY = text("""
    INSERT INTO "order" (external_order_id, status, status_at, date, total_cost, currency, source, version,
        content_hash, email, first_name, last_name, match_phone, store_id)
    SELECT 'o' || n, CASE WHEN n % 1000 = 0 THEN 'CANCELLED' ELSE 'DELIVERED' END, now(), now() - n * interval '1 min',
        1, 'UAH', 'online', 1, 'x', 'c' || md5(n::text) || '@example.com', 'f' || md5(n::text), 'l' || md5(n::text),
        '+38050' || lpad(n::text, 7, '0'), 's' || n % 50
    FROM generate_series(1, 20000) n
""")
_PLACE = OrderPlace(datetime(2026, 1, 1, tzinfo=UTC), uuid4())


@contextmanager
def _statements(engine: AsyncEngine) -> Iterator[list[tuple[str, Any]]]:  # Any: the driver's parameters
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        seen.append((statement, parameters))

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)


async def test_no_filter_reads_the_whole_table(product: Product) -> None:
    async with product.database.transaction() as session:
        await session.execute(_MANY)
        await session.execute(text('ANALYZE "order"'))
    async with product.database.transaction() as session:
        driver = (await (await session.connection()).get_raw_connection()).driver_connection
        assert driver is not None
        for wanted, after in (
            (OrderFilter(), None),
            (OrderFilter(), _PLACE),
            (OrderFilter(status="CANCELLED"), _PLACE),
            (OrderFilter(contact_id=uuid4()), None),
            (OrderFilter(store_id="s3", since=_PLACE.date), None),
            (OrderFilter(search=SearchText("caaa", None)), None),
            (OrderFilter(search=SearchText("050 000 12 34", "+380500001234")), None),
            (OrderFilter(search=SearchText("fab lab", None)), None),
        ):
            with _statements(product.database.engine) as statements:
                await list_orders(session, wanted, after=after, limit=51)
            for statement, parameters in statements:
                plan = "\n".join(row[0] for row in await driver.fetch(f"EXPLAIN {statement}", *parameters))
                assert "Seq Scan" not in plan, (wanted, plan)
