"""Events past their time are deleted, those of open runs are not."""

from typing import Any

from sqlalchemy import text
from temporalio.testing import WorkflowEnvironment

from cli.schedule import ensure_retention_schedule
from core.contracts import QUEUE, RETENTION_SCHEDULE_ID, RETENTION_WORKFLOW
from tests.builders import DELIVERED_REVIEW, an_order
from tests.product import Product

# An event that came so many days ago: its id is a UUIDv7 of then.
_AGE = text("""
    WITH old AS (
        SELECT id, uuidv7(make_interval(days => -CAST(:days AS int))) AS aged FROM order_event WHERE event_key = :key)
    UPDATE order_event e SET id = old.aged, received_at = now() - make_interval(days => CAST(:days AS int))
    FROM old WHERE e.id = old.id
""")


async def _age(product: Product, key: str, days: int) -> None:
    async with product.database.transaction() as session:
        await session.execute(text("DELETE FROM decision WHERE run_id IS NULL"))
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        ids = {"key": key, "days": days}
        await session.execute(_AGE, ids)
        await session.execute(
            text(
                "UPDATE run r SET event_id = e.id FROM order_event e WHERE e.seq = r.event_seq AND e.event_key = :key"
            ),
            {"key": key},
        )


async def _keys(product: Product) -> set[str]:
    found: list[Any] = (await product.http.get("/api/v1/events")).json()["events"]
    return {one["key"] for one in found}


async def test_retention_deletes_what_is_old_and_no_open_run_needs(product: Product) -> None:
    await product.publish(DELIVERED_REVIEW)
    running, old, young = an_order(), an_order(status="CANCELLED"), an_order(status="CANCELLED")
    await product.post(running, old, young)
    for key in ("old custom", "young custom"):
        event = {"eventTypeKey": "viewed", "keyValue": key, "params": []}
        assert (await product.http.post("/api/v1/event", json=event)).status_code == 200
    await product.wait_for_run(running, "waiting")
    for key, days in (
        (running["externalOrderId"], 2000),
        (old["externalOrderId"], 2000),
        (young["externalOrderId"], 1000),
        ("old custom", 1000),
        ("young custom", 700),
    ):
        await _age(product, key, days)
    done = await product.client.execute_workflow(RETENTION_WORKFLOW, id="retention-now", task_queue=QUEUE)
    assert done["deleted"] == 2
    assert await _keys(product) == {running["externalOrderId"], young["externalOrderId"], "young custom"}


async def test_the_schedule_is_made_once(temporal_env: WorkflowEnvironment) -> None:
    await ensure_retention_schedule(temporal_env.client)
    await ensure_retention_schedule(temporal_env.client)
    described = await temporal_env.client.get_schedule_handle(RETENTION_SCHEDULE_ID).describe()
    assert described.schedule.spec.intervals[0].every.days == 1
