"""Stops of many runs at once that no event caused: their order or contact is gone, or the contact unsubscribed."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.channels import has_identities, identity_kinds
from core.contracts import Stop
from core.document import dump_json

_OPEN = "state IN ('pending', 'running', 'waiting')"
# One that has not begun needs no workflow to end it; the others are to be signalled.
# Each statement locks its runs in the order of their ids first, so that nobody waits in a circle.
_SET = """
    UPDATE run SET stop = COALESCE(run.stop, CAST(:stop AS jsonb)),
        state = CASE run.state WHEN 'pending' THEN 'stopped' ELSE run.state END,
        ended_at = CASE run.state WHEN 'pending' THEN now() ELSE run.ended_at END
"""
_SET_BY_RULE = _SET.replace(":stop AS jsonb)", ":stop AS jsonb) || jsonb_build_object('rule', chosen.rule)")
_CHOSEN = f"FROM chosen WHERE run.id = chosen.id AND {_OPEN}"
_RETURNING = "RETURNING run.id, run.state, run.stop"
_OF = f"""
    WITH chosen AS MATERIALIZED (SELECT id FROM run WHERE %s = ANY(:ids) AND {_OPEN} ORDER BY id FOR UPDATE)
    {_SET} {_CHOSEN} {_RETURNING}
"""  # noqa: S608 # constants
_OF_ORDERS, _OF_CONTACT, _BY_ID = (text(_OF % column) for column in ("order_id", "contact_id", "id"))
_UNSUBSCRIBED = text(f"""
    WITH chosen AS MATERIALIZED (
        SELECT run.id, (
            SELECT 'stop[' || place - 1 || ']'
            FROM jsonb_array_elements(v.definition -> 'stop') WITH ORDINALITY AS at(rule, place)
            WHERE at.rule @> (CAST(:rule AS jsonb) -> 0) ORDER BY place LIMIT 1) AS rule
        FROM run JOIN automation_version v ON v.id = run.version_id
        WHERE {_OPEN} AND run.stop IS NULL AND v.definition -> 'stop' @> CAST(:rule AS jsonb)
          AND run.contact_id = ANY(:ids)
        ORDER BY run.id FOR UPDATE OF run)
    {_SET_BY_RULE} {_CHOSEN} AND run.stop IS NULL {_RETURNING}
""")  # noqa: S608 # constants
# Whose address of such a kind it is: as facts have it, the oldest of the contact's own.
_OWNERS_BY_IDENTITY = """
    SELECT DISTINCT i.contact_id FROM contact_identity i
    WHERE i.kind = ANY(:kinds) AND i.value = ANY(:addresses) AND NOT EXISTS (
        SELECT FROM contact_identity other WHERE other.contact_id = i.contact_id AND other.kind = i.kind
        AND (other.merged_from IS NOT NULL, other.created_at, other.id)
          < (i.merged_from IS NOT NULL, i.created_at, i.id))
"""
_OWNERS = text(_OWNERS_BY_IDENTITY)
# No index knows custom fields: contacts are gone through, which only those of such channels cost.
_OWNERS_OF_ANY = text(f"""
    {_OWNERS_BY_IDENTITY} UNION
    SELECT id FROM contact
    WHERE fields ->> CAST(:channel AS text) = ANY(:addresses) AND deleted_at IS NULL AND merged_into IS NULL
""")  # noqa: S608 # constants

Signals = list[tuple[UUID, Stop]]
"""Runs whose workflows are to be woken after the commit, see core.process.signal_stops."""


async def stop_runs(session: AsyncSession, run_ids: Collection[UUID], why: Stop) -> Signals:
    """End these runs, those of them that are open."""
    return await _stopped(session, _BY_ID, why, ids=list(run_ids))


async def stop_runs_of_orders(session: AsyncSession, order_ids: Collection[UUID], why: Stop) -> Signals:
    """End every open run of these orders. Gives those that were stopped before and have not ended yet, too."""
    return await _stopped(session, _OF_ORDERS, why, ids=list(order_ids))


async def stop_runs_of_contacts(session: AsyncSession, contact_ids: Collection[UUID], why: Stop) -> Signals:
    """End every open run of these contacts."""
    return await _stopped(session, _OF_CONTACT, why, ids=list(contact_ids))


async def stop_runs_of_unsubscribed(session: AsyncSession, channel: str, addresses: Collection[str]) -> Signals:
    """End the open runs whose automation says `unsubscribed: <channel>` of the contacts who are reached there."""
    owners = await owners_of(session, channel, addresses)
    if not owners:
        return []
    why = Stop.by_leaving(channel)
    rule = dump_json([{"unsubscribed": channel}]).decode()
    return await _stopped(session, _UNSUBSCRIBED, why, ids=owners, rule=rule)


async def owners_of(session: AsyncSession, channel: str, addresses: Collection[str]) -> list[UUID]:
    """The contacts who are reached at these addresses."""
    if not addresses:
        return []
    given = {"kinds": list(identity_kinds(channel)), "channel": channel, "addresses": list(addresses)}
    return list(await session.scalars(_OWNERS if has_identities(channel) else _OWNERS_OF_ANY, given))


async def _stopped(session: AsyncSession, statement: Any, why: Stop, **params: object) -> Signals:  # Any: a text clause
    found = await session.execute(statement, {"stop": why.model_dump_json(), **params})
    return [(row.id, Stop.model_validate(row.stop)) for row in found if row.state != "stopped"]
