"""send_message: claim, last look, render, call the provider, record. May run any number of times."""

import logging
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.circuit import Circuit
from activities.last_look import LastLook, Look
from activities.library import Library
from activities.message_links import followed_content, link_facts, list_headers, to_be_followed
from activities.provider_call import again, call_provider, settle, until_written
from automation.action_steps import SendStep
from automation.interpreter import Flow, Send
from automation.reasons import MessageCode, Reason, reason
from automation.template import TemplateError
from channels.base import Channel, Later, Outcome
from core.contracts import HELD, At, Sent
from core.errors import NotFoundError
from core.settings import Settings
from store import messages, providers, runs
from store.claiming import lock_run
from store.links import LinkKeeper
from store.run_context import RunContext, facts_of
from store.session import Database
from store.tables.message import MessageState
from store.tables.run import RunState

logger = logging.getLogger(__name__)

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
    """When it was first tried, not counting the times before a pause or before an operator sent it again."""
    claimed_at: datetime
    """Since when the provider may have this content under our key."""
    attempts: int
    last: bool
    """Whether the run ends behind it."""


@dataclass(frozen=True)
class SendActivities:
    """One channel's messages. A worker of the channel's queue has one of these."""

    database: Database
    library: Library
    settings: Settings
    channels: dict[str, Channel]
    links: LinkKeeper

    _circuits: dict[str, Circuit] = field(default_factory=lambda: defaultdict(Circuit))

    @activity.defn
    async def send_message(self, at: At) -> Sent:
        """The state of the ledger row when nothing more is to be done; raises when Temporal is to try again."""
        now = activity.info().started_time  # the server's clock, so that skipped time counts
        self._heed_pause(at)
        claimed = await self._claimed(at, now)
        if isinstance(claimed, Sent):
            return claimed
        channel = self.channels[claimed.channel]
        outcome = await call_provider(channel, self.settings, claimed.row_id, claimed.address, claimed.content)
        return await self._record(at, claimed, outcome, now)

    def _heed_pause(self, at: At) -> None:
        """While the provider is paused nothing is claimed; the messages come back spread over some seconds."""
        message_id = messages.message_id(at.run_id, at.step_id)
        wait = max(self._circuits[name].wait(message_id) for name in self.channels)
        if wait > 0:
            spread = message_id.int % 5000 / 1000
            raise again("ProviderPaused", "the provider is paused", wait + spread)

    async def _claimed(self, at: At, now: datetime) -> _Claimed | Sent:
        """A message that is skipped or held tells nothing of the provider: whoever is next may try whether it is up."""
        claimed = None
        try:
            await self.links.links()  # so that a claim does not ask for them while it holds a connection
            claimed = await self._claim(at, now)
        finally:
            if not isinstance(claimed, _Claimed):
                for name in self.channels:
                    self._circuits[name].give_back(messages.message_id(at.run_id, at.step_id))
        return claimed

    async def _claim(self, at: At, now: datetime) -> _Claimed | Sent:
        """One transaction: from its commit on the message is `sending`, or it has its final state."""
        async with self.database.transaction() as session:
            context = await lock_run(session, at.run_id, at.order_version, at.version_id)
            flow = await self.library.flow(session, context.version_id)
            found = await self._claim_of(session, context, flow, at, now)
            if isinstance(found, _Claimed) or not _is_last(flow, at):
                return found
            return await _closed(session, at, found, now, closed=context.row["state"] == RunState.DONE)

    async def _claim_of(
        self, session: AsyncSession, context: RunContext, flow: Flow, at: At, now: datetime
    ) -> _Claimed | Sent:
        step = _send_step(flow, at.step_id)
        channel = self.channels[step.channel]
        row = await messages.lock_message(
            session,
            at.run_id,
            at.step_id,
            channel=step.channel,
            template=step.template,
            now=now,
            due_at=at.due_at,
        )
        if row.state not in {MessageState.PENDING, MessageState.SENDING}:
            return _sent(row.state, row.reason)
        last_look = LastLook(session, self.library, self.settings, context, step, channel, at, row.id, now)
        if row.state == MessageState.SENDING:
            return await self._resume(session, row, last_look, last=_is_last(flow, at))
        look = await last_look.look()
        if look.held:
            tried = {} if look.until is None else _first_try(row)  # a pause is no fault of the provider
            await runs.set_step(session, at.run_id, at.step_id, look.until)
            await messages.record(session, row.id, MessageState.PENDING, now=now, reason=(look.reason or {}) | tried)
            return Sent(state=HELD, reason=(look.reason or {}).get("code"), until=look.until)
        if look.stop or look.reason:
            why = _with_cause(look.reason, row.reason)
            await messages.record(session, row.id, MessageState.SKIPPED, now=now, reason=why)
            return Sent(state=MessageState.SKIPPED, reason=(look.reason or {}).get("code"), stop=look.stop)
        try:
            same = row.content if at.resend else None
            content = same or await self._render(session, context, step, look, row_id=row.id, now=now)
        except (TemplateError, NotFoundError) as error:
            why = reason(MessageCode.TEMPLATE, detail=str(error))
            await messages.record(session, row.id, MessageState.FAILED, now=now, reason=why)
            return _sent(MessageState.FAILED, why)
        outgoing = followed_content(await self.links.links(), row.id, content)
        await messages.claim(
            session,
            row,
            address=look.address,
            provider=channel.name,
            content=content,
            now=now,
            obligatory=step.obligatory,
        )
        return _Claimed(
            row.id,
            row.channel,
            look.address,
            outgoing,
            since=_tried_since(row, now),
            claimed_at=now,
            attempts=row.attempts + 1,
            last=_is_last(flow, at),
        )

    async def _resume(
        self, session: AsyncSession, row: messages.Entry, last_look: LastLook, *, last: bool
    ) -> _Claimed | Sent:
        """An attempt died while it was `sending`. With a key the same content goes again, else nobody can know.

        What forbids the message by now forbids to repeat it, too.
        """
        claimed_at, now = row.claimed_at or row.created_at, last_look.now
        fresh = now - claimed_at < _KEYS_LIVE
        why: dict[str, Any] = {"code": "attempt_died", "detail": "the worker died while the provider was being called"}
        stop = None
        if last_look.channel.takes_key and fresh and row.content is not None and row.address is not None:
            look = await last_look.look_again(row.address)
            if look.reason is None:
                content = followed_content(await self.links.links(), row.id, row.content)
                since = _tried_since(row, claimed_at)
                return _Claimed(row.id, row.channel, row.address, content, since, claimed_at, row.attempts, last=last)
            why, stop = look.reason, look.stop
        await messages.record(session, row.id, MessageState.UNKNOWN, now=now, reason=why)
        return Sent(state=MessageState.UNKNOWN, reason=why["code"], stop=stop)

    async def _render(
        self, session: AsyncSession, context: RunContext, step: SendStep, look: Look, *, row_id: UUID, now: datetime
    ) -> dict[str, Any]:
        template, links = await self.library.template(session, step.template), await self.links.links()
        facts = facts_of(context, order=context.row["seen"], contact=look.contact, now=now)
        rendered = template.render(
            facts | link_facts(links, row_id, step), self.settings.account_language, self.settings.account_zone
        )
        kind = self.channels[step.channel].address_kind
        headers = list_headers(links, row_id, step, kind)
        followed = to_be_followed(step.track or self.settings.track, kind, rendered.html, now)
        return rendered.content(test=context.row["test"]) | ({"headers": headers} if headers else {}) | followed

    async def _record(self, at: At, claimed: _Claimed, outcome: Outcome, now: datetime) -> Sent:
        """Write what the provider said. `Later` puts the message back and raises, so that Temporal tries again."""
        same = isinstance(outcome, Later) and outcome.same
        given_up = now - claimed.claimed_at > _KEYS_LIVE if same else now - claimed.since > _GIVE_UP_AFTER
        settled = settle(outcome, given_up=given_up)
        state, why, later = settled.state, settled.reason, settled.later
        if why is not None and isinstance(outcome, Later):
            why |= {"attempts": claimed.attempts, "since": claimed.since.isoformat()}
        recorded_at = datetime.now(UTC)

        async def write(session: AsyncSession) -> Sent:
            sent = _sent(state, why)
            if claimed.last and later is None:
                sent = await _closed(session, at, sent, now)  # the run before the message, as a claim locks them
            await messages.record(
                session, claimed.row_id, state, now=recorded_at, reason=why, provider_id=settled.provider_id
            )
            await self._note(session, claimed, outcome, recorded_at)
            return sent

        sent = await until_written(self.database, write)
        if later is not None:
            raise again("ProviderLater", f"{later.code}: {later.reason}", later.retry_after)
        return sent

    async def _note(self, session: AsyncSession, claimed: _Claimed, outcome: Outcome, now: datetime) -> None:
        """What the call says of its provider: kept and logged when that is news."""
        name = self.channels[claimed.channel].name
        pause = self._circuits[claimed.channel].note(claimed.row_id, outcome)
        if pause is None:
            return
        code = outcome.code if isinstance(outcome, Later) else None
        until = now + timedelta(seconds=pause) if pause else None
        if await providers.set_provider_state(session, name, now=now, reason=code, until=until):
            logger.warning("provider %s is %s", name, f"paused: {code}" if until else "up again")


def _send_step(flow: Flow, step_id: str) -> SendStep:
    effect = flow.effect(step_id)
    if not isinstance(effect, Send):
        raise ApplicationError(f"step {step_id} is no send", non_retryable=True)
    return effect.step


def _is_last(flow: Flow, at: At) -> bool:
    """Whether the run ends behind this message. One that is sent again belongs to a run that has ended."""
    return not at.resend and flow.after(at.step_id) is None


async def _closed(session: AsyncSession, at: At, sent: Sent, now: datetime, *, closed: bool = False) -> Sent:
    """The run is done with its last message: closed here, which saves its workflow a step of its own."""
    if sent.state == HELD or sent.stop is not None:
        return sent
    closed = closed or await runs.finish_unstopped(session, at.run_id, now)
    return sent.model_copy(update={"finished": closed})


def _with_cause(why: Reason | None, before: Reason | None) -> Reason | None:
    """A message that is too late is told with what held it back before: a pause, its window, its provider."""
    held_by = (before or {}).get("code")
    if why is None or why["code"] != MessageCode.TOO_LATE or held_by is None:
        return why
    return why | {"held_by": held_by}


def _first_try(row: messages.Entry) -> dict[str, Any]:
    """What a reason keeps of when the message was first tried."""
    return {name: value for name, value in (row.reason or {}).items() if name == "since"}


def _tried_since(row: messages.Entry, now: datetime) -> datetime:
    """When the message was first tried; now, if it was not."""
    told = _first_try(row).get("since")
    return datetime.fromisoformat(told) if told else now


def _sent(state: str, why: dict[str, Any] | None) -> Sent:
    return Sent(state=state, reason=why["code"] if why else None)
