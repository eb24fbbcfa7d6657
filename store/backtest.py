"""Stored order events as a backtest reads them: in order, through one cursor, with nothing that it does not need."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.channels import identity_kinds
from core.document import load_json
from store.facts import event_facts, load_contacts

_PAGE = 1000
_ADDRESS = """, CASE WHEN e.event_type = ANY({starts}) THEN (SELECT i.value FROM contact_identity i
    WHERE i.contact_id = e.contact_id AND i.kind = '{kind}' ORDER BY i.created_at, i.id LIMIT 1) END AS {kind}"""
_SORTED_IN_MEMORY = text("SET LOCAL work_mem = '64MB'")
_OWNERS = {"once_per_status": "order_id", "once_per_order": "order_id", "once_per_contact": "contact_id"}
"""Whose launches each rule of uniqueness counts."""
_CONTACT = 11
"""Place of the contact among the columns of PastEvent; before it are those of an event."""
_COUNT = """
    SELECT count(*) FROM order_event e
    WHERE {clock} >= :since AND {clock} < :until AND e.effect <> 'test'
"""
_LIVE = text("""
    WITH live AS (
        SELECT r.id, r.state, r.version_id FROM run r JOIN automation a ON a.id = r.automation_id
        JOIN order_event e ON e.id = r.event_id
        WHERE a.name = :name AND NOT r.test AND e.received_at >= :since AND e.received_at < :until)
    SELECT (SELECT array_agg(DISTINCT v.number) FROM live l
                JOIN automation_version v ON v.id = l.version_id) AS versions,
           (SELECT count(*) FROM live) AS launches,
           (SELECT count(*) FROM live WHERE state = 'stopped') AS stopped,
           (SELECT jsonb_object_agg(step_id, n) FROM (
                SELECT m.step_id, count(*) AS n FROM message m JOIN live l ON l.id = m.run_id
                WHERE m.sent_at < :until GROUP BY m.step_id) AS sent) AS sends_by_step,
           (SELECT jsonb_object_agg(code, n) FROM (
                SELECT COALESCE(m.reason ->> 'code', 'other') AS code, count(*) AS n FROM message m
                JOIN live l ON l.id = m.run_id WHERE m.state = 'skipped' GROUP BY 1) AS skipped) AS skipped
""")

_FOLLOWED = text("""
    SELECT e.received_at AS at, e.seq, e.event_type, e.event_key, e.effect, e.id, e.order_id, e.contact_id, e.snapshot,
        e.params, e.occurred_at
    FROM order_event e
    WHERE e.seq >= :seq AND (e.id = :id OR e.order_id = :order_id OR e.contact_id = :contact_id)
    ORDER BY e.seq LIMIT :limit
""")


@dataclass(frozen=True, slots=True)
class Reading:
    """Which events, and what of them."""

    since: datetime
    until: datetime
    types: Sequence[str]
    starts: Sequence[str]
    order: Sequence[str]
    """Fields of the order."""
    every_version: bool
    """Events of other types too: their versions of the order matter."""
    contact: bool
    """The whole contact, rather than its zone and addresses."""
    channels: Sequence[str]
    unique: str
    """The rule of uniqueness, for `alone`."""
    seen_by: Sequence[str] | None = None
    """Types of events whose order is looked at; None is all."""
    historical: bool = False


class Known(Protocol):
    """An event with its columns as attributes."""

    @property
    def type(self) -> str: ...  # noqa: D102
    @property
    def key(self) -> str: ...  # noqa: D102
    @property
    def order_id(self) -> UUID | None: ...  # noqa: D102
    @property
    def contact_id(self) -> UUID | None: ...  # noqa: D102
    @property
    def snapshot(self) -> Mapping[str, Any] | None: ...  # noqa: D102
    @property
    def params(self) -> Mapping[str, Any] | None: ...  # noqa: D102
    @property
    def occurred_at(self) -> datetime: ...  # noqa: D102


Row = tuple[Any, ...]  # the columns of PastEvent, in its order


async def count_events(session: AsyncSession, reading: Reading) -> int:
    """How many events there are in this time, of all types."""
    statement = text(_COUNT.format(clock=_clock(reading)))
    found: int = (await session.execute(statement, {"since": reading.since, "until": reading.until})).scalar_one()
    return found


async def read_events(session: AsyncSession, reading: Reading) -> AsyncIterator[list[Row]]:
    """Pages of events in the order in which they became known. Memory is that of one page."""
    await session.execute(_SORTED_IN_MEMORY)
    statement, given = _statement(reading)
    raw = await (await session.connection()).get_raw_connection()
    driver: Any = raw.driver_connection  # asyncpg's: a third of what the same rows cost as rows of SQLAlchemy
    names = ("timeZone", *_kinds(reading.channels))
    starts = frozenset(reading.starts)
    cursor = await driver.cursor(statement, *given)
    while page := await cursor.fetch(_PAGE):
        if reading.contact:
            contacts = await load_contacts(session, {row["contact_id"] for row in page if row["contact_id"]})
            yield [(*_event(row), contacts.get(row["contact_id"]), row["alone"]) for row in page]
        else:
            yield [
                (
                    *_event(row),
                    # whoever does not start anything needs none
                    dict(zip(names, row[_CONTACT + 1 :], strict=True)) if row[2] in starts and row[7] else None,
                    row[_CONTACT],
                )
                for row in page
            ]


def _event(row: Any) -> Row:  # Any: a record of asyncpg
    """The columns before the contact, with the snapshot read."""
    found: Row = row[:_CONTACT]
    return found if found[8] is None else (*found[:8], load_json(found[8]), *found[9:])


async def live_figures(session: AsyncSession, name: str, since: datetime, until: datetime) -> dict[str, Any]:  # JSON
    """What the automation of this name did with the events of this time."""
    row = (await session.execute(_LIVE, {"name": name, "since": since, "until": until})).mappings().one()
    found = {key: value for key, value in row.items() if value is not None}
    return found | {"sends": sum(found.get("sends_by_step", {}).values())}


def _statement(reading: Reading) -> tuple[str, list[object]]:
    """Column names and clauses are constants; every value is a parameter. What is sorted is no more than is read."""
    given: list[object] = []

    def at(value: object) -> str:
        given.append(value)
        return f"${len(given)}"

    clock = _clock(reading)
    since, until = at(reading.since), at(reading.until)
    known = "true" if reading.every_version else f"e.event_type = ANY({at(list(reading.types))})"
    fields = [at(name) for name in reading.order]
    pairs = ", ".join(f"CAST({one} AS text), e.snapshot -> {one}" for one in fields)
    seen = f"jsonb_strip_nulls(jsonb_build_object({pairs}))::text" if pairs else "NULL::text"
    if pairs and reading.seen_by is not None:
        seen = f"CASE WHEN e.event_type = ANY({at(list(reading.seen_by))}) THEN {seen} END"
    kinds = [] if reading.contact else _kinds(reading.channels)
    owner = _OWNERS.get(reading.unique)
    starts = at(list(reading.starts)) if kinds or owner else ""
    alone = _alone(owner, starts, historical=reading.historical)
    held = "".join(_ADDRESS.format(kind=kind, starts=starts) for kind in kinds)
    person = "" if reading.contact else f", c.time_zone{held}"
    join = "" if reading.contact else "LEFT JOIN contact c ON c.id = e.contact_id"
    statement = f"""
        SELECT * FROM (
            SELECT {clock} AS at, e.seq, e.event_type, e.event_key, e.effect, e.id, e.order_id, e.contact_id,
                {seen} AS snapshot, e.params, e.occurred_at, {alone} AS alone{person}
            FROM order_event e {join}
            WHERE {clock} >= {since} AND {clock} < {until} AND e.effect <> 'test' AND {known} OFFSET 0) told
        ORDER BY at, seq
    """  # noqa: S608 # as the docstring says
    return statement, given


def _clock(reading: Reading) -> str:
    """When an event became known; of imported history, when it came about."""
    imported = "CASE WHEN e.effect = 'historical' THEN e.occurred_at ELSE e.received_at END"
    return imported if reading.historical else "e.received_at"


def _alone(owner: str | None, starts: str, *, historical: bool) -> str:
    if owner is None:
        return "true"
    later = "" if historical else "AND o.seq > e.seq"
    return (
        f"e.event_type = ANY({starts}) AND NOT EXISTS (SELECT FROM order_event o WHERE o.{owner} = e.{owner} {later} "
        f"AND o.id <> e.id AND o.event_type = ANY({starts}))"
    )


async def what_followed(session: AsyncSession, event: dict[str, Any], *, limit: int = 1000) -> list[Row]:
    """An event in full and those of its order and contact that came after it, oldest first."""
    given = {"id": event["id"], "order_id": event["order_id"], "contact_id": event["contact_id"], "seq": event["seq"]}
    found = (await session.execute(_FOLLOWED, given | {"limit": limit})).all()
    contacts = await load_contacts(session, {row.contact_id for row in found if row.contact_id})
    return [(*row, contacts.get(row.contact_id), False) for row in found]


def past_event_facts(event: Known) -> dict[str, Any]:  # JSON
    """The facts `event`, exactly as a run has them."""
    return event_facts(
        {
            "snapshot": event.snapshot,
            "params": event.params,
            "order_id": event.order_id,
            "contact_id": event.contact_id,
            "event_type": event.type,
            "event_key": event.key,
            "occurred_at": event.occurred_at,
        }
    )


def _kinds(channels: Sequence[str]) -> list[str]:
    """What the contacts' addresses of these channels are known by."""
    return sorted({kind for channel in channels for kind in identity_kinds(channel)})
