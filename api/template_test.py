"""A template goes to somebody who wants to see it in a real mailbox: for the API, the console and the command line."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import Client

from api.template_work import preview_template
from automation.template import Rendered, Template
from core.addresses import readable_address
from core.channels import served_channels
from core.errors import ConflictError, InvalidError, UnavailableError
from core.settings import Settings
from core.test_sending import TestSend, start_test_send
from store.audit import record_audit
from store.session import Database
from store.suppressions import SOFT, reasons_of
from store.tables.message import MessageState
from store.template_tests import NewTest, insert_test, record_test


@dataclass(frozen=True, slots=True)
class TestWanted:
    """Which message goes where. `order` is an externalOrderId; None is a made-up order."""

    __test__ = False  # no test of pytest's

    template: Template
    to: str
    channel: str | None = None
    """By default e-mail for an address with an @, else SMS."""
    order: str | None = None
    language: str | None = None
    params: Mapping[str, Any] | None = None  # Any: JSON


@dataclass(frozen=True, slots=True)
class TestSent:
    """What is on its way."""

    __test__ = False

    id: UUID
    channel: str
    to: str
    rendered: Rendered


async def send_template_test(
    database: Database, client: Client, settings: Settings, wanted: TestWanted, *, actor: str
) -> TestSent:
    """Render it, mark it as a test, and have the channel's provider send it once. Nothing counts it.

    An address that unsubscribed gets it, for its owner asked; one that bounced, complained or was blocked does not.
    Raises NotFoundError, TemplateError, InvalidError, ConflictError, and UnavailableError when Temporal is away.
    """
    channel = _channel(settings, wanted)
    to = _address(settings, channel, wanted.to)
    async with database.transaction() as session:
        await _refuse_suppressed(session, channel, to)
        made = await preview_template(
            session, settings, wanted.template, order=wanted.order, language=wanted.language, params=wanted.params
        )
        name = wanted.template.name
        test_id = await insert_test(session, NewTest(name, channel, to, made.content(test=True), actor))
        await record_audit(
            session, actor=actor, action="template.test", subject=f"template:{name}", details={"test": str(test_id)}
        )
    try:
        await start_test_send(client, TestSend(test_id=test_id, channel=channel), template=name)
    except UnavailableError:
        async with database.transaction() as session:
            await record_test(session, test_id, MessageState.FAILED, reason={"code": "not_started"})
        raise
    return TestSent(test_id, channel, to, made)


def _channel(settings: Settings, wanted: TestWanted) -> str:
    channel = wanted.channel or ("email" if "@" in wanted.to else "sms")
    served = served_channels(settings)
    if channel not in served:
        raise InvalidError(f"no provider serves {channel!r}; there is {', '.join(served)}", field="channel")
    return channel


def _address(settings: Settings, channel: str, given: str) -> str:
    found = readable_address(settings, channel, given)
    if found is None:
        raise InvalidError(f"{given!r} is no address of {channel}", field="to")
    return found


async def _refuse_suppressed(session: AsyncSession, channel: str, address: str) -> None:
    hard = sorted(reason for reason, _ in await reasons_of(session, channel, address) if reason not in SOFT)
    if hard:
        raise ConflictError(f"{address} is suppressed ({', '.join(hard)}); take that back first")
