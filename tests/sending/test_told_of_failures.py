"""An activity that PostgreSQL fails tells Temporal of it without saying whom it was about."""

import asyncio
from typing import Any
from uuid import UUID

from sqlalchemy import text
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from core.contracts import automation_run_id
from tests.builders import THANKS, an_order
from tests.product import Product
from tests.servers import SmtpServer

_REFUSE = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'not to %', NEW.address USING ERRCODE = 'check_violation', DETAIL = NEW.content::text;
    END $$
"""
_ALWAYS = """
    CREATE TRIGGER refuse BEFORE UPDATE ON message FOR EACH ROW WHEN (NEW.state = 'sending') EXECUTE FUNCTION refuse()
"""


async def _told(handle: WorkflowHandle[Any, Any]) -> str:  # Any: whatever the workflow takes and gives
    """What Temporal knows of the failure of an activity that it will try again; nothing before there is one."""
    try:
        pending = (await handle.describe()).raw_description.pending_activities
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:  # PostgreSQL knows a run before Temporal does
            return ""
        raise
    return "".join(str(one.last_failure) for one in pending if one.HasField("last_failure"))


async def test_a_failed_statement_leaves_no_personal_data_in_temporal(
    product: Product, smtp_server: SmtpServer
) -> None:
    await product.publish(THANKS)
    order = an_order()
    async with product.database.transaction() as session:
        await session.execute(text(_REFUSE))
        await session.execute(text(_ALWAYS))
    await product.post(order)
    run = (await product.wait_for(order, "run", bool))[0]
    handle = product.client.get_workflow_handle(automation_run_id(UUID(run["id"])))
    async with asyncio.timeout(60):
        while not (told := await _told(handle)):  # noqa: ASYNC110 - over the network
            await asyncio.sleep(0.1)
    assert "CheckViolation" in told
    assert order["email"] not in told
    assert "Olena" not in told
    async with product.database.transaction() as session:
        await session.execute(text("DROP TRIGGER refuse ON message"))
    await smtp_server.wait_for(1)
