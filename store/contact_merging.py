"""Merging two contacts that are one person, and taking that back.

What the merged contact had is moved to the survivor and each moved row is remembered, so that undoing moves exactly
those back. An identity that both hold stays where it is: a merged contact is found by nobody.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.document import dump_json
from core.errors import ConflictError, InvalidError
from store.contacts import missing
from store.identity_locks import lock_identities
from store.membership_merging import merge_memberships, unmerge_memberships
from store.refresh import hold_recalculation

_VALUES = text("SELECT DISTINCT value FROM contact_identity WHERE contact_id = ANY(:ids)")
_LOCK = text("""
    SELECT id, first_name, last_name, language, time_zone, fields, merged_into FROM contact
    WHERE id = ANY(:ids) AND deleted_at IS NULL ORDER BY id FOR UPDATE
""")
_NOTE = text("""
    INSERT INTO contact_merge (survivor_id, merged_id, filled)
    VALUES (:survivor, :merged, CAST(:filled AS jsonb)) RETURNING id
""")
_MOVE = """
    WITH moved AS (
        UPDATE {table} t SET contact_id = :survivor {more} WHERE t.contact_id = :merged {only} RETURNING t.id)
    INSERT INTO contact_merge_move (merge_id, kind, row_id) SELECT :merge, '{kind}', id FROM moved
"""
_BACK = """
    UPDATE {table} t SET contact_id = :merged {more} FROM contact_merge_move m
    WHERE m.merge_id = :merge AND m.kind = '{kind}' AND t.id = m.row_id AND t.contact_id = :survivor
"""
_OWN = """AND NOT EXISTS (SELECT FROM contact_identity own WHERE own.contact_id = :survivor AND own.kind = t.kind
          AND own.value = t.value)"""
_TABLES = {
    "identity": ("contact_identity", ", merged_from = COALESCE(t.merged_from, :merged)", _OWN),
    "order": ('"order"', "", ""),
    "event": ("order_event", "", ""),
    "run": ("run", "", ""),
}
_MOVES = [
    text(_MOVE.format(kind=kind, table=table, more=more, only=only)) for kind, (table, more, only) in _TABLES.items()
]
_BACKS = [
    text(_BACK.format(kind=kind, table=table, more=", merged_from = NULLIF(t.merged_from, :merged)" if more else ""))
    for kind, (table, more, _) in _TABLES.items()
]
# Orders that came while the two were one, and whose strongest identity goes back.
_LATER = text("""
    WITH later AS (
        UPDATE "order" o SET contact_id = :merged
        WHERE o.contact_id = :survivor AND o.created_at >= :merged_at AND EXISTS (
            SELECT FROM contact_identity i WHERE i.contact_id = :merged AND (i.kind, i.value) = CASE
                WHEN o.match_external_id IS NOT NULL THEN ROW('external_customer_id'::text, o.match_external_id)
                WHEN o.match_email IS NOT NULL THEN ROW('email'::text, o.match_email)
                ELSE ROW('phone'::text, o.match_phone) END)
          AND NOT EXISTS (
            SELECT FROM contact_identity i WHERE i.contact_id = :survivor AND (i.kind, i.value) = CASE
                WHEN o.match_external_id IS NOT NULL THEN ROW('external_customer_id'::text, o.match_external_id)
                WHEN o.match_email IS NOT NULL THEN ROW('email'::text, o.match_email)
                ELSE ROW('phone'::text, o.match_phone) END)
        RETURNING o.id
    ), events AS (
        UPDATE order_event e SET contact_id = :merged FROM later
        WHERE e.order_id = later.id AND e.contact_id = :survivor
    )
    UPDATE run r SET contact_id = :merged FROM later WHERE r.order_id = later.id AND r.contact_id = :survivor
""")
_FILL = text("""
    UPDATE contact SET first_name = :first_name, last_name = :last_name, language = :language, time_zone = :time_zone,
        fields = CAST(:fields AS jsonb), updated_at = now() WHERE id = :id
""")
_INTO = text("UPDATE contact SET merged_into = :survivor WHERE id = :merged")
_FIND = text("""
    SELECT id, filled, merged_at FROM contact_merge
    WHERE survivor_id = :survivor AND merged_id = :merged AND undone_at IS NULL FOR UPDATE
""")
_UNDONE = text("UPDATE contact_merge SET undone_at = now() WHERE id = :merge")
_FILLED = ("first_name", "last_name", "language", "time_zone")


async def merge_contacts(session: AsyncSession, survivor: UUID, merged: UUID) -> None:
    """Make `merged` part of `survivor`: identities, orders, events, runs and segments. What it lacks is filled.

    Raises NotFoundError, InvalidError for a contact and itself, ConflictError for one that was merged before.
    """
    if survivor == merged:
        raise InvalidError("a contact cannot be merged with itself; name another one", field="contactId")
    one, other = await _lock_both(session, survivor, merged)
    for row, contact_id in ((one, survivor), (other, merged)):
        if row["merged_into"] is not None:
            raise ConflictError(f"contact {contact_id} was merged into {row['merged_into']}; merge that one instead")
    filled = {name: other[name] for name in _FILLED if other[name] and not one[name]}
    own_fields, more_fields = one["fields"] or {}, other["fields"] or {}
    new_fields = {name: value for name, value in more_fields.items() if name not in own_fields}
    merge: UUID = await session.scalar(
        _NOTE,
        {
            "survivor": survivor,
            "merged": merged,
            "filled": dump_json(filled | ({"fields": new_fields} if new_fields else {})).decode(),
        },
    )
    for statement in _MOVES:
        await session.execute(statement, {"survivor": survivor, "merged": merged, "merge": merge})
    await merge_memberships(session, merge, survivor, merged)
    await session.execute(_INTO, {"survivor": survivor, "merged": merged})
    await _write(session, survivor, dict(one) | filled | {"fields": own_fields | new_fields})


async def unmerge_contacts(session: AsyncSession, survivor: UUID, merged: UUID) -> None:
    """Undo a merge: what was moved goes back, and so do orders that came since by an identity that goes back.

    Raises NotFoundError, ConflictError when the two are not merged, or the survivor itself was merged meanwhile.
    """
    one, _ = await _lock_both(session, survivor, merged)
    if one["merged_into"] is not None:
        raise ConflictError(f"contact {survivor} was itself merged into {one['merged_into']}; undo that first")
    found = (await session.execute(_FIND, {"survivor": survivor, "merged": merged})).one_or_none()
    if found is None:
        raise ConflictError(f"contact {merged} is not merged into {survivor}")
    params = {"survivor": survivor, "merged": merged, "merge": found.id}
    for statement in _BACKS:
        await session.execute(statement, params)
    await unmerge_memberships(session, found.id, survivor, merged)
    await session.execute(_INTO, {"survivor": None, "merged": merged})
    await session.execute(_LATER, {"survivor": survivor, "merged": merged, "merged_at": found.merged_at})
    await session.execute(_UNDONE, {"merge": found.id})
    filled = dict(found.filled)
    fields = {
        name: value for name, value in (one["fields"] or {}).items() if filled.get("fields", {}).get(name) != value
    }
    emptied = {name: None for name in _FILLED if name in filled and one[name] == filled[name]}
    await _write(session, survivor, dict(one) | emptied | {"fields": fields})


async def _lock_both(session: AsyncSession, survivor: UUID, merged: UUID) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both rows, while no order is matched to either and no segment asks for them. Raises NotFoundError."""
    ids = [survivor, merged]
    await hold_recalculation(session)
    await lock_identities(session, await session.scalars(_VALUES, {"ids": ids}))
    rows = {row["id"]: dict(row) for row in (await session.execute(_LOCK, {"ids": ids})).mappings()}
    for contact_id in ids:
        if contact_id not in rows:
            raise missing(contact_id)
    return rows[survivor], rows[merged]


async def _write(session: AsyncSession, contact_id: UUID, row: dict[str, Any]) -> None:
    values = {name: row[name] for name in _FILLED}
    fields = dump_json(row["fields"]).decode() if row["fields"] else None
    await session.execute(_FILL, {"id": contact_id, **values, "fields": fields})
