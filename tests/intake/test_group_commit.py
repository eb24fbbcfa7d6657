"""Requests at once share transactions, and each still gets its own, true answer."""

import asyncio
from typing import Any

import httpx
from sqlalchemy import text
from temporalio.testing import WorkflowEnvironment

from core.settings import Settings
from tests.builders import an_order
from tests.product import Product, running_api

_COMMITS = text("SELECT count(DISTINCT xmin::text) FROM event_batch")
_WAIT_FOR_A_LOCK = text("""
    SELECT count(*) FROM pg_locks l WHERE NOT granted AND pid IN (
        SELECT pid FROM pg_locks WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database()))
""")
_POISON = (
    text("""
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN IF NEW.external_order_id = 'poison' THEN RAISE EXCEPTION 'refused'; END IF; RETURN NEW; END $$"""),
    text('CREATE TRIGGER refuse BEFORE INSERT ON "order" FOR EACH ROW EXECUTE FUNCTION refuse()'),
)


def _post(product: Product, *orders: dict[str, Any]) -> asyncio.Task[httpx.Response]:  # Any: JSON
    return asyncio.create_task(product.http.post("/api/v1/orders", json={"orders": orders}))


async def _while_held(
    product: Product, later: list[list[dict[str, Any]]], held: list[dict[str, Any]] | None = None
) -> list[httpx.Response | BaseException]:
    """Post while the commits of earlier requests wait for a lock, one for each order; answers of the later ones."""
    held = held or [an_order(), an_order()]
    await product.post(*held)
    async with asyncio.timeout(60), product.database.transaction() as session:
        await session.execute(
            text('SELECT FROM "order" WHERE external_order_id = ANY(:ids) FOR UPDATE'),
            {"ids": [order["externalOrderId"] for order in held]},
        )
        first = []
        for order in held:
            first.append(_post(product, order | {"totalCost": 1}))
            while await session.scalar(_WAIT_FOR_A_LOCK) < len(first):  # noqa: ASYNC110  PostgreSQL tells nobody
                await asyncio.sleep(0.01)
        tasks = []
        for number, orders in enumerate(later, start=1):
            tasks.append(_post(product, *orders))
            while product.commits.waiting < number and not tasks[-1].done():  # noqa: ASYNC110  the order of arrival
                await asyncio.sleep(0.001)
        assert not any(one.done() for one in first)
    assert {(await one).status_code for one in first} == {200}
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_requests_that_wait_for_a_commit_are_stored_in_one(product: Product) -> None:
    orders = [an_order() for _ in range(20)]
    answers = await _while_held(product, [[order] for order in orders])
    ids = {one.json()["id"] for one in answers if isinstance(one, httpx.Response) and one.status_code == 200}
    assert len(ids) == 20
    async with product.database.transaction() as session:
        assert await session.scalar(_COMMITS) == 4  # the orders, two changes that waited, the twenty
    for order in orders:
        assert len(await product.entries(order, "event")) == 1


async def test_each_answer_tells_of_its_own_orders(product: Product) -> None:
    good, bad = an_order(), an_order(totalCost=-1)
    answers = await _while_held(product, [[good], [bad, good], [bad]])
    told = [one.json() for one in answers if isinstance(one, httpx.Response)]
    assert [(one["accepted"], len(one["failedOrders"])) for one in told] == [(1, 0), (1, 1), (0, 1)]
    assert [entry["effect"] for entry in await product.entries(good, "event")] == ["acts", "unchanged"]


async def test_events_of_one_order_are_in_the_order_of_arrival(product: Product) -> None:
    order = an_order(status="INITIALIZED")
    statuses = ["INITIALIZED", "IN_PROGRESS", "DELIVERED"]
    await _while_held(product, [[order | {"status": status}] for status in statuses])
    events = await product.entries(order, "event")
    assert [one["type"] for one in events] == [f"order{status}" for status in statuses]


async def test_a_change_of_an_order_waits_for_the_change_before_it(product: Product) -> None:
    order = an_order(status="INITIALIZED")  # its change is in flight, and another transaction could be
    later = [[order | {"status": "IN_PROGRESS"}], [order | {"status": "DELIVERED"}]]
    await _while_held(product, later, held=[order])
    events = [one["type"].removeprefix("order") for one in await product.entries(order, "event")]
    assert events == ["INITIALIZED", "INITIALIZED", "IN_PROGRESS", "DELIVERED"]


async def test_a_request_that_postgresql_refuses_fails_alone(product: Product) -> None:
    async with product.database.transaction() as session:
        for statement in _POISON:
            await session.execute(statement)
    before, after = an_order(), an_order()
    answers = await _while_held(product, [[before], [an_order(externalOrderId="poison")], [after]])
    assert [getattr(one, "status_code", 500) for one in answers] == [200, 500, 200]
    for order in (before, after):
        assert len(await product.entries(order, "event")) == 1


async def test_too_much_waiting_is_refused_with_a_moment_to_come_back(
    live_settings: Settings, temporal_env: WorkflowEnvironment
) -> None:
    small = live_settings.model_copy(update={"most_waiting_orders": 3})
    async with running_api(small, temporal_env.client) as product:
        answers = await _while_held(product, [[an_order()] for _ in range(5)])
    answered = [one for one in answers if isinstance(one, httpx.Response)]
    assert [one.status_code for one in answered] == [200, 200, 200, 503, 503]
    assert {one.json()["code"] for one in answered[3:]} == {"overloaded"}
    assert all(one.headers["retry-after"] for one in answered[3:])
