"""match_contacts: every order of a batch gets its contact, set-based and race-free."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.document import dump_json
from store.directory import Claim, Directory, Match, Person
from store.tables.contact import IdentityKind

_STRIPES = 256
_LOCK_SPACE = 5_072_002
"""First key of the advisory locks: whoever may create a contact locks the stripes of the values involved.
A fixed number of stripes keeps PostgreSQL's lock table small however large the batch is."""

_CLAIMS = text("""
    SELECT DISTINCT ON (o.id) o.id, o.contact_id, o.match_external_id, o.match_email, o.match_phone,
           o.first_name, o.last_name
    FROM order_event e JOIN "order" o ON o.id = e.order_id
    WHERE e.batch_id = ANY(:batch_ids) AND e.matched_at IS NULL
    ORDER BY o.id
""")
_LOCK = text("SELECT pg_advisory_xact_lock(:space, stripe) FROM unnest(CAST(:stripes AS int[])) AS stripe")
_HOLDERS = text("""
    SELECT c.id, c.first_name, c.last_name,
           json_agg(json_build_array(held.kind, held.value) ORDER BY held.created_at, held.id) AS held
    FROM contact c JOIN contact_identity held ON held.contact_id = c.id
    WHERE c.id IN (
        SELECT i.contact_id FROM contact_identity i
        JOIN unnest(CAST(:kinds AS text[]), CAST(:values AS text[])) AS claimed(kind, value)
          ON i.kind = claimed.kind AND i.value = claimed.value
    )
    GROUP BY c.id ORDER BY c.updated_at DESC, c.id DESC
""")
_NEW_IDS = text("SELECT uuidv7() FROM generate_series(1, :count)")
_INSERT_CONTACTS = text("""
    INSERT INTO contact (id, first_name, last_name, source, created_at, updated_at)
    SELECT id, first_name, last_name, 'order', :now, :now
    FROM json_to_recordset(CAST(:rows AS json)) AS given(id uuid, first_name text, last_name text)
""")
_UPDATE_CONTACTS = text("""
    UPDATE contact SET first_name = given.first_name, last_name = given.last_name, updated_at = :now
    FROM json_to_recordset(CAST(:rows AS json)) AS given(id uuid, first_name text, last_name text)
    WHERE contact.id = given.id
""")
_INSERT_IDENTITIES = text("""
    INSERT INTO contact_identity (contact_id, kind, value, provenance)
    SELECT contact_id, kind, value, provenance
    FROM json_to_recordset(CAST(:rows AS json)) AS given(contact_id uuid, kind text, value text, provenance text)
    ON CONFLICT DO NOTHING
""")
_UPDATE_ORDERS = text("""
    UPDATE "order" SET contact_id = given.contact_id, identity_conflict = given.conflict
    FROM json_to_recordset(CAST(:rows AS json)) AS given(id uuid, contact_id uuid, conflict boolean)
    WHERE "order".id = given.id
""")
_MARK_EVENTS = text("""
    UPDATE order_event e SET contact_id = o.contact_id, matched_at = :now
    FROM "order" o WHERE o.id = e.order_id AND e.batch_id = ANY(:batch_ids) AND e.matched_at IS NULL
""")


async def match_contacts(
    session: AsyncSession, batch_ids: Sequence[UUID], *, match_order: Sequence[str], now: datetime
) -> int:
    """Give every order of the batches its contact and mark the events matched. Returns how many orders it matched.

    Runs any number of times; two at once that touch the same identities wait for each other.
    """
    batches = {"batch_ids": list(batch_ids)}
    claims = {
        row.id: Claim(row.match_external_id, row.match_email, row.match_phone, row.first_name, row.last_name)
        for row in await session.execute(_CLAIMS, batches)
        if row.contact_id is None
    }
    identities = sorted({identity for claim in claims.values() for identity in claim.identities})
    if identities:
        await _lock_identities(session, [value for _, value in identities])
        directory = await _load_directory(session, identities, match_order)
        matches = {order_id: match for order_id, claim in claims.items() if (match := directory.match(claim))}
        await _write(session, directory, matches, now)
    await session.execute(_MARK_EVENTS, batches | {"now": now})
    return len(claims)


async def _lock_identities(session: AsyncSession, values: Sequence[str]) -> None:
    stripes = sorted({hashlib.blake2b(value.encode(), digest_size=1).digest()[0] % _STRIPES for value in values})
    await session.execute(_LOCK, {"space": _LOCK_SPACE, "stripes": stripes})


async def _load_directory(
    session: AsyncSession, identities: Sequence[tuple[IdentityKind, str]], match_order: Sequence[str]
) -> Directory:
    directory = Directory(match_order)
    found = await session.execute(
        _HOLDERS, {"kinds": [str(kind) for kind, _ in identities], "values": [value for _, value in identities]}
    )
    for row in found:
        person = Person(id=row.id, first_name=row.first_name, last_name=row.last_name)
        for kind_text, value in row.held:
            kind = IdentityKind(kind_text)
            person.held.setdefault(kind, []).append(value)
            directory.add_holder(person, kind, value)
    return directory


async def _write(session: AsyncSession, directory: Directory, matches: dict[UUID, Match], now: datetime) -> None:
    created = directory.created
    if created:
        new_ids = await session.scalars(_NEW_IDS, {"count": len(created)})
        for person, contact_id in zip(created, new_ids, strict=True):
            person.id = contact_id
        await session.execute(_INSERT_CONTACTS, {"rows": _names(created), "now": now})
    people = list({id(match.person): match.person for match in matches.values()}.values())
    is_new = {id(person) for person in created}
    touched = [one for one in people if id(one) not in is_new and (one.changed or one.added)]
    if touched:
        await session.execute(_UPDATE_CONTACTS, {"rows": _names(touched), "now": now})
    added = [
        {"contact_id": person.id, "kind": kind, "value": value, "provenance": "order"}
        for person in people
        for kind, value in person.added
    ]
    if added:
        await session.execute(_INSERT_IDENTITIES, {"rows": dump_json(added).decode()})
    rows = [
        {"id": order_id, "contact_id": match.person.id, "conflict": match.conflict}
        for order_id, match in matches.items()
    ]
    await session.execute(_UPDATE_ORDERS, {"rows": dump_json(rows).decode()})


def _names(people: Sequence[Person]) -> str:
    rows: list[dict[str, Any]] = [
        {"id": person.id, "first_name": person.first_name, "last_name": person.last_name} for person in people
    ]
    return dump_json(rows).decode()
