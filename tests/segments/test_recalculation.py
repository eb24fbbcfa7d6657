"""A recalculation that is killed, one beside another, and contacts who change while it goes on."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment

from activities import recalculate
from activities.recalculate import RecalculationActivities
from activities.sweep import SweepActivities
from cli.schedule import ensure_recalculation_schedule
from core.contracts import RECALCULATION_ID, Recalculation
from core.errors import UnavailableError
from core.settings import Settings
from store.account import Account
from store.account_sql import Span
from store.erasing import erase_contact
from store.refresh import Refreshed, refresh, refresh_touched
from store.segments import put_segment
from store.session import Database, open_database

_PEOPLE = 10
_ORDER = text("""
    INSERT INTO "order" (external_order_id, status, status_at, date, total_cost, currency, source, version,
                         content_hash, contact_id)
    VALUES (:id, 'DELIVERED', :at, :at, 10, 'EUR', 'online', 1, '', :contact)
""")
_WAITS = text("""
    SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (
        SELECT oid FROM pg_database WHERE datname = current_database()))
""")
_CELLS = text("SELECT count(*) FROM contact_rfm WHERE contact_id = :id")
Seen = dict[str, list[tuple[Any, ...]]]
"""Any: rows of what a marketer sees afterwards."""


class Shop:
    """Contacts who were all brought up to date, and then every second one got an order."""

    def __init__(self, database: Database, activities: RecalculationActivities, people: list[UUID]) -> None:
        self.database, self.activities, self.people = database, activities, people

    async def order(self, contact: UUID, external_id: str) -> None:
        at = datetime.now(UTC) - timedelta(days=1)
        async with self.database.transaction() as session:
            await session.execute(_ORDER, {"id": external_id, "at": at, "contact": contact})

    async def some(self, so_far: Recalculation) -> Recalculation:
        return await ActivityEnvironment().run(self.activities.recalculate_some, so_far)

    async def through(self, so_far: Recalculation) -> Recalculation:
        while not so_far.done:
            so_far = await self.some(so_far)
        return so_far

    async def touched(self) -> None:
        async with self.database.transaction() as session:
            await refresh_touched(session, Account.at(self.activities.settings, datetime.now(UTC)))

    async def seen(self) -> Seen:
        """By the number of the contact; events in their order."""
        asked = {
            "cells": "SELECT contact_id, recency, frequency FROM contact_rfm ORDER BY 1",
            "members": "SELECT contact_id FROM segment_member ORDER BY 1",
            "moves": """SELECT contact_id, from_recency, from_frequency, to_recency, to_frequency
                        FROM rfm_move ORDER BY contact_id, id""",
            "events": "SELECT contact_id, event_type FROM order_event ORDER BY contact_id, seq",
        }
        async with self.database.transaction() as session:
            return {
                name: [(self.people.index(row[0]), *row[1:]) for row in await session.execute(text(sql))]
                for name, sql in asked.items()
            }


BUYERS = range(0, _PEOPLE, 2)
EXPECTED: Seen = {
    "cells": [(n, 1, 1) if n in BUYERS else (n, 0, 0) for n in range(_PEOPLE)],
    "members": [(n,) for n in BUYERS],
    "moves": [(n, 0, 0, 1, 1) for n in BUYERS],
    "events": [(n, "segmentEntered") for n in BUYERS],
}


@pytest.fixture
async def shop(
    live_settings: Settings, temporal_env: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Shop]:
    monkeypatch.setattr(recalculate, "PIECE", 3)
    database = open_database(live_settings.database_url, pool_size=4)
    made = text("INSERT INTO contact (source) SELECT 'test' FROM generate_series(1, CAST(:n AS int)) RETURNING id")
    async with database.transaction() as session:
        people = sorted(await session.scalars(made, {"n": _PEOPLE}))
        await put_segment(session, "buyers", {"orders": "count", "op": "gte", "value": 1})
    shop = Shop(database, RecalculationActivities(database, temporal_env.client, live_settings), people)
    await shop.through(Recalculation())
    yield shop
    await database.close()


async def _all_buy(shop: Shop) -> None:
    for number in BUYERS:
        await shop.order(shop.people[number], str(number))


async def test_a_pass_killed_in_the_middle_goes_on_to_the_same_result(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _all_buy(shop)
    whole = recalculate.refresh

    async def killed(session: AsyncSession, span: Span, account: Account) -> Refreshed:
        await whole(session, span, account)
        await session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        raise AssertionError

    first = await shop.some(Recalculation())
    with monkeypatch.context() as patch:
        patch.setattr(recalculate, "refresh", killed)
        with pytest.raises(UnavailableError):
            await shop.some(first)
    second = await shop.some(first)
    assert await shop.some(first) == second.model_copy(
        update={"moved": first.moved, "entered": first.entered}
    )  # committed, but its answer was lost: nothing is left to change
    assert (await shop.through(second)).contacts == _PEOPLE
    assert await shop.seen() == EXPECTED


async def test_two_passes_at_once_come_to_the_same_result(shop: Shop) -> None:
    await _all_buy(shop)
    one, other = await asyncio.gather(shop.through(Recalculation()), shop.through(Recalculation()))
    assert one.contacts == other.contacts == _PEOPLE
    assert (one.entered + other.entered, one.moved + other.moved) == (len(BUYERS), len(BUYERS))
    assert await shop.seen() == EXPECTED


async def test_who_enters_and_leaves_within_one_pass_is_told_once_of_each(shop: Shop) -> None:
    last, unseen = shop.people[-1], shop.people[-2]
    so_far = await shop.some(Recalculation())
    await shop.order(last, "seen")
    await shop.touched()
    await shop.order(unseen, "never seen")
    async with shop.database.transaction() as session:
        await session.execute(text("UPDATE \"order\" SET status = 'CANCELLED'"))
    done = await shop.through(so_far)
    await shop.touched()
    assert (done.entered, done.left) == (0, 1)
    seen = await shop.seen()
    assert seen["events"] == [(_PEOPLE - 1, "segmentEntered"), (_PEOPLE - 1, "segmentLeft")]
    assert seen["members"] == []
    assert seen["moves"] == [(_PEOPLE - 1, 0, 0, 1, 1), (_PEOPLE - 1, 1, 1, 0, 0)]


async def test_whom_a_pass_looks_at_is_erased_after_it_and_leaves_nothing(shop: Shop) -> None:
    one = shop.people[0]

    async def erase() -> None:
        async with shop.database.transaction() as session:
            await erase_contact(session, one)

    async with shop.database.transaction() as session:
        await refresh(session, [one], Account.at(shop.activities.settings, datetime.now(UTC)))
        erasing = asyncio.create_task(erase())
        async with asyncio.timeout(30):
            while not await session.scalar(_WAITS):  # noqa: ASYNC110 # only PostgreSQL knows
                await asyncio.sleep(0.01)
    await erasing
    async with shop.database.transaction() as session:
        assert await session.scalar(_CELLS, {"id": one}) == 0


async def test_whom_a_deletion_touched_the_next_sweep_follows(shop: Shop) -> None:
    await _all_buy(shop)
    activities = shop.activities
    sweep = SweepActivities(shop.database, activities.client, activities.settings)
    await ActivityEnvironment().run(sweep.sweep)
    assert await shop.seen() == EXPECTED
    async with shop.database.transaction() as session:
        await session.execute(text("DELETE FROM \"order\" WHERE external_order_id = '0'"))
    await ActivityEnvironment().run(sweep.sweep)
    seen = await shop.seen()
    assert seen["members"] == EXPECTED["members"][1:]
    assert seen["events"][:2] == [(0, "segmentEntered"), (0, "segmentLeft")]


async def test_every_night_at_the_hour_of_the_accounts_zone(
    live_settings: Settings, temporal_env: WorkflowEnvironment
) -> None:
    settings = live_settings.model_copy(update={"account_zone": "Europe/Kyiv", "recalculate_hour": 4})
    for _ in range(2):
        await ensure_recalculation_schedule(temporal_env.client, settings)
    told = await temporal_env.client.get_schedule_handle(RECALCULATION_ID).describe()
    moments = [moment.astimezone(ZoneInfo("Europe/Kyiv")) for moment in told.info.next_action_times]
    assert {(moment.hour, moment.minute) for moment in moments} == {(4, 0)}
    assert len({moment.date() for moment in moments}) == len(moments) > 1
