"""The rules of matching hold while many do it at once, in transactions of their own."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from api.wire.contact import read_contact
from api.wire.outcome import AcceptedOrder
from api.wire.reading import OrderRules, read_order
from core.settings import Settings
from store.contact_changes import ContactChange
from store.contact_writing import write_contacts
from store.intake import record_orders
from store.matching import match_contacts
from store.merging import OrderChange
from store.orders import find_order
from store.session import Database, open_database
from tests.builders import an_order

_DEFAULTS = {"source": "online", "currency": "EUR"}
_BOTH = ("email", "phone")


async def _record(database: Database, settings: Settings, orders: list[dict[str, Any]]) -> UUID:
    read = [read_order(index, order, OrderRules.of(settings)) for index, order in enumerate(orders)]
    changes = [
        OrderChange(one.external_order_id, one.given, one.match_external_id, one.match_email, one.match_phone)
        for one in read
        if isinstance(one, AcceptedOrder)
    ]
    async with database.transaction() as session:
        recorded = await record_orders(session, changes, source="test", defaults=_DEFAULTS, now=datetime.now(UTC))
    return recorded.batch_id


async def _match(database: Database, batch_id: UUID) -> None:
    async with database.transaction() as session:
        await match_contacts(session, [batch_id], match_order=_BOTH, now=datetime.now(UTC))


async def _write(database: Database, settings: Settings, contacts: list[dict[str, Any]]) -> None:
    read = [read_contact(index, one, OrderRules.of(settings)) for index, one in enumerate(contacts)]
    changes = [one for one in read if isinstance(one, ContactChange)]
    async with database.transaction() as session:
        _, refused = await write_contacts(
            session, changes, dedupe_on=None, match_order=_BOTH, source="api", now=datetime.now(UTC)
        )
    assert refused == []


async def test_a_person_in_many_batches_and_contact_lists_at_once_is_one_contact(settings: Settings) -> None:
    database = open_database(settings.database_url, pool_size=12)
    people = [{"externalCustomerId": f"p-{n}", "email": f"p-{n}@example.com"} for n in range(20)]
    try:
        # rows in different orders, so that locks taken in the order of the rows would end in a deadlock
        batches = [[an_order(**one) for one in people[shift:] + people[:shift]] for shift in (0, 7, 13)]
        listed = [
            {"externalCustomerId": one["externalCustomerId"], "channels": [{"type": "email", "value": one["email"]}]}
            for one in people
        ]
        lists = [listed[shift:] + listed[:shift] for shift in (3, 11, 17)]
        ids = [await _record(database, settings, orders) for orders in batches]
        await asyncio.gather(
            *(_match(database, batch_id) for batch_id in ids),
            *(_write(database, settings, contacts) for contacts in lists),
        )
        async with database.transaction() as session:
            count = await session.scalar(text("SELECT count(*) FROM contact"))
            identities = await session.scalar(text("SELECT count(*) FROM contact_identity"))
            found = {
                (order["email"], (await find_order(session, order["externalOrderId"])).contact_id)
                for orders in batches
                for order in orders
            }
        assert (count, identities) == (20, 40)
        assert len(found) == 20
        assert None not in {contact_id for _, contact_id in found}
    finally:
        await database.close()


async def test_an_order_whose_identity_changes_while_it_is_matched_ends_with_its_latest_owner(
    settings: Settings,
) -> None:
    database = open_database(settings.database_url, pool_size=12)
    try:
        for _ in range(5):
            order = an_order()
            changed = order | {"externalCustomerId": f"{order['externalCustomerId']}-b", "email": "b" + order["email"]}
            first = await _record(database, settings, [order])

            async def change(one: dict[str, Any] = changed) -> None:
                await _match(database, await _record(database, settings, [one]))

            await asyncio.gather(_match(database, first), change())
            async with database.transaction() as session:
                owner = await session.scalar(
                    text("SELECT contact_id FROM contact_identity WHERE value = :value"),
                    {"value": changed["externalCustomerId"]},
                )
                assert (await find_order(session, order["externalOrderId"])).contact_id == owner
    finally:
        await database.close()
