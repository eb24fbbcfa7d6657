"""A contact is deleted, or everything that is known of the person is erased. One transaction, set-based."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.contracts import Stop, StopKind
from store.contacts import missing
from store.identity_locks import lock_identities
from store.refresh import hold_recalculation
from store.run_stops import Signals, stop_runs_of_contacts

_DELETED = Stop(kind=StopKind.CONTACT_DELETED, reason="the contact was deleted")
_ERASED = Stop(kind=StopKind.CONTACT_ERASED, reason="the contact was erased")

_WHO = text("""
    WITH RECURSIVE who AS (
        SELECT id FROM contact WHERE id = :id AND deleted_at IS NULL AND merged_into IS NULL
        UNION SELECT c.id FROM contact c JOIN who ON c.merged_into = who.id
    )
    SELECT id FROM who
""")
_VALUES = text("SELECT DISTINCT value FROM contact_identity WHERE contact_id = ANY(:ids)")
_LOCK = text("SELECT id FROM contact WHERE id = ANY(:ids) ORDER BY id FOR UPDATE")
# Before the runs, as everybody who locks both.
_LOCK_ORDERS = text('SELECT id FROM "order" WHERE contact_id = ANY(:ids) ORDER BY external_order_id FOR NO KEY UPDATE')
_FORGET = (
    text("DELETE FROM segment_member WHERE contact_id = ANY(:ids)"),
    text("DELETE FROM contact_rfm WHERE contact_id = ANY(:ids)"),
    text("DELETE FROM rfm_move WHERE contact_id = ANY(:ids)"),
    text("UPDATE run SET test_to = NULL WHERE contact_id = ANY(:ids) AND test_to IS NOT NULL"),
    text("DELETE FROM contact_identity WHERE contact_id = ANY(:ids)"),
    text("""
        UPDATE contact SET first_name = NULL, last_name = NULL, language = NULL, time_zone = NULL, fields = NULL,
            deleted_at = now(), updated_at = now() WHERE id = ANY(:ids)
    """),
    text("UPDATE contact_merge SET filled = '{}' WHERE survivor_id = ANY(:ids) OR merged_id = ANY(:ids)"),
)
_UNBIND = (
    text('UPDATE "order" SET contact_id = NULL, identity_conflict = false WHERE contact_id = ANY(:ids)'),
    text("UPDATE order_event SET contact_id = NULL WHERE contact_id = ANY(:ids)"),
)
_PERSONAL = (
    "externalCustomerId", "email", "phone", "firstName", "lastName", "deliveryAddress", "restoreUrl",
    "statusDescription", "additionalInfo", "extra",
)  # fmt: skip
# What the shop sold stays, without whom it was sold to.
_ERASE = (
    text("""
        UPDATE step_result s SET result = '{"erased": true}' FROM run r
        WHERE r.id = s.run_id AND r.contact_id = ANY(:ids)
    """),
    text("""
        UPDATE message m SET content = NULL, address = NULL, updated_at = now(),
            reason = CASE WHEN m.reason IS NULL THEN NULL ELSE jsonb_build_object('code', m.reason -> 'code') END
        FROM run r WHERE r.id = m.run_id AND r.contact_id = ANY(:ids)
    """),
    text("""
        UPDATE message_feedback f SET url = NULL FROM message m JOIN run r ON r.id = m.run_id
        WHERE m.id = f.message_id AND r.contact_id = ANY(:ids) AND f.url IS NOT NULL
    """),
    text("""
        UPDATE decision d SET reason = d.reason - 'because' - 'key'
        FROM order_event e WHERE e.id = d.event_id AND (e.contact_id = ANY(:ids) OR e.order_id IN (
            SELECT id FROM "order" WHERE contact_id = ANY(:ids)))
    """),
    text("""
        UPDATE unmatched u SET decisions = (
            SELECT json_object_agg(key, value::jsonb - 'because') FROM json_each(u.decisions))
        FROM order_event e WHERE e.id = u.event_id AND (e.contact_id = ANY(:ids) OR e.order_id IN (
            SELECT id FROM "order" WHERE contact_id = ANY(:ids)))
    """),
    text("""
        UPDATE order_event e SET snapshot = e.snapshot - CAST(:personal AS text[]),
            params = CASE WHEN e.params IS NULL THEN NULL ELSE '{}'::jsonb END,
            event_key = CASE WHEN e.params IS NULL THEN e.event_key ELSE 'erased' END
        WHERE e.contact_id = ANY(:ids) OR e.order_id IN (SELECT id FROM "order" WHERE contact_id = ANY(:ids))
    """),
    text("""
        UPDATE "order" SET external_customer_id = NULL, email = NULL, phone = NULL, first_name = NULL, last_name = NULL,
            delivery_address = NULL, restore_url = NULL, status_description = NULL, additional_info = NULL,
            extra = NULL, match_external_id = NULL, match_email = NULL, match_phone = NULL, content_hash = 'erased',
            identity_conflict = false, updated_at = now()
        WHERE contact_id = ANY(:ids)
    """),
)


async def delete_contact(session: AsyncSession, contact_id: UUID) -> Signals:
    """Forget a contact and those merged into it; orders and events stay, as nobody's. Raises NotFoundError.

    Returns the runs to signal after the commit. The person's next order makes a new contact.
    """
    ids = await _lock(session, contact_id)
    signals = await stop_runs_of_contacts(session, ids, _DELETED)
    for statement in (*_UNBIND, *_FORGET):
        await session.execute(statement, {"ids": ids})
    return signals


async def erase_contact(session: AsyncSession, contact_id: UUID) -> Signals:
    """As delete_contact, and orders, events, decisions and messages lose what is personal. Raises NotFoundError.

    Ledger rows stay as the proof that something was sent, without content and address. Suppressions stay as well:
    without the address nobody could keep the promise not to write to it.
    """
    ids = await _lock(session, contact_id)
    signals = await stop_runs_of_contacts(session, ids, _ERASED)
    for statement in _ERASE:
        needs = {"personal": list(_PERSONAL)} if ":personal" in str(statement) else {}
        await session.execute(statement, {"ids": ids, **needs})
    for statement in _FORGET:
        await session.execute(statement, {"ids": ids})
    return signals


async def _lock(session: AsyncSession, contact_id: UUID) -> list[UUID]:
    """The contact and all that was merged into it, while no order is matched to them and no segment asks for them."""
    await hold_recalculation(session)
    ids = list(await session.scalars(_WHO, {"id": contact_id}))
    if not ids:
        raise missing(contact_id)
    await lock_identities(session, await session.scalars(_VALUES, {"ids": ids}))
    if not list(await session.scalars(_LOCK, {"ids": ids})):
        raise missing(contact_id)
    await session.execute(_LOCK_ORDERS, {"ids": ids})
    return ids
