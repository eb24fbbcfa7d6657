"""Accepted orders become rows and events, in the caller's transaction and in a handful of statements."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.document import dump_json
from core.errors import UnavailableError
from store.claims_first import OF_ORDER_EVENTS
from store.merging import CONTENT, IDENTITIES, Merged, OrderChange, merge
from store.tables import Order
from store.tables.event import Effect

_ORDER = Order.__table__  # type: ignore[attr-defined] # SQLModel does not type __table__
_ROUNDS = 3
"""Another request can insert the same new order while we look; the second look finds it. More is a fault."""

_WRITTEN = (
    *CONTENT,
    *IDENTITIES,
    "status_at",
    "contact_id",
    "identity_conflict",
    "version",
    "content_hash",
    "updated_at",
)

_TYPES = {
    "status_date": "timestamptz", "date": "timestamptz", "status_at": "timestamptz", "updated_at": "timestamptz",
    "total_cost": "numeric", "shipping": "numeric", "discount": "numeric", "taxes": "numeric",
    "items": "jsonb", "additional_info": "jsonb", "extra": "jsonb",
    "contact_id": "uuid", "identity_conflict": "boolean", "version": "int",
}  # fmt: skip
_COLUMNS = ", ".join(_WRITTEN)
_GIVEN = ", ".join(f"given.{name}" for name in _WRITTEN)
_TYPED = ", ".join(f"{name} {_TYPES.get(name, 'text')}" for name in _WRITTEN)

# The rows travel as one JSON parameter: one plan for any number of rows, and decimals stay exact.
_INSERT_ORDERS = text(
    f'INSERT INTO "order" ({_COLUMNS}) SELECT {_GIVEN} '  # noqa: S608 # column names are constants
    f"FROM json_to_recordset(CAST(:rows AS json)) AS given({_TYPED}) ORDER BY external_order_id "
    "ON CONFLICT (external_order_id) DO NOTHING RETURNING external_order_id, id"
)
_UPDATE_ORDERS = text(
    f'UPDATE "order" AS o SET ({_COLUMNS}) = ROW({_GIVEN}) '  # noqa: S608 # as above
    f"FROM json_to_recordset(CAST(:rows AS json)) AS given({_TYPED}, id uuid) WHERE o.id = given.id"
)
_INSERT_EVENTS = text(f"""
    WITH given AS MATERIALIZED (
        SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS given(n int, event_type text, event_key text,
            effect text, batch_id uuid, order_id uuid, order_version int, snapshot jsonb, occurred_at timestamptz)
    ), put AS (
        INSERT INTO order_event
            (event_type, event_key, effect, order_id, order_version, snapshot, batch_id, occurred_at)
        SELECT event_type, event_key, effect, order_id, order_version, snapshot, batch_id, occurred_at
        FROM given ORDER BY n
    )
    {OF_ORDER_EVENTS}
""")  # noqa: S608 # a constant


_INSERT_BATCHES = text("""
    WITH given AS MATERIALIZED (
        SELECT n, uuidv7() AS id, source, accepted, failed
        FROM json_to_recordset(CAST(:rows AS json)) AS given(n int, source text, accepted int, failed int)
    ), put AS (
        INSERT INTO event_batch (id, source, state, accepted, failed)
        SELECT id, source, 'pending', accepted, failed FROM given
    )
    SELECT id FROM given ORDER BY n
""")


@dataclass(frozen=True, slots=True)
class Recording:
    """The valid orders of one request. `defaults` has columns of a new order that the request may leave out."""

    changes: Sequence[OrderChange]
    source: str
    defaults: Mapping[str, Any]
    failed: int = 0
    historical: bool = False


@dataclass(frozen=True)
class Recorded:
    """The batch that an accepted request became."""

    batch_id: UUID
    effects: tuple[Effect, ...]
    """One for each change, in their order."""


@dataclass(frozen=True, slots=True)
class _Change:
    """A change, and which recording it is of."""

    number: int
    change: OrderChange
    recording: Recording


async def record_orders(
    session: AsyncSession,
    changes: Sequence[OrderChange],
    *,
    source: str,
    defaults: Mapping[str, Any],
    now: datetime,
    failed: int = 0,
    historical: bool = False,
) -> Recorded:
    """Store the changes of one request; see record_all."""
    return (await record_all(session, [Recording(changes, source, defaults, failed, historical)], now=now))[0]


async def record_all(session: AsyncSession, recordings: Sequence[Recording], *, now: datetime) -> list[Recorded]:
    """Store changes in their order, append one event each, and a batch for each recording.

    Locks the orders, so that events of one order get their `seq` in commit order. The number of statements does not
    grow with that of changes or recordings.
    """
    changes = [
        _Change(number, change, recording)
        for number, recording in enumerate(recordings)
        for change in recording.changes
    ]
    batches = await _write_batches(session, recordings)
    merged: dict[int, Merged] = {}
    order_ids: dict[str, UUID] = {}
    todo = dict(enumerate(changes))
    for _ in range(_ROUNDS):
        stored = await _locked(session, {one.change.external_order_id for one in todo.values()})
        after = _merge_all(stored, todo, merged, now=now)
        missed = await _write_orders(session, stored, after)
        order_ids |= {key: row["id"] for key, row in after.items() if key not in missed}
        todo = {index: one for index, one in todo.items() if one.change.external_order_id in missed}
        if not todo:
            break
    else:
        raise UnavailableError("the same orders are being written by others; try again")
    await _write_events(session, batches, changes=changes, merged=merged, order_ids=order_ids, now=now)
    effects: list[list[Effect]] = [[] for _ in recordings]
    for index, one in enumerate(changes):
        effects[one.number].append(merged[index].effect)
    return [Recorded(batch_id, tuple(each)) for batch_id, each in zip(batches, effects, strict=True)]


async def _write_batches(session: AsyncSession, recordings: Sequence[Recording]) -> list[UUID]:
    rows = [
        {"n": number, "source": one.source, "accepted": len(one.changes), "failed": one.failed}
        for number, one in enumerate(recordings)
    ]
    return list(await session.scalars(_INSERT_BATCHES, {"rows": _json_rows(rows)}))


async def _locked(session: AsyncSession, external_ids: set[str]) -> dict[str, dict[str, Any]]:
    found = await session.execute(
        select(_ORDER)
        .where(_ORDER.c.external_order_id.in_(external_ids))
        .order_by(_ORDER.c.external_order_id)
        .with_for_update(key_share=True)  # runs may be made of an order that is being changed
    )
    return {row["external_order_id"]: dict(row) for row in found.mappings()}


def _merge_all(
    stored: Mapping[str, dict[str, Any]],
    todo: Mapping[int, _Change],
    merged: dict[int, Merged],
    *,
    now: datetime,
) -> dict[str, dict[str, Any]]:
    """Fill `merged` by index and return the rows as they are to be: an order that comes twice is changed twice."""
    after = dict(stored)
    for index, one in todo.items():
        key = one.change.external_order_id
        merged[index] = merge(
            after.get(key),
            one.change,
            defaults=one.recording.defaults,
            now=now,
            historical=one.recording.historical,
        )
        after[key] = merged[index].row
    return after


async def _write_orders(
    session: AsyncSession, before: Mapping[str, dict[str, Any]], after: Mapping[str, dict[str, Any]]
) -> set[str]:
    """Write what changed and set the ids of new rows. Returns the new orders that somebody else inserted meanwhile."""
    new = {key: row for key, row in after.items() if key not in before}
    changed = [row for key, row in after.items() if key in before and row["version"] != before[key]["version"]]
    if changed:
        await session.execute(_UPDATE_ORDERS, {"rows": _json_rows(changed)})
    if new:
        inserted = await session.execute(_INSERT_ORDERS, {"rows": _json_rows(new.values())})
        for key, order_id in inserted:
            new[key]["id"] = order_id
    return {key for key, row in new.items() if "id" not in row}


def _json_rows(rows: Iterable[Mapping[str, Any]]) -> str:
    return dump_json(list(rows)).decode()


async def _write_events(
    session: AsyncSession,
    batches: Sequence[UUID],
    *,
    changes: Sequence[_Change],
    merged: Mapping[int, Merged],
    order_ids: Mapping[str, UUID],
    now: datetime,
) -> None:
    rows = [
        {
            "n": index,
            "event_type": f"order{merged[index].event_status}",
            "event_key": one.change.external_order_id,
            "batch_id": batches[one.number],
            "effect": merged[index].effect,
            "order_id": order_ids[one.change.external_order_id],
            "order_version": merged[index].row["version"],
            "snapshot": merged[index].snapshot,
            "occurred_at": one.change.given.get("status_date") or now,
        }
        for index, one in enumerate(changes)
    ]
    await session.execute(_INSERT_EVENTS, {"rows": _json_rows(rows)})
