"""Histories of orders as Hypothesis makes them, and how they get into the database."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from core.document import dump_json
from store.account import Account
from store.session import Database

ZONE = ZoneInfo("Europe/Kyiv")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ACCOUNT = Account(NOW, ZONE, "EUR", ("15d", "1m", "2m", "3m", "6m", "12m"), (1, 2, 3, 5, 8, 11))
PEOPLE = 4
STATUSES = ("ABANDONED_SHOPPING_CART", "INITIALIZED", "IN_PROGRESS", "DELIVERED", "CANCELLED")
Made = dict[str, Any]
"""Any: an order in plain Python."""
History = list[Made]
MOMENTS = st.one_of(
    st.datetimes(datetime(2025, 9, 1), datetime(2026, 11, 25), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds
    # the moment itself, an edge of a cell, both hours of a night that has one twice, midnights around a spring's night
    st.sampled_from(
        [
            NOW,
            NOW - timedelta(days=15),
            *(datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)),
            *(datetime(2026, 3, day, 22, tzinfo=UTC) for day in (28, 29)),
            datetime(2026, 10, 31, 22, tzinfo=UTC),
        ]
    ),
)
HISTORIES = st.lists(
    st.fixed_dictionaries(
        {
            "who": st.sampled_from([0, 0, 1, 2, 3, None]),
            "date": MOMENTS,
            "status": st.sampled_from(["DELIVERED", "DELIVERED", "DELIVERED", *STATUSES]),
            "currency": st.sampled_from(["EUR", "EUR", "UAH"]),
            "total": st.decimals(0, 1000, places=2),
            "store": st.sampled_from(["kyiv", "lviv", None]),
            "source": st.sampled_from(["online", "online", "offline"]),
            "reached": st.lists(st.tuples(st.sampled_from(STATUSES), st.integers(0, 5)), max_size=5),
        }
    ),
    max_size=25,
)
_SPEED = settings(max_examples=12, deadline=None, database=None, suppress_health_check=[*HealthCheck])
_EMPTY = [
    text(f'DELETE FROM "{table}"')
    for table in (
        *("segment_member", "segment", "rfm_move", "contact_rfm", "order_event", "event_batch", "order", "contact"),
        *("daily_figure", "touched_contact", "score_edge"),
    )
]
_PEOPLE = text("INSERT INTO contact (source) SELECT 'test' FROM generate_series(1, CAST(:n AS int)) RETURNING id")
_ORDERS = text("""
    INSERT INTO "order" (id, external_order_id, status, status_at, date, total_cost, currency, source, store_id,
                         version, content_hash, contact_id)
    SELECT id, CAST(id AS text), status, date, date, total, currency, source, store, 1, '', contact
    FROM json_to_recordset(CAST(:rows AS json)) AS given(id uuid, status text, date timestamptz, total numeric,
        currency text, source text, store text, contact uuid)
""")
_BATCH = text("INSERT INTO event_batch (source, state, accepted, failed) VALUES ('test', 'done', 1, 0) RETURNING id")
_EVENTS = text("""
    INSERT INTO order_event (event_type, event_key, effect, order_id, snapshot, batch_id, occurred_at)
    SELECT 'order' || status, '', 'acts', CAST("order" AS uuid), '{}', :batch, at
    FROM json_to_recordset(CAST(:rows AS json)) AS given(n int, status text, "order" text, at timestamptz) ORDER BY n
""")


async def fill(database: Database, history: History) -> list[UUID]:
    """So many contacts with these orders, in place of all that was there; the contacts by their number."""
    async with database.transaction() as session:
        for statement in _EMPTY:
            await session.execute(statement)
        people = sorted(await session.scalars(_PEOPLE, {"n": PEOPLE}))
        ids = [uuid4() for _ in history]
        rows = [
            {name: one[name] for name in ("status", "date", "total", "currency", "store", "source")}
            | {"id": order, "contact": None if one["who"] is None else people[one["who"]]}
            for order, one in zip(ids, history, strict=True)
        ]
        await session.execute(_ORDERS, {"rows": dump_json(rows).decode()})
        events = [
            {"status": status, "order": order, "at": one["date"] + timedelta(hours=hours)}
            for order, one in zip(ids, history, strict=True)
            for status, hours in one["reached"]
        ]
        numbered = [{"n": n} | event for n, event in enumerate(events)]
        batch = await session.scalar(_BATCH)
        await session.execute(_EVENTS, {"rows": dump_json(numbered).decode(), "batch": batch})
    return people


def an_order(**given_: Any) -> Made:  # Any: fields
    """One order of the first contact."""
    made = {"who": 0, "date": NOW - timedelta(days=1), "status": "DELIVERED", "currency": "EUR", "total": 10}
    return {"store": None, "source": "online", "reached": []} | made | given_


def delivered(history: History, who: int, currency: str | None = None) -> History:
    """The contact's DELIVERED orders up to now, of one currency or of all."""
    return [
        one
        for one in history
        if one["who"] == who
        and one["status"] == "DELIVERED"
        and one["date"] <= NOW
        and currency in (None, one["currency"])
    ]


async def hypothetically(
    check: Callable[[Any], Awaitable[None]],
    histories: st.SearchStrategy[Any] = HISTORIES,  # Any: what is made of whatever kind
) -> None:
    """Hypothesis calls plain functions; each example goes back to the loop of the connections."""
    loop = asyncio.get_running_loop()

    async def checked(history: object) -> None:
        await check(history)

    @_SPEED
    @given(history=histories)
    def examples(history: object) -> None:
        asyncio.run_coroutine_threadsafe(checked(history), loop).result()

    await asyncio.to_thread(examples)
