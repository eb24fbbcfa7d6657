"""Accepted orders become rows and events: in the caller's transaction, or in a statement that is one of its own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from orjson import Fragment
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from core.document import as_json, dump_json
from core.errors import UnavailableError
from store.merging import IDENTITIES, Merged, OrderChange, merge
from store.order_writing import LOCKED, SEEN, WRITE, WRITE_AS_SEEN
from store.session import is_conflict
from store.tables.event import Effect

_ROUNDS = 3
"""Another request can insert the same new order while we look; the second look finds it. More is a fault."""
_INSERTED_BY_OTHERS = "23505"
"""SQLSTATE of a new order that somebody else committed meanwhile; the statement did nothing."""


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
    changes = _changes(recordings)
    batches: list[UUID | None] = [None] * len(recordings)
    effects: dict[int, Effect] = {}
    todo = dict(enumerate(changes))
    for _ in range(_ROUNDS):
        stored = await _locked(session, {one.change.external_order_id for one in todo.values()})
        merged, after = _merge_all(stored, todo, now=now)
        effects |= {index: one.effect for index, one in merged.items()}
        rows = _rows(recordings, batches, todo, merged, before=stored, after=after, now=now)
        missed = {key for key in after if key not in stored}
        for key, number, row_id in await session.execute(WRITE, rows):
            if key is not None:
                missed.discard(key)
            elif row_id is not None:
                batches[number] = row_id
        todo = {index: one for index, one in todo.items() if one.change.external_order_id in missed}
        if not todo:
            break
    else:
        raise UnavailableError("the same orders are being written by others; try again")
    return _recorded(batches, changes, effects)


async def record_at_once(
    connection: AsyncConnection, recordings: Sequence[Recording], *, now: datetime
) -> list[Recorded] | None:
    """As record_all, on a connection that commits each statement; None when nothing was stored and record_all is to.

    It looks how the orders are and writes if they are still so, which saves the round trips of a transaction. Others
    may write the same orders again and again meanwhile, then the last word is record_all's, which keeps them locked.
    """
    changes = _changes(recordings)
    todo = dict(enumerate(changes))
    ids = {"ids": list({one.change.external_order_id for one in changes})}
    for _ in range(_ROUNDS):
        found = await connection.execute(SEEN, ids)
        stored = {row["external_order_id"]: dict(row) for row in found.mappings()}
        merged, after = _merge_all(stored, todo, now=now)
        rows = _rows(recordings, [None] * len(recordings), todo, merged, before=stored, after=after, now=now)
        seen = _json_rows({"id": row["id"], "stamp": row["stamp"]} for row in stored.values())
        try:
            batches = await connection.scalar(WRITE_AS_SEEN, ids | rows | {"seen": seen})
        except DBAPIError as error:
            if not is_conflict(error) and getattr(error.orig, "sqlstate", None) != _INSERTED_BY_OTHERS:
                raise
            continue
        if batches is not None:
            return _recorded(batches, changes, {index: one.effect for index, one in merged.items()})
    return None


def _changes(recordings: Sequence[Recording]) -> list[_Change]:
    return [
        _Change(number, change, recording)
        for number, recording in enumerate(recordings)
        for change in recording.changes
    ]


def _recorded(
    batches: Sequence[UUID | None], changes: Sequence[_Change], effects: Mapping[int, Effect]
) -> list[Recorded]:
    told: list[list[Effect]] = [[] for _ in batches]
    for index, one in enumerate(changes):
        told[one.number].append(effects[index])
    return [Recorded(batch_id, tuple(each)) for batch_id, each in zip(batches, told, strict=True) if batch_id]


async def _locked(session: AsyncSession, external_ids: set[str]) -> dict[str, dict[str, Any]]:
    found = await session.execute(LOCKED, {"ids": list(external_ids)})
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
    """The parameters of WRITE."""
    written: dict[int, Fragment] = {}

    def once(columns: Mapping[str, Any]) -> dict[str, Any]:
        """Without what is absent; items, which are in the order and in its event, are made JSON once."""
        present = {name: value for name, value in columns.items() if value is not None}
        if items := present.get("items"):
            present["items"] = written.get(id(items)) or written.setdefault(id(items), as_json(items))
        return present

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
            once(row) for key, row in after.items() if key in before and row["version"] != before[key]["version"]
        ),
        "new": _json_rows(once(row) for key, row in after.items() if key not in before),
        "events": _json_rows(
            {
                "n": index,
                "batch": one.number,
                "event_type": f"order{merged[index].event_status}",
                "event_key": one.change.external_order_id,
                "effect": merged[index].effect,
                "order_id": merged[index].row.get("id"),
                "order_version": merged[index].row["version"],
                "snapshot": once(merged[index].snapshot),
                "kept": merged[index].kept,
                "occurred_at": one.change.given.get("status_date") or now,
                **{name: merged[index].row[name] for name in ("contact_id", *IDENTITIES)},
            }
            for index, one in todo.items()
        ),
    }


def _json_rows(rows: Iterable[Mapping[str, Any]]) -> str:
    return dump_json(list(rows)).decode()
