"""A message goes out as a test, and what became of it is told when the provider has answered."""

import asyncio

from api.template_test import TestSent, TestWanted, send_template_test
from console.text import tr
from console.visit import Visit
from core.errors import ConflictError
from store.tables.message import MessageState
from store.tables.user import Role
from store.template_tests import find_test

_LOOKS = 40
_BETWEEN = 0.25
"""Seconds; a provider that takes longer than both together is not waited for."""


async def send_test(visit: Visit, role: Role, wanted: TestWanted) -> str:
    """Send it, and say what became of it. Raises what `send_template_test` does, and ForbiddenError."""
    user = await visit.acting(role)
    services = visit.services
    sent = await send_template_test(
        services.database, services.client, services.settings, wanted, actor=f"user:{user.email}"
    )
    return await _outcome(visit, sent)


async def _outcome(visit: Visit, sent: TestSent) -> str:
    """A sentence. Raises ConflictError when the provider refused it."""
    for _ in range(_LOOKS):
        async with visit.read() as session:
            found = await find_test(session, sent.id)
        if found["state"] == MessageState.SENT:
            return tr("Sent to {address} by {channel}.", address=sent.to, channel=sent.channel)
        if found["state"] not in {MessageState.PENDING, MessageState.SENDING}:
            why = (found["reason"] or {}).get("detail") or (found["reason"] or {}).get("code") or found["state"]
            raise ConflictError(tr("It was not sent to {address}: {why}", address=sent.to, why=why))
        await asyncio.sleep(_BETWEEN)
    return tr("On its way to {address}; the provider has not answered yet.", address=sent.to)
