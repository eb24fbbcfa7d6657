"""Who enters a segment quietly, whose orders count later, and whose belong to somebody else."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from core.settings import Settings
from store.contact_merging import merge_contacts, unmerge_contacts
from store.refresh import refresh, refresh_touched
from store.segments import put_segment
from store.session import Database, open_database
from tests.segments.histories import ACCOUNT, NOW, an_order, fill

_OF_THE_PAST = text("""
    UPDATE order_event e SET contact_id = o.contact_id,
        effect = CASE WHEN o.contact_id = :past THEN 'historical' ELSE 'acts' END
    FROM "order" o WHERE o.id = e.order_id
""")
_DELIVERED = text("UPDATE \"order\" SET status = 'DELIVERED'")
_TOLD = "SELECT event_type, contact_id FROM order_event WHERE event_type !~ '^order' ORDER BY seq"
_MEMBERS = "SELECT contact_id FROM segment_member ORDER BY 1"
_CELLS = "SELECT contact_id, recency, frequency FROM contact_rfm ORDER BY 1"


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    database = open_database(settings.database_url, pool_size=2)
    yield database
    await database.close()


async def _read(database: Database, sql: str) -> list[tuple[Any, ...]]:  # Any: a row
    async with database.transaction() as session:
        return [tuple(row) for row in await session.execute(text(sql))]


async def test_a_segment_is_first_filled_quietly_and_orders_of_the_past_bring_quiet_members(database: Database) -> None:
    orders = [an_order(who=who, status="INITIALIZED", reached=[("INITIALIZED", 0)]) for who in (0, 1)]
    people = await fill(database, [an_order(who=2), *orders])
    async with database.transaction() as session:
        segment = await put_segment(session, "buyers", {"orders": "count", "op": "gte", "value": 1})
        await refresh(session, people, ACCOUNT)
    assert await _read(database, _MEMBERS) == [(people[2],)]
    assert await _read(database, _TOLD) == []
    async with database.transaction() as session:
        await session.execute(text("UPDATE segment SET calculated_at = now() WHERE id = :id"), {"id": segment.id})
        await session.execute(_OF_THE_PAST, {"past": people[0]})
        await session.execute(_DELIVERED)
        await refresh_touched(session, ACCOUNT)
    assert await _read(database, _MEMBERS) == [(one,) for one in people[:3]]
    # a move is told to automations that ask for moves, and there is none
    assert await _read(database, _TOLD) == [("segmentEntered", people[1])]
    assert await _read(database, "SELECT contact_id FROM rfm_move ORDER BY 1") == [(people[0],), (people[1],)]


async def test_an_order_of_tomorrow_counts_from_tomorrow_on(database: Database) -> None:
    people = await fill(database, [an_order(date=NOW + timedelta(days=1))])
    tomorrow = replace(ACCOUNT, now=NOW + timedelta(days=1))
    async with database.transaction() as session:
        await put_segment(session, "buyers", {"orders": "count", "op": "gte", "value": 1})
    for account, members, cell in ((ACCOUNT, [], (0, 0)), (tomorrow, [(people[0],)], (1, 1))):
        async with database.transaction() as session:
            await refresh(session, people, account)
        assert await _read(database, _MEMBERS) == members
        assert (await _read(database, _CELLS))[0][1:] == cell


async def test_orders_of_a_merged_contact_belong_to_the_survivor_until_they_are_parted(database: Database) -> None:
    survivor, merged, *_ = await fill(database, [an_order(who=0), an_order(who=1)])
    async with database.transaction() as session:
        await put_segment(session, "buyers", {"orders": "count", "op": "gte", "value": 1})
        await put_segment(session, "regulars", {"orders": "count", "op": "gte", "value": 2})
        await refresh_touched(session, ACCOUNT)
    async with database.transaction() as session:
        await merge_contacts(session, survivor, merged)
        await refresh_touched(session, ACCOUNT)
    assert await _read(database, _MEMBERS) == [(survivor,), (survivor,)]
    async with database.transaction() as session:
        await unmerge_contacts(session, survivor, merged)
        await refresh_touched(session, ACCOUNT)
    assert await _read(database, _MEMBERS) == [(survivor,), (merged,)]
