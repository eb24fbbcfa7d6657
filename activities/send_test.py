"""send_test: a template's test goes out once, or it is told why not. May run any number of times."""

from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity

from activities.provider_call import again, call_provider, settle
from channels.base import Channel
from core.settings import Settings
from core.test_sending import TestSend
from store.session import Database
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
        settled = settle(outcome, given_up=now - claimed.created_at > _GIVE_UP_AFTER)
        async with self.database.transaction() as session:
            await record_test(
                session, wanted.test_id, settled.state, reason=settled.reason, provider_id=settled.provider_id
            )
        if (later := settled.later) is not None:
            raise again("ProviderLater", f"{later.code}: {later.reason}", later.retry_after)
        return settled.state
