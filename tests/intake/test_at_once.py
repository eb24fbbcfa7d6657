"""Orders that are stored in a statement of their own, while others write them too."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.recording import check_orders, recording_of
from api.wire.reading import OrderRules
from core.settings import Settings
from store.intake import Recorded, Recording, record_all, record_at_once
from store.session import Database, open_database
from tests.builders import an_order

_VERSIONS = text('SELECT external_order_id, version FROM "order"')
_EVENTS = text("SELECT event_key, order_version, effect FROM order_event ORDER BY seq")
_BATCHES = text("SELECT count(*) FROM event_batch")
_TOUCH = text('UPDATE "order" SET updated_at = clock_timestamp()')
_SOMEBODY = text("""
    WITH new AS (INSERT INTO contact (source) VALUES ('order') RETURNING id)
    UPDATE "order" SET contact_id = (SELECT id FROM new)
""")


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    database = open_database(settings.database_url, pool_size=8)
    yield database
    await database.close()


def _recording(settings: Settings, *orders: dict[str, Any]) -> Recording:
    rules = OrderRules.of(settings)
    return recording_of(check_orders(rules, orders), rules, source="test", historical=False)


async def _at_once(database: Database, *recordings: Recording) -> list[Recorded] | None:
    async with database.statements() as connection:
        return await record_at_once(connection, recordings, now=datetime.now(UTC))


def _meddle(patch: pytest.MonkeyPatch, do: Callable[[], Awaitable[object]], *, times: int) -> None:
    """After each of so many statements somebody else does this."""
    execute, left = AsyncConnection.execute, iter(range(times))

    async def meddled(self: AsyncConnection, *args: Any, **kwargs: Any) -> Any:  # Any: SQLAlchemy's own
        result = await execute(self, *args, **kwargs)
        if next(left, None) is not None:
            await do()
        return result

    patch.setattr(AsyncConnection, "execute", meddled)


async def _rows(database: Database, statement: Any) -> list[Any]:  # Any: a text clause, and rows of it
    async with database.transaction() as session:
        return [tuple(row) for row in await session.execute(statement)]


async def test_new_and_changed_orders_each_get_their_event_and_batch(database: Database, settings: Settings) -> None:
    known, new = an_order(status="INITIALIZED"), an_order()
    await _at_once(database, _recording(settings, known))
    changed = known | {"status": "DELIVERED"}
    recorded = await _at_once(database, _recording(settings, new, changed), _recording(settings, changed, new))
    assert recorded is not None
    assert [one.effects for one in recorded] == [("acts", "acts"), ("unchanged", "unchanged")]
    assert len({one.batch_id for one in recorded}) == 2
    assert await _rows(database, _BATCHES) == [(3,)]
    events = await _rows(database, _EVENTS)
    first, second = known["externalOrderId"], new["externalOrderId"]
    assert [event[:2] for event in events] == [(first, 1), (second, 1), (first, 2), (first, 2), (second, 1)]


async def test_changes_by_many_at_once_are_all_kept_in_order(database: Database, settings: Settings) -> None:
    orders = [an_order() for _ in range(3)]

    async def change(number: int) -> None:
        shift = number % 3  # in other orders of theirs, and some of them new to those who come first
        changed = [order | {"totalCost": number + 1, "items": []} for order in orders[shift:] + orders[:shift]]
        recording = _recording(settings, *changed, an_order())
        if await _at_once(database, recording) is None:
            async with database.transaction() as session:
                await record_all(session, [recording], now=datetime.now(UTC))

    await asyncio.gather(*map(change, range(30)))
    versions = dict(await _rows(database, _VERSIONS))
    assert [versions[order["externalOrderId"]] for order in orders] == [30, 30, 30]
    events = await _rows(database, _EVENTS)
    for order in orders:
        told = [version for key, version, effect in events if key == order["externalOrderId"] and effect == "acts"]
        assert told == list(range(1, 31))
    assert len(events) == 120


async def test_what_others_wrote_meanwhile_is_not_overwritten(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = an_order(totalCost=1, items=[])
    await _at_once(database, _recording(settings, order))

    async def match() -> None:  # a worker; the version of an order stays
        async with database.transaction() as session:
            await session.execute(_SOMEBODY)

    _meddle(monkeypatch, match, times=1)
    assert await _at_once(database, _recording(settings, order | {"totalCost": 2})) is not None
    assert await _rows(database, text('SELECT contact_id IS NOT NULL, total_cost, version FROM "order"')) == [
        (True, 2, 2)
    ]


async def test_who_is_overtaken_again_and_again_stores_nothing(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, new = an_order(totalCost=1, items=[]), an_order()
    await _at_once(database, _recording(settings, order))

    async def touch() -> None:
        async with database.transaction() as session:
            await session.execute(_TOUCH)

    with monkeypatch.context() as meddling:
        _meddle(meddling, touch, times=10)
        assert await _at_once(database, _recording(settings, new, order | {"totalCost": 2})) is None
    assert await _rows(database, _VERSIONS) == [(order["externalOrderId"], 1)]
    assert len(await _rows(database, _EVENTS)) == 1
    assert await _rows(database, _BATCHES) == [(1,)]
