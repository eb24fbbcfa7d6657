"""Accepted orders become rows and events, in the caller's transaction and in a handful of statements."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, any_, bindparam, select, text
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

# FOR NO KEY UPDATE keeps other writers away, and lets workers insert what refers to the order.
_LOCKED = (
    select(_ORDER)
    .where(_ORDER.c.external_order_id == any_(bindparam("ids", type_=ARRAY(Text))))
    .order_by(_ORDER.c.external_order_id)
    .with_for_update(key_share=True)
)
# Batches, orders and events in one statement, for each statement is a round trip that others wait for. Rows travel as
# JSON parameters: one plan for any number of rows, and decimals stay exact. New orders are inserted in one order, so
# that two who insert the same ones do not wait for each other in a circle; events of what somebody else inserted
# meanwhile are left out.
_WRITE = text(f"""
    WITH batch AS MATERIALIZED (
        SELECT n, COALESCE(id, uuidv7()) AS id, id IS NULL AS is_new, source, accepted, failed
        FROM json_to_recordset(CAST(:batches AS json)) AS given(n int, id uuid, source text, accepted int, failed int)
    ), put_batch AS (
        INSERT INTO event_batch (id, source, state, accepted, failed)
        SELECT id, source, 'pending', accepted, failed FROM batch WHERE is_new
    ), changed AS (
        UPDATE "order" AS o SET ({_COLUMNS}) = ROW({_GIVEN})
        FROM json_to_recordset(CAST(:changed AS json)) AS given({_TYPED}, id uuid) WHERE o.id = given.id
    ), inserted AS (
        INSERT INTO "order" ({_COLUMNS})
        SELECT {_GIVEN} FROM json_to_recordset(CAST(:new AS json)) AS given({_TYPED}) ORDER BY external_order_id
        ON CONFLICT (external_order_id) DO NOTHING RETURNING external_order_id, id
    ), given AS MATERIALIZED (
        SELECT * FROM json_to_recordset(CAST(:events AS json)) AS given(n int, batch int, event_type text,
            event_key text, effect text, order_id uuid, order_version int, snapshot jsonb, kept jsonb,
            occurred_at timestamptz, contact_id uuid, match_external_id text, match_email text, match_phone text)
    ), put_event AS (
        INSERT INTO order_event
            (event_type, event_key, effect, order_id, order_version, snapshot, kept, batch_id, occurred_at)
        SELECT event_type, event_key, effect, COALESCE(order_id, inserted.id), order_version, snapshot, kept, batch.id,
               occurred_at
        FROM given JOIN batch ON batch.n = given.batch
        LEFT JOIN inserted ON inserted.external_order_id = event_key
        WHERE order_id IS NOT NULL OR inserted.id IS NOT NULL ORDER BY given.n
    ), waited_for AS MATERIALIZED ({OF_ORDER_EVENTS})
    SELECT NULL AS external_order_id, n, id FROM batch UNION ALL SELECT external_order_id, NULL, id FROM inserted
    UNION ALL SELECT NULL, count(*), NULL FROM waited_for
""")  # noqa: S608 # column names are constants


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
    batches: list[UUID | None] = [None] * len(recordings)
    effects: dict[int, Effect] = {}
    todo = dict(enumerate(changes))
    for _ in range(_ROUNDS):
        stored = await _locked(session, {one.change.external_order_id for one in todo.values()})
        merged, after = _merge_all(stored, todo, now=now)
        effects |= {index: one.effect for index, one in merged.items()}
        rows = _rows(recordings, batches, todo, merged, before=stored, after=after, now=now)
        missed = {key for key in after if key not in stored}
        for key, number, row_id in await session.execute(_WRITE, rows):
            if key is not None:
                missed.discard(key)
            elif row_id is not None:
                batches[number] = row_id
        todo = {index: one for index, one in todo.items() if one.change.external_order_id in missed}
        if not todo:
            break
    else:
        raise UnavailableError("the same orders are being written by others; try again")
    told: list[list[Effect]] = [[] for _ in recordings]
    for index, one in enumerate(changes):
        told[one.number].append(effects[index])
    return [Recorded(batch_id, tuple(each)) for batch_id, each in zip(batches, told, strict=True) if batch_id]


async def _locked(session: AsyncSession, external_ids: set[str]) -> dict[str, dict[str, Any]]:
    found = await session.execute(_LOCKED, {"ids": list(external_ids)})
    return {row["external_order_id"]: dict(row) for row in found.mappings()}


def _merge_all(
    stored: Mapping[str, dict[str, Any]], todo: Mapping[int, _Change], *, now: datetime
) -> tuple[dict[int, Merged], dict[str, dict[str, Any]]]:
    """Changes applied, by index, and the rows as they are to be: an order that comes twice is changed twice."""
    merged: dict[int, Merged] = {}
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
    return merged, after


def _rows(
    recordings: Sequence[Recording],
    batches: Sequence[UUID | None],
    todo: Mapping[int, _Change],
    merged: Mapping[int, Merged],
    *,
    before: Mapping[str, dict[str, Any]],
    after: Mapping[str, dict[str, Any]],
    now: datetime,
) -> dict[str, str]:
    """The parameters of _WRITE."""
    return {
        "batches": _json_rows(
            {
                "n": number,
                "id": batches[number],
                "source": one.source,
                "accepted": len(one.changes),
                "failed": one.failed,
            }
            for number, one in enumerate(recordings)
        ),
        "changed": _json_rows(
            row for key, row in after.items() if key in before and row["version"] != before[key]["version"]
        ),
        "new": _json_rows(row for key, row in after.items() if key not in before),
        "events": _json_rows(
            {
                "n": index,
                "batch": one.number,
                "event_type": f"order{merged[index].event_status}",
                "event_key": one.change.external_order_id,
                "effect": merged[index].effect,
                "order_id": merged[index].row.get("id"),
                "order_version": merged[index].row["version"],
                "snapshot": merged[index].snapshot,
                "kept": merged[index].kept,
                "occurred_at": one.change.given.get("status_date") or now,
                **{name: merged[index].row[name] for name in ("contact_id", *IDENTITIES)},
            }
            for index, one in todo.items()
        ),
    }


def _json_rows(rows: Iterable[Mapping[str, Any]]) -> str:
    return dump_json(list(rows)).decode()
