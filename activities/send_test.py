"""send_test: a template's test goes out once, or it is told why not. May run any number of times."""

from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity

from activities.provider_call import again, call_provider
from channels.base import Accepted, Channel, Later, Refused, Unknown
from core.settings import Settings
from core.test_sending import TestSend
from store.session import Database
from store.tables.message import MessageState
from store.template_tests import claim_test, record_test

_GIVE_UP_AFTER = timedelta(minutes=10)
"""Somebody waits for it; a mail that comes tomorrow would only confuse."""


@dataclass(frozen=True)
class SendTestActivities:
    """One channel's tests."""

    database: Database
    settings: Settings
    channels: dict[str, Channel]

    @activity.defn
    async def send_test(self, wanted: TestSend) -> str:
        """The state that it came to; raises when Temporal is to try again."""
        channel, now = self.channels[wanted.channel], activity.info().started_time
        async with self.database.transaction() as session:
            claimed = await claim_test(session, wanted.test_id, takes_key=channel.takes_key)
        if claimed.content is None:
            return claimed.state
        outcome = await call_provider(channel, self.settings, wanted.test_id, claimed.address, claimed.content)
        why, provider_id = None, None
        match outcome:
            case Accepted():
                state, provider_id = MessageState.SENT, outcome.provider_id
            case Refused():
                state, why = MessageState.FAILED, {"code": outcome.code, "detail": outcome.reason}
            case Unknown():
                state, why = MessageState.UNKNOWN, {"code": outcome.code, "detail": outcome.reason}
            case Later():
                why = {"code": outcome.code, "detail": outcome.reason}
                given_up = now - claimed.created_at > _GIVE_UP_AFTER
                last, put_off = (
                    (MessageState.UNKNOWN, MessageState.SENDING)
                    if outcome.same
                    else (MessageState.FAILED, MessageState.PENDING)
                )
                state = last if given_up else put_off
        async with self.database.transaction() as session:
            await record_test(session, wanted.test_id, state, reason=why, provider_id=provider_id)
        if isinstance(outcome, Later) and state in {MessageState.PENDING, MessageState.SENDING}:
            raise again("ProviderLater", f"{outcome.code}: {outcome.reason}", outcome.retry_after)
        return state
