"""What the routes work with, made once a process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from temporalio.client import Client

from api.feedback.collecting import FeedbackCommits
from api.feedback.sns import SnsSender
from api.key_ring import KeyRing
from api.order_commits import OrderCommits
from api.pages.visits import Visits
from api.rate_limit import RateLimit
from api.starter import Starter
from api.wire.reading import OrderRules
from core.outgoing import guarded_client
from core.process import signal_stops
from core.settings import Settings
from core.temporal import connect
from store.links import LinkKeeper
from store.session import Database, open_database
from store.unsubscriptions import Held


@dataclass(frozen=True)
class Services:
    """The dependencies of every route."""

    settings: Settings
    database: Database
    client: Client
    keys: KeyRing
    rules: OrderRules
    starter: Starter
    commits: OrderCommits
    feedback: FeedbackCommits
    sns: SnsSender
    links: LinkKeeper
    visits: Visits

    async def tell(self, held: Held) -> None:
        """Process the events of a committed unsubscription and wake the runs that it ended."""
        if held.batch_id is not None:
            self.starter.start(held.batch_id)
        await signal_stops(self.client, held.signals)


@asynccontextmanager
async def running_services(settings: Settings) -> AsyncIterator[Services]:
    """Services until the end of the block. Neither PostgreSQL nor Temporal has to answer yet."""
    database = open_database(settings.database_url, pool_size=settings.database_pool_size)
    client = await connect(settings, lazy=True)
    grouping = OrderCommits(database, most_waiting=settings.most_waiting_orders)
    ring = KeyRing(database, RateLimit(database, usual_rate=settings.key_rate))
    try:
        async with (
            Starter(client).running() as starter,
            grouping.running() as commits,
            ring.running() as keys,
            FeedbackCommits(database, starter, client).running() as feedback,
            Visits(feedback, hold_seconds=settings.track_scan_seconds).running() as visits,
            guarded_client(settings) as outgoing,
        ):
            rules, sns = OrderRules.of(settings), SnsSender(outgoing, settings)
            links = LinkKeeper(database, settings)
            try:
                yield Services(settings, database, client, keys, rules, starter, commits, feedback, sns, links, visits)
            finally:
                await starter.drain()
    finally:
        await database.close()  # last: the others write what they hold when they end
