"""Contacts as people look at them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFoundError

_MOST_MERGES = 20
"""A contact that was merged into one that was merged, and so on, is followed so far."""

_CARD = """
    SELECT c.id, c.first_name, c.last_name, c.language, c.time_zone, c.fields, c.source, c.created_at, c.updated_at,
           EXISTS (SELECT FROM "order" o WHERE o.contact_id = c.id AND o.identity_conflict) AS identity_conflict,
           COALESCE((SELECT jsonb_agg(jsonb_build_object('kind', i.kind, 'value', i.value, 'provenance', i.provenance,
                                      'merged_from', i.merged_from, 'since', i.created_at)
                            ORDER BY i.kind, i.merged_from IS NOT NULL, i.created_at, i.id)
                     FROM contact_identity i WHERE i.contact_id = c.id), '[]'::jsonb) AS identities,
           COALESCE((SELECT jsonb_agg(jsonb_build_object('channel', s.channel, 'address', s.address,
                                      'reason', s.reason, 'since', s.created_at) ORDER BY s.channel, s.address)
                     FROM contact_identity i JOIN suppression s ON s.address = i.value
                      AND s.channel = CASE i.kind WHEN 'email' THEN 'email' WHEN 'phone' THEN 'sms' END
                     WHERE i.contact_id = c.id), '[]'::jsonb) AS suppressions,
           ARRAY(SELECT m.id FROM contact m WHERE m.merged_into = c.id ORDER BY m.id) AS merged
    FROM contact c
"""
_ONE = text(_CARD + "WHERE c.id = :id")
_PAGE = text(_CARD + "WHERE c.id = ANY(:ids) ORDER BY c.id DESC")
_LIVE = "c.merged_into IS NULL AND c.deleted_at IS NULL"
_SURVIVOR = text("""
    WITH RECURSIVE way AS (
        SELECT id, merged_into, deleted_at, 1 AS n FROM contact WHERE id = :id
        UNION ALL SELECT c.id, c.merged_into, c.deleted_at, n + 1 FROM contact c JOIN way ON c.id = way.merged_into
        WHERE n < :most
    )
    SELECT id FROM way WHERE merged_into IS NULL AND deleted_at IS NULL
""")
_HELD = "c.id IN (SELECT contact_id FROM contact_identity WHERE kind = '{kind}' AND value = :{kind})"
# Beginnings as ranges, which an index serves with any plan.
_BEGINS = "(lower({column} COLLATE pg_c_utf8) >= lower(CAST(:{name} AS text) COLLATE pg_c_utf8) AND "
_BEGINS += "lower({column} COLLATE pg_c_utf8) < lower(CAST(:{name} AS text) COLLATE pg_c_utf8) || chr(1114111))"


@dataclass(frozen=True, slots=True)
class ContactFilter:
    """Which contacts; None does not restrict. Identities are normalised; `text` is a beginning, in any case."""

    email: str | None = None
    phone: str | None = None
    external_id: str | None = None
    text: str | None = None
    text_phone: str | None = None
    """The phone that `text` is, if it is one."""


async def surviving_id(session: AsyncSession, contact_id: UUID) -> UUID | None:
    """The contact itself, or the one that it was merged into; None when there is no such contact any more."""
    found: UUID | None = await session.scalar(_SURVIVOR, {"id": contact_id, "most": _MOST_MERGES})
    return found


async def find_contact(session: AsyncSession, contact_id: UUID) -> dict[str, Any]:
    """One contact with identities and suppressions; of a merged one the survivor. Raises NotFoundError."""
    survivor = await surviving_id(session, contact_id)
    if survivor is None:
        raise missing(contact_id)
    return dict((await session.execute(_ONE, {"id": survivor})).mappings().one())


async def list_contacts(
    session: AsyncSession, wanted: ContactFilter, *, before: UUID | None, limit: int
) -> list[dict[str, Any]]:
    """Newest first; `before` is the last id of the page before."""
    conditions, params = _conditions(wanted)
    if before:
        conditions.append("c.id < :before")
        params["before"] = before
    query = text(
        f"SELECT c.id FROM contact c WHERE {' AND '.join(conditions)} ORDER BY c.id DESC LIMIT :limit"  # noqa: S608 # constants
    )
    ids: Sequence[UUID] = list(await session.scalars(query, {**params, "limit": limit}))
    return [dict(row) for row in (await session.execute(_PAGE, {"ids": ids})).mappings()] if ids else []


def missing(contact_id: UUID) -> NotFoundError:
    """The error for a contact that does not exist."""
    return NotFoundError("contact", str(contact_id))


def _conditions(wanted: ContactFilter) -> tuple[list[str], dict[str, object]]:
    conditions, params = [_LIVE], dict[str, object]()
    for kind, value in (
        ("email", wanted.email),
        ("phone", wanted.phone),
        ("external_customer_id", wanted.external_id),
    ):
        if value is not None:
            conditions.append(_HELD.format(kind=kind))
            params[kind] = value
    if wanted.text:
        conditions.append(_search(wanted, params))
    return conditions, params


def _search(wanted: ContactFilter, params: dict[str, object]) -> str:
    """Ids of contacts by the beginning of a name or an identity, or of both names."""
    params["text"] = wanted.text
    found = [f"SELECT id FROM contact WHERE {_BEGINS.format(column=f'{name}_name', name='text')}" for name in _NAMES]  # noqa: S608 # constants
    begins = _BEGINS.format(column="value", name="text")
    found.append(f"SELECT contact_id FROM contact_identity WHERE {begins}")  # noqa: S608 # constants
    if wanted.text_phone:
        params["text_phone"] = wanted.text_phone
        found.append("SELECT contact_id FROM contact_identity WHERE kind = 'phone' AND value = :text_phone")
    words = (wanted.text or "").split()
    if len(words) == len(_NAMES):
        params["one"], params["other"] = words
        for first, last in (("one", "other"), ("other", "one")):
            both = [_BEGINS.format(column="first_name", name=first), _BEGINS.format(column="last_name", name=last)]
            found.append(f"SELECT id FROM contact WHERE {' AND '.join(both)}")  # noqa: S608 # constants
    return f"c.id IN ({' UNION '.join(found)})"


_NAMES = ("first", "last")
