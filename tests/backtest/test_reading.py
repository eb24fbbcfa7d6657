"""What a backtest reads of stored events, whatever its definition asks for."""

from dataclasses import replace
from datetime import UTC, datetime

from bench.backtest import generate
from store.backtest import Reading, count_events, read_events
from store.session import open_database

_READING = Reading(
    since=datetime(2026, 1, 1, tzinfo=UTC),
    until=datetime(2026, 2, 1, tzinfo=UTC),
    types=("orderDELIVERED", "orderINITIALIZED"),
    starts=("orderDELIVERED",),
    order=("totalCost",),
    every_version=False,
    contact=False,
    channels=("email",),
    unique="once_per_status",
    seen_by=("orderDELIVERED",),
)


async def test_every_kind_of_reading_finds_its_events_in_order(database_url: str) -> None:
    await generate(database_url, 10)  # of ten orders nine are delivered
    database = open_database(database_url, pool_size=1)
    try:
        for reading, count in (
            (_READING, 19),
            (replace(_READING, unique="", channels=("webhook_message",)), 19),
            (replace(_READING, unique="", contact=True), 19),
            (replace(_READING, unique="once_per_contact", historical=True), 19),
            (replace(_READING, every_version=True, seen_by=None), 30),
            (replace(_READING, order=()), 19),
        ):
            async with database.transaction() as session:
                assert await count_events(session, reading) == 30
                rows = [row for page in [page async for page in read_events(session, reading)] for row in page]
            assert len(rows) == count
            assert [row[:2] for row in rows] == sorted(row[:2] for row in rows)
            delivered = [row for row in rows if row[2] == "orderDELIVERED"]
            assert [row[8] is None for row in delivered] == [not reading.order] * 9
            assert all(row[11] for row in delivered)
            if reading.channels == ("email",):
                assert all("@" in row[11]["email"] for row in delivered)
            if reading.seen_by:
                assert all(row[8] is None for row in rows if row[2] == "orderINITIALIZED")
    finally:
        await database.close()
