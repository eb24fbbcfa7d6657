"""A backtest over the stored events: reads, runs the interpreter in virtual time, reports. Writes nothing."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from automation.backtest import Backtest
from automation.backtest_event import PastEvent
from automation.backtest_report import Tally
from automation.backtest_time import account_of
from automation.definition import Definition
from automation.interpreter import Flow
from core.backtests import BacktestAsked, BacktestProgress, BacktestReport, LiveFigures
from core.errors import InvalidError
from core.settings import Settings
from store.backtest import Reading, count_events, live_figures, past_event_facts, read_events
from store.session import Database

_READ_ONLY = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


@dataclass(frozen=True)
class BacktestActivities:
    """Backtests that the API asked for."""

    database: Database
    settings: Settings

    @activity.defn
    async def backtest(self, asked: BacktestAsked) -> BacktestReport:
        """The report; its progress is in the heartbeats."""
        try:
            return await run_backtest(self.database, self.settings, asked, activity.heartbeat)
        except InvalidError as error:
            raise ApplicationError(str(error), type="Invalid", non_retryable=True) from error


async def run_backtest(
    database: Database, settings: Settings, asked: BacktestAsked, tell: Callable[[BacktestProgress], None]
) -> BacktestReport:
    """One snapshot of the database, however long it takes. Raises InvalidError for what events cannot start."""
    flow = Flow(Definition.model_validate(asked.definition))
    tally = Tally(asked, flow, settings.account_zone)
    account = account_of(zone=settings.account_zone, window=settings.account_window, country=settings.account_country)
    engine = Backtest(flow, tally, past_event_facts, account=account, historical=asked.historical)
    reading = _reading(asked, flow, engine)
    async with database.transaction() as session:
        await session.connection(execution_options=_READ_ONLY)
        total = await count_events(session, reading)
        done = 0
        tell(BacktestProgress(done=0, total=total))
        async for rows in read_events(session, reading):
            # in a thread, because it is work for the processor and the loop has heartbeats to send
            await asyncio.to_thread(_take, engine, rows)
            done += len(rows)
            tell(BacktestProgress(done=done, total=max(total, done)))
        await asyncio.to_thread(engine.run_until, asked.until)
        live = await live_figures(session, flow.definition.name, asked.since, asked.until)
    tell(BacktestProgress(done=total, total=total))
    report = tally.report(events=total, waiting=engine.under_way)
    return report.model_copy(update={"live": LiveFigures.model_validate(live) if live.get("launches") else None})


def _take(engine: Backtest, rows: list[tuple[Any, ...]]) -> None:  # Any: rows of read_events
    engine.take(map(PastEvent._make, rows))


def _reading(asked: BacktestAsked, flow: Flow, engine: Backtest) -> Reading:
    needs, unique = engine.needs, flow.definition.start.unique
    return Reading(
        since=asked.since,
        until=asked.until,
        types=needs.types,
        starts=needs.starts,
        order=needs.order,
        seen_by=None if needs.order_later else needs.looking,
        every_version=needs.order_later,
        contact=needs.contact,
        channels=needs.channels,
        unique=unique if isinstance(unique, str) else "",
        historical=asked.historical,
    )
