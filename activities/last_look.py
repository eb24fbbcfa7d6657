"""The last look: everything that forbids a message, read in the transaction that claims it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from activities.library import Library
from activities.stopping import find_stop
from automation.action_steps import SendStep
from automation.matching import stops_on_unsubscribe
from automation.template import fill
from automation.waits import latest
from channels.base import AddressKind, Channel
from core.contracts import Stop, StopKind
from store import messages
from store.automations import lock_state
from store.facts import event_facts, load_contacts
from store.run_context import RunContext
from store.tables.automation import AutomationState


@dataclass(frozen=True)
class Look:
    """An address that may be written to, or why not. `stop` ends the run as well."""

    address: str = ""
    reason: dict[str, Any] | None = None
    stop: Stop | None = None
    held: bool = False
    """The automation is paused: not now, but perhaps later."""


async def last_look(
    session: AsyncSession,
    library: Library,
    context: RunContext,
    *,
    step: SendStep,
    channel: Channel,
    due_at: datetime | None,
    now: datetime,
) -> Look:
    """Ask all of it, the reasons that end the run first. Call with the run and its order locked."""
    if stop := await find_stop(session, library, context, now):
        return Look(reason={"code": "run_stopped", "detail": stop.reason}, stop=stop)
    state = await lock_state(session, context.row["automation_id"])
    if not context.row["test"] and (over := _over(context, state)):
        return over
    if state != AutomationState.LIVE and not context.row["test"]:
        return Look(reason={"code": str(state)}, held=state == AutomationState.PAUSED)
    if step.not_after is not None and due_at is not None and now > latest(step.not_after, due_at, "UTC"):
        return Look(reason={"code": "too_late", "due_at": due_at.isoformat()})
    look = await _reachable(session, context, step, channel)
    flow = await library.flow(session, context.version_id)
    if look.reason and look.reason["code"] == "suppressed" and stops_on_unsubscribe(flow.definition, step.channel):
        return Look(reason=look.reason, stop=Stop(kind=StopKind.RULE, reason=f"unsubscribed from {step.channel}"))
    return look


def _over(context: RunContext, state: str) -> Look | None:
    """Whether the automation, or the run's version of it, is no more."""
    if context.row["drained_at"] is not None:
        drained = Stop(kind=StopKind.DRAINED, reason="a newer version ended these runs before their next message")
        return Look(reason={"code": "run_stopped", "detail": drained.reason}, stop=drained)
    if state == AutomationState.ARCHIVED:
        archived = Stop(kind=StopKind.ARCHIVED, reason="the automation was archived")
        return Look(reason={"code": state}, stop=archived)
    return None


async def _reachable(session: AsyncSession, context: RunContext, step: SendStep, channel: Channel) -> Look:
    address = await _address(session, context, step, channel)
    if not address:
        return Look(reason={"code": "no_address", "channel": step.channel})
    suppressed = await messages.suppression_reason(session, step.channel, address)
    return Look(reason={"code": "suppressed", "detail": suppressed}) if suppressed else Look(address=address)


async def _address(session: AsyncSession, context: RunContext, step: SendStep, channel: Channel) -> str | None:
    if context.row["test_to"]:
        return str(context.row["test_to"])
    if step.to is not None:
        return fill(step.to, event_facts(context.row))
    contact_id = context.row["contact_id"]
    if contact_id is None:
        return None
    contact = (await load_contacts(session, [contact_id])).get(contact_id, {})
    address: str | None = contact.get(
        {AddressKind.EMAIL: "email", AddressKind.PHONE: "phone"}.get(channel.address_kind, "")
    )
    return address
