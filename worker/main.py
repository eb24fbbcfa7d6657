"""The worker process: one worker for workflows and PostgreSQL, one for each channel."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import httpx
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from activities.backtesting import BacktestActivities
from activities.call_webhook import WebhookActivities
from activities.change import ChangeActivities
from activities.decide import DecideActivities
from activities.delete_orders import DeletionActivities
from activities.dispatch import DispatchActivities
from activities.library import Library
from activities.match_contacts import MatchActivities
from activities.recalculate import RecalculationActivities
from activities.regular import RegularActivities
from activities.retention import RetentionActivities
from activities.revise import ReviseActivities
from activities.run_steps import RunActivities
from activities.send_message import SendActivities
from activities.send_test import SendTestActivities
from activities.sweep import SweepActivities
from activities.wait_for_event import AwaitActivities
from channels.base import Channel
from channels.registry import build_channels
from core.contracts import QUEUE, WEBHOOK_QUEUE, channel_queue
from core.outgoing import guarded_client
from core.settings import Settings
from core.temporal import connect
from store.links import LinkKeeper
from store.session import Database, open_database
from worker.local_activities import NO_LIMIT, LocalAtOnce
from worker.outages import QuietOutages
from workflows.automation_run import AutomationRun
from workflows.backtest import BacktestRun
from workflows.delete_orders import DeleteOrders
from workflows.launch_members import LaunchMembers
from workflows.process_events import ProcessEvents
from workflows.recalculate import Recalculate
from workflows.resend import ResendMessage
from workflows.resume import ResumeAutomation
from workflows.retention import Retention
from workflows.revise import EndRuns, MigrateRuns
from workflows.send_test import SendTest
from workflows.sweep import Sweep

WORKFLOWS = (
    Recalculate,
    ProcessEvents,
    AutomationRun,
    ResumeAutomation,
    MigrateRuns,
    EndRuns,
    Sweep,
    DeleteOrders,
    Retention,
    BacktestRun,
    ResendMessage,
    LaunchMembers,
    SendTest,
)

_GRACE = timedelta(seconds=30)
"""A stopping worker lets calls of providers come to their end, so that their outcome is known."""


def workflow_runner(settings: Settings) -> WorkflowRunner:
    """How workflows run, see ADR 25."""
    return SandboxedWorkflowRunner() if settings.worker_sandbox else UnsandboxedWorkflowRunner()


def build_workers(
    client: Client, database: Database, settings: Settings, channels: dict[str, Channel], http: httpx.AsyncClient
) -> list[Worker]:
    """Workers for every queue. They run when entered or when `run` is awaited."""
    library, links = Library(), LinkKeeper(database, settings)
    interceptors = [QuietOutages()]
    match_ = MatchActivities(database, settings, client)
    decide = DecideActivities(database, library, settings.account_zone)
    dispatch = DispatchActivities(database, library, client, settings.release_per_second)
    revise = ReviseActivities(database, library, client)
    steps = RunActivities(database, library, settings)
    change = ChangeActivities(database, library, client)
    await_ = AwaitActivities(database, library, settings)
    sweep = SweepActivities(database, client, settings, library)
    main = Worker(
        client,
        task_queue=QUEUE,
        workflows=WORKFLOWS,
        workflow_runner=workflow_runner(settings),
        activities=[
            match_.match_contacts,
            decide.decide,
            dispatch.dispatch,
            dispatch.release,
            revise.migrate_runs,
            revise.end_runs,
            steps.get_order,
            steps.choose,
            steps.plan_wait,
            steps.adopt,
            steps.move_wait,
            steps.finish_run,
            await_.begin_wait_for,
            await_.end_wait_for,
            change.change,
            sweep.sweep,
            RegularActivities(database, library, client, settings).launch_some,
            BacktestActivities(database, settings).backtest,
            DeletionActivities(database, client).delete_some_orders,
            RetentionActivities(database, settings).prune_some,
            RecalculationActivities(database, client, settings).recalculate_some,
        ],
        max_cached_workflows=settings.worker_cached_runs,
        max_concurrent_workflow_tasks=2 * settings.worker_activities,  # more of them would wait here for local ones
        max_concurrent_activities=settings.worker_activities,
        max_concurrent_local_activities=NO_LIMIT,
        graceful_shutdown_timeout=_GRACE,
        interceptors=[*interceptors, LocalAtOnce(settings.worker_activities)],
    )
    senders = [
        Worker(
            client,
            task_queue=channel_queue(name),
            activities=[
                SendActivities(database, library, settings, {name: channel}, links).send_message,
                SendTestActivities(database, settings, {name: channel}).send_test,
            ],
            max_concurrent_activities=settings.worker_activities,
            max_task_queue_activities_per_second=settings.channel_rates.get(name),
            graceful_shutdown_timeout=_GRACE,
            interceptors=interceptors,
        )
        for name, channel in channels.items()
    ]
    webhooks = Worker(
        client,
        task_queue=WEBHOOK_QUEUE,
        activities=[WebhookActivities(database, library, settings, http).call_webhook],
        max_concurrent_activities=settings.worker_activities,
        graceful_shutdown_timeout=_GRACE,
        interceptors=interceptors,
    )
    return [main, webhooks, *senders]


@asynccontextmanager
async def running_workers(client: Client, settings: Settings) -> AsyncIterator[None]:
    """Workers with their database and channels, running until the end of the block."""
    async with AsyncExitStack() as stack:
        database = open_database(settings.database_url, pool_size=settings.database_pool_size)
        stack.push_async_callback(database.close)
        channels = build_channels(settings)
        for channel in channels.values():
            stack.push_async_callback(channel.close)
        http = await stack.enter_async_context(guarded_client(settings))
        for worker in build_workers(client, database, settings, channels, http):
            await stack.enter_async_context(worker)
        yield


async def run_worker(settings: Settings, stop: asyncio.Event) -> None:
    """Work until `stop` is set; then take nothing new and finish what is under way."""
    client = await connect(settings)
    async with running_workers(client, settings):
        await stop.wait()
