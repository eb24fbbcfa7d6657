"""The last look: everything that forbids a message, read in the transaction that claims it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from activities.library import Library
from activities.send_window import opening
from activities.stopping import find_stop
from automation.action_steps import FrequencyCap, SendStep
from automation.matching import unsubscribe_rules
from automation.moments import clock_of
from automation.reasons import MessageCode, Reason, reason
from automation.template import fill
from automation.waits import latest
from channels.base import AddressKind, Channel
from core.addresses import stored_address
from core.contracts import At, Stop, StopKind
from core.settings import Settings
from store.claiming import Person, is_order_status, load_person, messages_since
from store.claims_first import claim_address
from store.facts import event_facts
from store.run_context import RunContext
from store.suppressions import SOFT, UNCONFIRMED, UNSUBSCRIBED
from store.tables.automation import AutomationState


@dataclass(frozen=True)
class Look:
    """An address that may be written to, or why not. `stop` ends the run as well."""

    address: str = ""
    contact: dict[str, Any] = field(default_factory=dict)
    reason: Reason | None = None
    stop: Stop | None = None
    held: bool = False
    """Not now, but later."""
    until: datetime | None = None
    """When a message is held until a moment."""


@dataclass(frozen=True)
class LastLook:
    """Asks all of it, the reasons that end the run first. The run, its order and its automation are locked."""

    session: AsyncSession
    library: Library
    settings: Settings
    context: RunContext
    step: SendStep
    channel: Channel
    at: At
    message_id: UUID
    now: datetime

    async def look(self) -> Look:
        """May this message go out now?"""
        stop = await find_stop(self.session, self.library, self.context, self.now, may_have_ended=self.at.resend)
        if stop is not None:
            return Look(reason=reason(await self._stop_code(stop), detail=stop.reason), stop=stop)
        held = None if self.at.resend else self._held()
        if held is not None:
            return held
        person = await self._person()
        if not self.at.resend and (late := self._late(person)) is not None:
            return late
        forbidden = await self._forbidden(person)
        if forbidden is not None:
            return forbidden
        held_back = None if self.at.resend or self._test else await self._crowded(person)
        return held_back or Look(address=person.address or "", contact=person.contact)

    async def look_again(self, address: str) -> Look:
        """What forbids by now to repeat a message that the provider may have: what is final, not what only waits."""
        stop = await find_stop(self.session, self.library, self.context, self.now, may_have_ended=self.at.resend)
        if stop is not None:
            return Look(reason=reason(await self._stop_code(stop), detail=stop.reason), stop=stop)
        person = await self._person(address)
        late = None if self.at.resend else self._late(person)
        return late or await self._forbidden(person) or Look(address=address)

    @property
    def _test(self) -> bool:
        return bool(self.context.row["test"])

    async def _stop_code(self, stop: Stop) -> MessageCode:
        if stop.kind == StopKind.RULE and stop.event_id and await is_order_status(self.session, stop.event_id):
            return MessageCode.ORDER_STATUS
        return MessageCode.RUN_STOPPED

    def _held(self) -> Look | None:
        row = self.context.row
        if row["drained_at"] is not None and not self._test:
            drained = Stop(kind=StopKind.DRAINED, reason="a newer version ended these runs before their next message")
            return Look(reason=reason(MessageCode.RUN_STOPPED, detail=drained.reason), stop=drained)
        state = row["automation_state"]
        if state == AutomationState.ARCHIVED and not self._test:
            archived = Stop(kind=StopKind.ARCHIVED, reason="the automation was archived")
            return Look(reason=reason(MessageCode.ARCHIVED), stop=archived)
        if state != AutomationState.LIVE and not self._test:
            return Look(reason={"code": str(state)}, held=state == AutomationState.PAUSED)
        return None

    def _late(self, person: Person) -> Look | None:
        due_at, not_after = self.at.due_at, self.step.not_after
        if not_after is None or due_at is None:
            return None
        zone = clock_of(person.contact.get("timeZone"), self.settings.account_zone)
        if self.now <= latest(not_after, due_at, zone):
            return None
        return Look(reason=reason(MessageCode.TOO_LATE, due_at=due_at.isoformat()))

    async def _person(self, address: str | None = None) -> Person:
        """The contact at this address, else at the one that the step gives, else at the contact's own."""
        row, kind = self.context.row, self.channel.address_kind
        given = address or row["test_to"]
        if given is None and self.step.to is not None:
            given = fill(self.step.to, event_facts(row))
        if given:  # as suppressions know it; what is no address is left to the provider's refusal
            given = stored_address(kind, given, self.settings.phone_region) or given.strip()
        store_id = (row["seen"] or {}).get("storeId")
        await claim_address(self.session, self.step.channel, given)
        return await load_person(
            self.session,
            row["contact_id"],
            channel=self.step.channel,
            kind={AddressKind.EMAIL: "email", AddressKind.PHONE: "phone"}.get(kind, ""),
            given=given,
            store_id=None if store_id is None else str(store_id),
            topic=self.step.topic,
        )

    async def _forbidden(self, person: Person) -> Look | None:
        if person.store_disabled:
            return Look(reason=reason(MessageCode.STORE_DISABLED))
        if not person.address:
            return Look(reason=reason(MessageCode.NO_ADDRESS, channel=self.step.channel))
        if person.suppressed is None or (self.step.obligatory and person.suppressed in SOFT):
            return None
        why = _why_suppressed(person)
        if person.suppressed == UNCONFIRMED or person.suppressed_topic:
            return Look(reason=why)
        flow = await self.library.flow(self.session, self.context.version_id)
        place = unsubscribe_rules(flow.definition).get(self.step.channel)
        return Look(reason=why, stop=Stop.by_leaving(self.step.channel, place) if place is not None else None)

    async def _crowded(self, person: Person) -> Look | None:
        """Outside of the allowed time, or one too many. Messages to one contact by one channel are counted in turn."""
        opens = opening(self.step, self.settings, person.contact.get("timeZone"), self.now)
        if opens is not None:
            return Look(reason=reason(MessageCode.OUTSIDE_WINDOW, until=opens.isoformat()), held=True, until=opens)
        if self.step.obligatory:
            return None
        contact_id, caps = self.context.row["contact_id"], list(_caps(self.step, self.settings))
        if not caps or contact_id is None:
            return None
        longest = self.now - timedelta(days=max(cap.days for cap in caps))
        had = await messages_since(self.session, contact_id, self.step.channel, longest, but=self.message_id)
        for cap in caps:
            if sum(moment > self.now - timedelta(days=cap.days) for moment in had) >= cap.at_most:
                return Look(reason=reason(MessageCode.FREQUENCY_CAP, at_most=cap.at_most, days=cap.days))
        return None


def _why_suppressed(person: Person) -> Reason:
    if person.suppressed == UNCONFIRMED:
        return reason(MessageCode.UNCONFIRMED)
    if person.suppressed == UNSUBSCRIBED:
        return reason(MessageCode.UNSUBSCRIBED, topic=person.suppressed_topic or None)
    return reason(MessageCode.SUPPRESSED, detail=person.suppressed)


def _caps(step: SendStep, settings: Settings) -> Iterator[FrequencyCap]:
    if step.cap is not None:
        yield step.cap
    if settings.frequency_cap_messages is not None:
        yield FrequencyCap(at_most=settings.frequency_cap_messages, days=settings.frequency_cap_days)
