"""send_message: claim, last look, render, call the provider, record. May run any number of times."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.heartbeats import heartbeats
from activities.last_look import Look, last_look
from activities.library import Library
from activities.send_window import opening
from automation.action_steps import SendStep
from automation.interpreter import Flow, Send
from automation.template import Rendered, TemplateError
from channels.base import Accepted, AddressKind, Channel, Later, Outcome, Outgoing, Refused, Unknown
from core.contracts import HELD, At, Sent
from core.errors import NotFoundError
from core.settings import Settings
from store import messages, runs
from store.run_context import load_run, lock_run_and_order, run_facts
from store.session import Database
from store.tables import Message
from store.tables.message import MessageState

_GIVE_UP_AFTER = timedelta(days=3)
"""A message that no provider took for so long is `failed`; its own `not_after` may end it sooner."""

_KEYS_LIVE = timedelta(hours=20)
"""Providers forget an idempotency key after a day; from then on a repetition may be a second message."""


@dataclass(frozen=True)
class _Claimed:
    """A message that is ours to hand to the provider."""

    row_id: UUID
    channel: str
    address: str
    content: dict[str, Any]
    since: datetime
    attempts: int


@dataclass(frozen=True)
class SendActivities:
    """One channel's messages. A worker of the channel's queue has one of these."""

    database: Database
    library: Library
    settings: Settings
    channels: dict[str, Channel]

    @activity.defn
    async def send_message(self, at: At) -> Sent:
        """The state of the ledger row when nothing more is to be done; raises when Temporal is to try again."""
        now = activity.info().started_time  # the server's clock, so that skipped time counts
        claimed = await self._claim(at, now)
        if isinstance(claimed, Sent):
            return claimed
        async with heartbeats():
            outcome = await self.channels[claimed.channel].send(
                Outgoing(
                    id=claimed.row_id,
                    address=claimed.address,
                    sender=self._sender(claimed.channel),
                    subject=claimed.content["subject"],
                    text=claimed.content["text"],
                    html=claimed.content.get("html"),
                )
            )
        return await self._record(claimed, outcome, now)

    def _sender(self, channel: str) -> str:
        by_phone = self.channels[channel].address_kind == AddressKind.PHONE
        return self.settings.sms_from if by_phone else self.settings.mail_from

    async def _claim(self, at: At, now: datetime) -> _Claimed | Sent:
        """One transaction: from its commit on the message is `sending`, or it has its final state."""
        async with self.database.transaction() as session:
            await lock_run_and_order(session, at.run_id)
            context = await load_run(session, at.run_id, at.version_id)
            step = _send_step(await self.library.flow(session, context.version_id), at.step_id)
            channel = self.channels[step.channel]
            row = await messages.lock_message(
                session, at.run_id, at.step_id, channel=step.channel, template=step.template, now=now
            )
            if row.state not in {MessageState.PENDING, MessageState.SENDING}:
                return _sent(row.state, row.reason)
            if row.state == MessageState.SENDING:
                return await _resume(session, row, channel, now)
            await runs.set_step(session, at.run_id, at.step_id)
            look = await last_look(
                session, self.library, context, step=step, channel=channel, due_at=at.due_at, now=now
            )
            if look.held or look.stop or look.reason:
                return await _forbidden(session, row, look, now)
            facts = await run_facts(session, context, order_version=at.order_version, now=now)
            opens = None if context.row["test"] else opening(step, self.settings, facts["contact"].get("timeZone"), now)
            if opens is not None:
                why = {"code": "outside_window", "until": opens.isoformat()}
                await messages.record(session, row.id, MessageState.PENDING, now=now, reason=why)
                await runs.set_step(session, at.run_id, at.step_id, opens)
                return Sent(state=HELD, reason="outside_window", until=opens)
            try:
                template = await self.library.template(session, step.template)
                rendered = template.render(facts)
            except (TemplateError, NotFoundError) as error:
                why = {"code": "template", "detail": str(error)}
                await messages.record(session, row.id, MessageState.FAILED, now=now, reason=why)
                return _sent(MessageState.FAILED, why)
            content = _content(rendered, test=context.row["test"])
            await messages.claim(session, row.id, address=look.address, provider=channel.name, content=content, now=now)
            return _Claimed(row.id, row.channel, look.address, content, row.created_at, row.attempts + 1)

    async def _record(self, claimed: _Claimed, outcome: Outcome, now: datetime) -> Sent:
        """Write what the provider said. `Later` puts the message back and raises, so that Temporal tries again."""
        provider_id, later = None, None
        why: dict[str, Any] | None = None
        match outcome:
            case Accepted():
                state, provider_id = MessageState.SENT, outcome.provider_id
            case Refused():
                state, why = MessageState.FAILED, {"code": outcome.code, "detail": outcome.reason}
            case Unknown():
                state, why = MessageState.UNKNOWN, {"code": outcome.code, "detail": outcome.reason}
            case Later():
                why = {"code": outcome.code, "detail": outcome.reason, "attempts": claimed.attempts}
                given_up = now - claimed.since > (_KEYS_LIVE if outcome.same else _GIVE_UP_AFTER)
                state = _put_off(same=outcome.same, given_up=given_up)
                later = None if given_up else outcome
        async with self.database.transaction() as session:
            await messages.record(
                session, claimed.row_id, state, now=datetime.now(UTC), reason=why, provider_id=provider_id
            )
        if later is not None:
            raise ApplicationError(
                f"{later.code}: {later.reason}",
                type="ProviderLater",
                next_retry_delay=timedelta(seconds=later.retry_after) if later.retry_after else None,
                category=ApplicationErrorCategory.BENIGN,  # told in the ledger; no stack trace in the log each time
            )
        return _sent(state, why)


async def _forbidden(session: AsyncSession, row: Message, look: Look, now: datetime) -> Sent:
    state = MessageState.PENDING if look.held else MessageState.SKIPPED
    await messages.record(session, row.id, state, now=now, reason=look.reason)
    if look.held:
        return Sent(state=HELD, reason="paused")
    return Sent(state=state, reason=(look.reason or {}).get("code"), stop=look.stop)


def _put_off(*, same: bool, given_up: bool) -> MessageState:
    """`sending` keeps the content for `_resume`; `pending` looks and renders anew."""
    if same:
        return MessageState.UNKNOWN if given_up else MessageState.SENDING
    return MessageState.FAILED if given_up else MessageState.PENDING


def _send_step(flow: Flow, step_id: str) -> SendStep:
    effect = flow.effect(step_id)
    if not isinstance(effect, Send):
        raise ApplicationError(f"step {step_id} is no send", non_retryable=True)
    return effect.step


async def _resume(session: AsyncSession, row: Message, channel: Channel, now: datetime) -> _Claimed | Sent:
    """An attempt died while it was `sending`. With a key the same content goes again, else nobody can know."""
    fresh = now - row.created_at < _KEYS_LIVE
    if channel.takes_key and fresh and row.content is not None and row.address is not None:
        return _Claimed(row.id, row.channel, row.address, row.content, row.created_at, row.attempts)
    why = {"code": "attempt_died", "detail": "the worker died while the provider was being called"}
    await messages.record(session, row.id, MessageState.UNKNOWN, now=now, reason=why)
    return _sent(MessageState.UNKNOWN, why)


def _sent(state: str, why: dict[str, Any] | None) -> Sent:
    return Sent(state=state, reason=why["code"] if why else None)


def _content(rendered: Rendered, *, test: bool) -> dict[str, Any]:
    subject = f"[TEST] {rendered.subject or ''}".rstrip() if test else rendered.subject
    text = f"[TEST] {rendered.text}" if test and not rendered.subject else rendered.text  # an SMS has no subject
    return {"subject": subject, "text": text, "html": rendered.html}
