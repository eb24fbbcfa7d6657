"""Contacts of one request are stored, in a handful of statements whatever their number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.document import dump_json
from store.contact_changes import VALUES, Card, Cards, ContactChange, DedupeOn, Refused
from store.identity_locks import lock_identities
from store.ids import new_ids
from store.tables.contact import IdentityKind

# Identities that came with a merge are not the request's to change: they stay until the merge is undone.
_LOAD = text("""
    SELECT c.id, c.first_name, c.last_name, c.language, c.time_zone, c.fields,
           (SELECT json_agg(json_build_array(i.kind, i.value) ORDER BY i.created_at, i.id)
            FROM contact_identity i WHERE i.contact_id = c.id) AS held
    FROM contact c
    WHERE c.merged_into IS NULL AND c.deleted_at IS NULL AND (c.id = ANY(:ids) OR c.id IN (
        SELECT i.contact_id FROM contact_identity i
        JOIN unnest(CAST(:kinds AS text[]), CAST(:values AS text[])) AS given(kind, value)
          ON i.kind = given.kind AND i.value = given.value))
    ORDER BY c.updated_at DESC, c.id DESC
""")
_LOCK = text("SELECT id FROM contact WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE")
_COLUMNS = "id uuid, first_name text, last_name text, language text, time_zone text, fields jsonb"
_INSERT = text(f"""
    INSERT INTO contact (id, first_name, last_name, language, time_zone, fields, source, created_at, updated_at)
    SELECT id, first_name, last_name, language, time_zone, fields, :source, :now, :now
    FROM json_to_recordset(CAST(:rows AS json)) AS given({_COLUMNS})
""")  # noqa: S608 # constants
_UPDATE = text(f"""
    UPDATE contact SET first_name = given.first_name, last_name = given.last_name, language = given.language,
        time_zone = given.time_zone, fields = given.fields, updated_at = :now
    FROM json_to_recordset(CAST(:rows AS json)) AS given({_COLUMNS}) WHERE contact.id = given.id
""")  # noqa: S608 # constants
_IDENTITIES = "json_to_recordset(CAST(:rows AS json)) AS given(contact_id uuid, kind text, value text)"
_TAKE = text(f"""
    DELETE FROM contact_identity i USING {_IDENTITIES} WHERE i.contact_id = given.contact_id AND i.kind = given.kind
        AND i.value = given.value AND i.merged_from IS NULL
""")  # noqa: S608 # constants
_GIVE = text(f"""
    INSERT INTO contact_identity (contact_id, kind, value, provenance)
    SELECT contact_id, kind, value, :source FROM {_IDENTITIES} ON CONFLICT (contact_id, kind, value) DO NOTHING
""")  # noqa: S608 # constants


@dataclass(frozen=True, slots=True)
class Stored:
    """A contact of the request, as it is stored now."""

    index: int
    contact_id: UUID
    created: bool


async def write_contacts(
    session: AsyncSession,
    changes: Sequence[ContactChange],
    *,
    dedupe_on: DedupeOn | None,
    match_order: Sequence[str],
    source: str,
    now: datetime,
) -> tuple[list[Stored], list[Refused]]:
    """Add or update contacts in their order; one that cannot be stored is refused alone.

    Two requests that bring the same new person at once make one contact: they wait for each other.
    """
    identities = sorted(
        {(k, value) for change in changes for k, values in change.identities.items() for value in values}
    )
    await lock_identities(session, [value for _, value in identities])
    cards = Cards(match_order, dedupe_on, now)
    ids = {change.contact_id for change in changes if change.contact_id}
    for card in await _load(session, sorted(ids), identities):
        cards.add(card)
    applied = [(change.index, cards.apply(change)) for change in changes]
    await _write(session, cards, source=source, now=now)
    new = {id(card) for card in cards.created}
    stored = [
        Stored(index, card.id, id(card) in new)
        for index, card in applied
        if isinstance(card, Card) and card.id is not None
    ]
    return stored, [one for _, one in applied if isinstance(one, Refused)]


async def _load(
    session: AsyncSession, ids: Sequence[UUID], identities: Sequence[tuple[IdentityKind, str]]
) -> list[Card]:
    params = {
        "ids": list(ids),
        "kinds": [str(kind) for kind, _ in identities],
        "values": [value for _, value in identities],
    }
    found = [row.id for row in await session.execute(_LOAD, params)]
    await session.execute(_LOCK, {"ids": found})
    cards = []
    for row in await session.execute(_LOAD, params):  # again, as they are now that nobody changes them
        held: dict[IdentityKind, list[str]] = {}
        for kind, value in row.held or ():
            held.setdefault(IdentityKind(kind), []).append(value)
        values = {name: getattr(row, name) for name in VALUES}
        card = Card(row.id, values, dict(row.fields or {}), held)
        card.before = card.now
        cards.append(card)
    return cards


async def _write(session: AsyncSession, cards: Cards, *, source: str, now: datetime) -> None:
    if cards.created:
        ids = await new_ids(session, len(cards.created))
        for card, contact_id in zip(cards.created, ids, strict=True):
            card.id = contact_id
        await session.execute(_INSERT, {"rows": _rows(cards.created), "source": source, "now": now})
    changed = [card for card in cards.stored if card.changed]
    if changed:
        await session.execute(_UPDATE, {"rows": _rows(changed), "now": now})
    everybody = [*cards.created, *changed]
    gone = [(card, identity) for card in everybody for identity in sorted(card.before - card.now)]
    come = [
        (card, (kind, value))
        for card in everybody
        for kind, values in card.held.items()
        for value in values
        if (kind, value) not in card.before
    ]
    if gone:
        await session.execute(_TAKE, {"rows": _identity_rows(gone)})
    if come:
        await session.execute(_GIVE, {"rows": _identity_rows(come), "source": source})


def _rows(cards: Sequence[Card]) -> str:
    rows = [{"id": card.id, **card.values, "fields": card.fields or None} for card in cards]
    return dump_json(rows).decode()


def _identity_rows(pairs: Sequence[tuple[Card, tuple[IdentityKind, str]]]) -> str:
    rows = [{"contact_id": card.id, "kind": kind, "value": value} for card, (kind, value) in pairs]
    return dump_json(rows).decode()
