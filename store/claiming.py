"""What a send reads of the world, in two statements: one that locks, and one that sees what was committed before."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.contracts import NO_ORDER
from store.facts import contact_facts
from store.run_context import RUN_COLUMNS, RunContext
from store.runs import missing

# The order is locked before the run, as a deletion does. FOR SHARE keeps writers of the order and those who pause the
# automation away until this transaction ends; who holds the run's row holds the only claim on its messages.
_LOCKED = """
    , seen.snapshot AS seen
    FROM run r JOIN automation a ON a.id = r.automation_id JOIN automation_version v ON v.id = r.version_id
    LEFT JOIN order_event e ON e.id = r.event_id
    LEFT JOIN LATERAL (SELECT version FROM "order" WHERE id = r.order_id FOR SHARE) o ON true
    LEFT JOIN LATERAL (
        SELECT s.snapshot FROM order_event s
        WHERE s.order_id = COALESCE(r.seen_order_id, r.order_id) AND s.order_version <= CAST(:order_version AS integer)
        ORDER BY s.seq DESC LIMIT 1) seen ON true
    WHERE r.id = :id FOR UPDATE OF r FOR SHARE OF a
"""
_LOCK = text(RUN_COLUMNS + _LOCKED)
_PERSON = text("""
    SELECT c.id, c.first_name, c.last_name, c.language, c.time_zone, c.fields, c.created_at, identity.held,
           COALESCE(CAST(:given AS text), identity.held ->> CAST(:kind AS text),
               CASE WHEN CAST(:kind AS text) = '' THEN c.fields ->> CAST(:channel AS text) END) AS address,
           s.reason AS suppressed, s.topic AS suppressed_topic,
           EXISTS (SELECT FROM disabled_store d WHERE d.store_id = CAST(:store_id AS text)) AS store_disabled
    FROM (SELECT CAST(:contact_id AS uuid) AS id) wanted LEFT JOIN contact c ON c.id = wanted.id
    LEFT JOIN LATERAL (
        SELECT json_object_agg(kind, value) AS held FROM (
            SELECT DISTINCT ON (kind) kind, value FROM contact_identity
            WHERE contact_id = wanted.id ORDER BY kind, merged_from IS NOT NULL, created_at, id) first) identity ON true
    LEFT JOIN LATERAL (
        SELECT reason, topic FROM suppression WHERE channel = CAST(:channel AS text)
            AND address = COALESCE(CAST(:given AS text), identity.held ->> CAST(:kind AS text),
                CASE WHEN CAST(:kind AS text) = '' THEN c.fields ->> CAST(:channel AS text) END)
            AND topic IN ('', CAST(:topic AS text))
        ORDER BY reason IN ('unsubscribed', 'unconfirmed'), topic, reason DESC LIMIT 1) s ON true
""")
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 5072010))")
_HAD = text("""
    SELECT m.claimed_at FROM run r JOIN message m ON m.run_id = r.id
    WHERE r.contact_id = :contact_id AND NOT r.test AND m.channel = :channel AND NOT m.obligatory
      AND m.claimed_at > :since AND m.id <> :but
      AND m.state IN ('sending', 'sent', 'delivered', 'opened', 'clicked', 'bounced', 'complained', 'unknown')
""")
_IS_STATUS = text("""
    SELECT EXISTS (SELECT FROM order_event WHERE id = :id AND event_type = 'order' || (snapshot ->> 'status'))
""")


@dataclass(frozen=True, slots=True)
class Person:
    """To whom a message would go."""

    contact: dict[str, Any]
    """Facts of the contact; empty without one."""
    address: str | None
    suppressed: str | None
    """Why the address gets nothing by the channel; a hard reason, if there is one."""
    suppressed_topic: str
    """The topic that it gets nothing of; empty when it is the whole channel."""
    store_disabled: bool


async def lock_run(
    session: AsyncSession, run_id: UUID, order_version: int | None, version_id: UUID | None
) -> RunContext:
    """The context of a run that is locked with its order and its automation, as `load_run`. Raises NotFoundError.

    Its `seen` is the order in the version that the run has seen, else the event's. What a later statement of this
    transaction reads contains everything of the order that was committed before.
    """
    row = (await session.execute(_LOCK, {"id": run_id, "order_version": order_version})).mappings().one_or_none()
    if row is None:
        raise missing(run_id)
    seen = None if order_version == NO_ORDER else row["seen"] or row["snapshot"]
    return RunContext({**row, "seen": seen} | ({"version_id": version_id} if version_id else {}))


async def load_person(
    session: AsyncSession,
    contact_id: UUID | None,
    *,
    channel: str,
    kind: str,
    given: str | None,
    store_id: str | None,
    topic: str | None = None,
) -> Person:
    """The contact, the address (`given`, else the contact's of this kind), and what forbids to write to it.

    With no kind the address is the contact's custom field that has the channel's name.
    """
    params = {"contact_id": contact_id, "channel": channel, "kind": kind, "given": given, "store_id": store_id}
    params |= {"topic": topic or ""}
    row = (await session.execute(_PERSON, params)).one()
    contact = contact_facts(row) if row.id is not None else {}
    return Person(contact, row.address or None, row.suppressed, row.suppressed_topic or "", row.store_disabled)


async def messages_since(
    session: AsyncSession, contact_id: UUID, channel: str, since: datetime, *, but: UUID
) -> list[datetime]:
    """When messages to this contact by this channel were claimed; nobody else counts until this transaction ends."""
    await session.execute(_ONE_AT_A_TIME, {"key": f"{contact_id}/{channel}"})
    found = await session.scalars(_HAD, {"contact_id": contact_id, "channel": channel, "since": since, "but": but})
    return list(found)


async def is_order_status(session: AsyncSession, event_id: UUID) -> bool:
    """Whether an event is a status of its order."""
    return bool(await session.scalar(_IS_STATUS, {"id": event_id}))
