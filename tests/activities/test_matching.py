"""The five rules by which an order finds its contact, against PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, text

from activities.match_contacts import MatchActivities
from api.wire.outcome import AcceptedOrder
from api.wire.reading import OrderRules, read_order
from core.contracts import Batches
from core.settings import Settings
from store.account import Account
from store.intake import record_orders
from store.merging import OrderChange
from store.orders import find_order
from store.refresh import refresh
from store.segments import put_segment
from store.session import Database, open_database
from store.tables import Order
from tests.builders import an_order


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    database = open_database(settings.database_url, pool_size=5)
    yield database
    await database.close()


async def _record(database: Database, settings: Settings, *orders: dict[str, Any]) -> UUID:
    accepted = [read_order(index, order, OrderRules.of(settings)) for index, order in enumerate(orders)]
    changes = []
    for one in accepted:
        assert isinstance(one, AcceptedOrder)
        changes.append(
            OrderChange(one.external_order_id, one.given, one.match_external_id, one.match_email, one.match_phone)
        )
    async with database.transaction() as session:
        defaults = {"source": "online", "currency": "EUR"}
        recorded = await record_orders(session, changes, source="test", defaults=defaults, now=datetime.now(UTC))
    return recorded.batch_id


async def _matched(database: Database, settings: Settings, *orders: dict[str, Any]) -> list[Order]:
    batch_id = await _record(database, settings, *orders)
    await MatchActivities(database, settings).match_contacts(Batches(batch_ids=(batch_id,)))
    async with database.transaction() as session:
        return [await find_order(session, order["externalOrderId"]) for order in orders]


async def test_a_known_external_id_wins_over_the_e_mail_of_another(database: Database, settings: Settings) -> None:
    first, second = await _matched(
        database,
        settings,
        an_order(externalCustomerId="a", email="a@example.com"),
        an_order(externalCustomerId="b", email="b@example.com"),
    )
    (third,) = await _matched(database, settings, an_order(externalCustomerId="a", email="b@example.com"))
    assert first.contact_id != second.contact_id
    assert third.contact_id == first.contact_id


async def test_a_contact_found_by_e_mail_receives_the_external_id(database: Database, settings: Settings) -> None:
    (guest,) = await _matched(database, settings, an_order(externalCustomerId=None, email="Guest@Example.com "))
    (known,) = await _matched(database, settings, an_order(externalCustomerId="g-1", email="guest@example.com"))
    (again,) = await _matched(database, settings, an_order(externalCustomerId="g-1", email=None))
    assert guest.contact_id == known.contact_id == again.contact_id


async def test_a_contact_with_another_external_id_is_not_taken(database: Database, settings: Settings) -> None:
    (first,) = await _matched(database, settings, an_order(externalCustomerId="x", email="shared@example.com"))
    (second,) = await _matched(database, settings, an_order(externalCustomerId="y", email="shared@example.com"))
    assert first.contact_id != second.contact_id
    assert not second.identity_conflict


async def test_e_mail_of_one_and_phone_of_another_is_a_conflict(database: Database, settings: Settings) -> None:
    anonymous = {"externalCustomerId": None}
    (by_mail,) = await _matched(database, settings, an_order(**anonymous, email="m@example.com"))
    (by_phone,) = await _matched(database, settings, an_order(**anonymous, email=None, phone="+380501112233"))
    (both,) = await _matched(database, settings, an_order(**anonymous, email="m@example.com", phone="050 111-22-33"))
    assert by_mail.contact_id != by_phone.contact_id
    assert both.contact_id == by_mail.contact_id
    assert both.identity_conflict


async def test_a_guest_id_is_no_identity(database: Database, settings: Settings) -> None:
    orders = [an_order(externalCustomerId="guest", email=None, phone=f"+38050000000{n}") for n in (1, 2)]
    first, second = await _matched(database, settings, *orders)
    assert first.contact_id != second.contact_id


async def test_a_new_customer_twice_in_one_batch_is_one_contact(database: Database, settings: Settings) -> None:
    orders = [an_order(externalCustomerId=None, email="new@example.com") for _ in range(3)]
    assert len({order.contact_id for order in await _matched(database, settings, *orders)}) == 1


async def test_the_number_of_statements_does_not_grow_with_the_orders(database: Database, settings: Settings) -> None:
    known = [an_order() for _ in range(22)]
    await _matched(database, settings, *known)
    counted: list[int] = []
    for again in (known[:2], known[2:]):
        later = [an_order(externalCustomerId=None, email=one["email"], firstName="Ada") for one in again]
        batch_id = await _record(database, settings, *later, *(an_order() for _ in again))
        asked: list[str] = []
        engine = database.engine.sync_engine
        event.listen(engine, "before_cursor_execute", note := lambda *given, asked=asked: asked.append(given[2]))
        await MatchActivities(database, settings).match_contacts(Batches(batch_ids=(batch_id,)))
        event.remove(engine, "before_cursor_execute", note)
        counted.append(len(asked))
    assert counted[0] == counted[1] < 20


async def test_a_new_customer_in_batches_matched_at_once_is_one_contact(database: Database, settings: Settings) -> None:
    orders = [an_order(externalCustomerId="race", email="race@example.com") for _ in range(8)]
    batches = [await _record(database, settings, order) for order in orders]
    match = MatchActivities(database, settings).match_contacts
    await asyncio.gather(*(match(Batches(batch_ids=(batch_id,))) for batch_id in batches))
    async with database.transaction() as session:
        found = {(await find_order(session, order["externalOrderId"])).contact_id for order in orders}
    assert len(found) == 1
    assert None not in found


async def test_cells_and_segments_of_orders_matched_at_once_are_right_when_all_are_done(
    database: Database, settings: Settings
) -> None:
    async with database.transaction() as session:
        await put_segment(session, "regulars", {"orders": "count", "op": "gte", "value": 8})
        await session.execute(text("UPDATE segment SET calculated_at = now()"))
    orders = [_bought("race") for _ in range(8)]
    batches = [await _record(database, settings, order) for order in orders]
    match = MatchActivities(database, settings).match_contacts
    await asyncio.gather(*(match(Batches(batch_ids=(batch_id,))) for batch_id in batches * 2))
    assert await _figures(database) == [(5, 1)]
    assert await _entered(database) == 1


async def test_orders_go_on_while_segments_cannot_and_the_next_batch_makes_up_for_it(
    database: Database, settings: Settings
) -> None:
    async with database.transaction() as session:
        await put_segment(session, "buyers", {"orders": "count", "op": "gte", "value": 1})
        await session.execute(text("UPDATE segment SET calculated_at = now()"))
        await session.execute(text("ALTER TABLE segment_member RENAME TO away"))
    bought = _bought("first")
    (order,) = await _matched(database, settings, bought)
    assert order.contact_id is not None
    assert await _figures(database) == []
    async with database.transaction() as session:
        await session.execute(text("ALTER TABLE away RENAME TO segment_member"))
    await _matched(database, settings, an_order(externalCustomerId="second", status="INITIALIZED"))
    assert await _figures(database) == [(0, 0), (1, 1)]
    assert await _entered(database) == 1


async def test_who_recalculates_is_waited_for_only_after_the_orders_are_matched(
    database: Database, settings: Settings
) -> None:
    order = _bought("first")
    batch_id = await _record(database, settings, order)
    async with database.transaction() as session:
        await refresh(session, [], Account.at(settings, datetime.now(UTC)))  # and goes on with something
        match = asyncio.create_task(MatchActivities(database, settings).match_contacts(Batches(batch_ids=(batch_id,))))
        async with asyncio.timeout(60):
            while True:
                async with database.transaction() as other:
                    if (await find_order(other, order["externalOrderId"])).contact_id:
                        break
        assert await _figures(database) == []
    assert await match == 1
    assert await _figures(database) == [(1, 1)]


def _bought(who: str) -> dict[str, Any]:
    return an_order(externalCustomerId=who, status="DELIVERED", date=datetime.now(UTC).isoformat())


async def _figures(database: Database) -> list[tuple[Any, ...]]:
    """The cells that are kept: frequency and recency."""
    async with database.transaction() as session:
        found = await session.execute(text("SELECT frequency, recency FROM contact_rfm ORDER BY 1"))
        return [tuple(row) for row in found]


async def _entered(database: Database) -> int:
    async with database.transaction() as session:
        found = await session.scalar(text("SELECT count(*) FROM order_event WHERE event_type = 'segmentEntered'"))
        return int(found or 0)


async def test_two_requests_with_the_same_new_order_are_two_events_of_one_order(
    database: Database, settings: Settings
) -> None:
    order = an_order()
    changed = [order | {"totalCost": 200 + number} for number in range(6)]
    await asyncio.gather(*(_record(database, settings, one) for one in changed))
    async with database.transaction() as session:
        stored = await find_order(session, order["externalOrderId"])
    assert stored.version == 6
