"""The fixtures that all other tests stand on."""

import asyncio
from datetime import timedelta
from email.message import EmailMessage

import aiosmtplib
import pytest
from sqlalchemy import text
from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from core.contracts import ORDER_ATTRIBUTE, QUEUE
from core.settings import Settings
from store.session import open_database
from tests.servers import Databases, SmtpServer, Trouble
from tests.stack.sample_workflows import SleepFortnight, TellNamespace


async def test_a_fresh_database_has_the_schema_and_sees_nothing_of_another(databases: Databases) -> None:
    async with databases.fresh() as one, databases.fresh() as other:
        first, second = open_database(one, pool_size=1), open_database(other, pool_size=1)
        try:
            async with first.transaction() as session:
                await session.execute(text("CREATE TABLE only_here (id int)"))
                assert await session.scalar(text("SELECT count(*) FROM alembic_version")) == 1
            async with second.transaction() as session:
                assert await session.scalar(text("SELECT to_regclass('only_here')")) is None
        finally:
            await first.close()
            await second.close()


async def test_settings_lead_to_the_database_of_the_test(settings: Settings, database_url: str) -> None:
    assert settings.database_url == database_url


async def test_live_settings_lead_to_the_servers_of_the_test(
    live_settings: Settings, temporal_env: WorkflowEnvironment, smtp_server: SmtpServer
) -> None:
    assert live_settings.temporal_namespace == temporal_env.client.namespace
    assert live_settings.smtp_port == smtp_server.port


async def run_and_find(client: Client) -> list[str]:
    order = TypedSearchAttributes([SearchAttributePair(ORDER_ATTRIBUTE, "A-1")])
    async with Worker(client, task_queue=QUEUE, workflows=[TellNamespace]):
        told = await client.execute_workflow(TellNamespace.run, id="same-id", task_queue=QUEUE, search_attributes=order)
    found: list[str] = []
    async with asyncio.timeout(60):
        while not found:
            found = [run.namespace async for run in client.list_workflows("OrdercueOrder='A-1'")]
    return [told, *found]


@pytest.mark.parametrize("turn", ["first", "second"])
async def test_each_test_has_its_own_namespace_and_search_attributes(
    temporal_env: WorkflowEnvironment, turn: str
) -> None:
    namespace = temporal_env.client.namespace
    assert await run_and_find(temporal_env.client) == [namespace, namespace], turn


async def test_a_fortnight_passes_at_once_when_time_is_skipped(time_skipping_env: WorkflowEnvironment) -> None:
    client = time_skipping_env.client
    before = await time_skipping_env.get_current_time()
    async with Worker(client, task_queue=QUEUE, workflows=[SleepFortnight]):
        await client.execute_workflow(
            SleepFortnight.run,
            id="sleep",
            task_queue=QUEUE,
            search_attributes=TypedSearchAttributes([SearchAttributePair(ORDER_ATTRIBUTE, "A-1")]),
        )
    assert await time_skipping_env.get_current_time() - before >= timedelta(days=14)


async def send(server: SmtpServer) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "shop@example.com", "anna@example.com", "Дякуємо"
    message.set_content("Ваше замовлення в дорозі\n")
    await aiosmtplib.send(message, hostname=server.host, port=server.port, timeout=3)


async def test_an_accepted_mail_can_be_read(smtp_server: SmtpServer) -> None:
    await send(smtp_server)
    (message,) = await smtp_server.wait_for(1)
    assert message["Subject"] == "Дякуємо"
    assert message.get_content() == "Ваше замовлення в дорозі\n"
    assert smtp_server.sent_to("anna@example.com") == [message]


@pytest.mark.parametrize(("trouble", "code"), [(Trouble.REFUSE, 550), (Trouble.LATER, 451)])
async def test_a_refused_mail_is_answered_with_its_code(smtp_server: SmtpServer, trouble: Trouble, code: int) -> None:
    smtp_server.fail(trouble)
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
        await send(smtp_server)
    assert refused.value.recipients[0].code == code
    assert smtp_server.messages == []


async def test_a_connection_dropped_before_data_leaves_no_mail(smtp_server: SmtpServer) -> None:
    smtp_server.fail(Trouble.DROP_BEFORE_DATA)
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await send(smtp_server)
    assert smtp_server.messages == []


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (Trouble.DROP_AFTER_DATA, aiosmtplib.SMTPServerDisconnected),
        (Trouble.HANG, aiosmtplib.SMTPReadTimeoutError),
    ],
)
async def test_a_mail_whose_answer_is_lost_has_arrived(
    smtp_server: SmtpServer, trouble: Trouble, error: type[Exception]
) -> None:
    smtp_server.fail(trouble)
    with pytest.raises(error):
        await send(smtp_server)
    assert len(smtp_server.messages) == 1


async def test_trouble_for_one_mail_ends_with_it(smtp_server: SmtpServer) -> None:
    smtp_server.fail(Trouble.LATER, times=1)
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
        await send(smtp_server)
    await send(smtp_server)
    assert smtp_server.attempts == 2
    assert len(smtp_server.messages) == 1
