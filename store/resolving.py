"""Claims become contacts: found by the five rules or created, set-based and race-free."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.document import dump_json
from store.directory import Claim, Directory, Match, Person
from store.identity_locks import lock_identities
from store.ids import new_ids
from store.tables.contact import IdentityKind

_HOLDERS = text("""
    SELECT c.id, c.first_name, c.last_name,
           json_agg(json_build_array(held.kind, held.value) ORDER BY held.created_at, held.id) AS held
    FROM contact c JOIN contact_identity held ON held.contact_id = c.id
    WHERE c.merged_into IS NULL AND c.deleted_at IS NULL AND c.id IN (
        SELECT i.contact_id FROM contact_identity i
        JOIN unnest(CAST(:kinds AS text[]), CAST(:values AS text[])) AS claimed(kind, value)
          ON i.kind = claimed.kind AND i.value = claimed.value
    )
    GROUP BY c.id ORDER BY c.updated_at DESC, c.id DESC
""")
_WRITE = text("""
    WITH created AS (
        INSERT INTO contact (id, first_name, last_name, source, created_at, updated_at)
        SELECT id, first_name, last_name, :source, :now, :now
        FROM json_to_recordset(CAST(:created AS json)) AS given(id uuid, first_name text, last_name text)
    ), changed AS (
        UPDATE contact SET first_name = given.first_name, last_name = given.last_name, updated_at = :now
        FROM json_to_recordset(CAST(:changed AS json)) AS given(id uuid, first_name text, last_name text)
        WHERE contact.id = given.id
    )
    INSERT INTO contact_identity (contact_id, kind, value, provenance)
    SELECT contact_id, kind, value, :source
    FROM json_to_recordset(CAST(:added AS json)) AS given(contact_id uuid, kind text, value text)
    ON CONFLICT DO NOTHING
""")

Key = TypeVar("Key", bound=Hashable)


async def resolve(
    session: AsyncSession, claims: Mapping[Key, Claim], *, match_order: Sequence[str], source: str, now: datetime
) -> dict[Key, Match]:
    """The contact of each claim that names someone; `source` is the provenance of what is new."""
    identities = sorted({identity for claim in claims.values() for identity in claim.identities})
    if not identities:
        return {}
    await lock_identities(session, [value for _, value in identities])
    directory = await _load_directory(session, identities, match_order)
    matches = {key: match for key, claim in claims.items() if (match := directory.match(claim))}
    await _write(session, directory, matches.values(), source=source, now=now)
    return matches


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


async def _write(
    session: AsyncSession, directory: Directory, matches: Iterable[Match], *, source: str, now: datetime
) -> None:
    created = directory.created
    if created:
        for person, contact_id in zip(created, await new_ids(session, len(created)), strict=True):
            person.id = contact_id
    people = list({id(match.person): match.person for match in matches}.values())
    is_new = {id(person) for person in created}
    touched = [one for one in people if id(one) not in is_new and (one.changed or one.added)]
    added = [
        {"contact_id": person.id, "kind": kind, "value": value} for person in people for kind, value in person.added
    ]
    if created or touched:
        rows = {"created": _names(created), "changed": _names(touched), "added": dump_json(added).decode()}
        await session.execute(_WRITE, rows | {"source": source, "now": now})


def _names(people: Sequence[Person]) -> str:
    rows: list[dict[str, Any]] = [
        {"id": person.id, "first_name": person.first_name, "last_name": person.last_name} for person in people
    ]
    return dump_json(rows).decode()
