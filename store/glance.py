"""Today at a glance; test launches are not counted. What could be endless is counted up to a bound."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from store.retention import first_id_at

MOST = 100_000
"""Counts beyond this are not finished: "more than" is as good to know."""
_SAMPLE = 20_000
EDGES = (1, 10, 60, 600, 3600)
"""Seconds of lateness between the classes of the histogram."""

# Ids tell when a row was made, so that counting reads an index and no row.
_HOUR = """
    SELECT date_trunc('hour', uuid_extract_timestamp(id)) AS hour, count(*) AS made FROM {table}
    WHERE id >= :first AND id < :last GROUP BY 1
"""
_ORDERS = text(_HOUR.format(table='"order"'))  # constants
_EVENTS = text(_HOUR.format(table="order_event"))  # constants
_MESSAGES = text("""
    SELECT m.state, count(*) AS messages FROM message m JOIN run r ON r.id = m.run_id
    WHERE m.created_at >= :since AND NOT r.test GROUP BY m.state ORDER BY m.state
""")
_RUNS = text("SELECT count(*) FROM (SELECT FROM run WHERE id >= :first AND NOT test LIMIT :most) AS found")
# All of what ix_run_standing asks for, so that it alone is read.
_WAITING = text("""
    SELECT count(*) FROM (SELECT FROM run WHERE state = 'waiting' AND state IN ('pending', 'running', 'waiting')
        AND stop IS NULL AND NOT test LIMIT :most) AS found
""")
_DUE = text("""
    SELECT count(*) FROM (
        SELECT FROM run WHERE state = 'waiting' AND due_at < :soon AND NOT test LIMIT :most) AS found
""")
_UNKNOWN = text("""
    SELECT count(*) FROM (SELECT FROM message m JOIN run r ON r.id = m.run_id
        WHERE m.state = 'unknown' AND NOT r.test LIMIT :most) AS found
""")
_LATENESS = text("""
    SELECT width_bucket(EXTRACT(epoch FROM sent_at - due_at)::float, CAST(:edges AS float[])) AS bucket,
           count(*) AS messages
    FROM (SELECT m.sent_at, m.due_at FROM message m JOIN run r ON r.id = m.run_id
          WHERE m.sent_at >= :since AND m.due_at IS NOT NULL AND NOT r.test
          ORDER BY m.sent_at DESC LIMIT :sample) AS newest
    GROUP BY 1
""")


@dataclass(frozen=True, slots=True)
class Hour:
    """What came in one hour."""

    orders: int
    events: int


@dataclass(frozen=True, slots=True)
class Glance:
    """Counts since a moment, and of now; `MOST` and one more means more than `MOST`."""

    runs: int
    messages: dict[str, int]
    waiting: int
    due_soon: int
    unknown: int
    late: Sequence[int]
    """Messages by how late they went out after their step was due: one class more than there are EDGES."""


async def hours(session: AsyncSession, since: datetime, until: datetime) -> Mapping[datetime, Hour]:
    """Orders that were new and events of all kinds, by the hour in which they came; hours without any are left out."""
    params = {"first": first_id_at(since), "last": first_id_at(until)}
    orders = {row.hour: row.made for row in await session.execute(_ORDERS, params)}
    events = {row.hour: row.made for row in await session.execute(_EVENTS, params)}
    return {hour: Hour(orders.get(hour, 0), events.get(hour, 0)) for hour in orders.keys() | events.keys()}


async def glance(session: AsyncSession, *, since: datetime, soon: datetime) -> Glance:
    """What was done since then, what waits now, and what of it is due before `soon`."""
    most = {"most": MOST + 1}
    late = await session.execute(_LATENESS, {"edges": list(EDGES), "since": since, "sample": _SAMPLE})
    classes = {row.bucket: row.messages for row in late}
    return Glance(
        runs=int(await session.scalar(_RUNS, most | {"first": first_id_at(since)})),
        messages={row.state: row.messages for row in await session.execute(_MESSAGES, {"since": since})},
        waiting=int(await session.scalar(_WAITING, most)),
        due_soon=int(await session.scalar(_DUE, most | {"soon": soon})),
        unknown=int(await session.scalar(_UNKNOWN, most)),
        late=[classes.get(number, 0) for number in range(len(EDGES) + 1)],
    )
