"""Hypothesis over HTTP: whatever mixture of valid and invalid orders comes."""

import asyncio
import json
from collections.abc import Coroutine
from typing import Any, TypeVar
from uuid import uuid4

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from temporalio.testing import WorkflowEnvironment

from core.document import dump_json
from core.settings import Settings
from tests.product import Product, running_api
from tests.wire.test_properties import JSON, ORDERS

T = TypeVar("T")
_BROKEN = st.sampled_from(
    [{"totalCost": "many"}, {"status": "LOST"}, {"date": "soon"}, {"items": [{}]}, {"currency": "EURO"}]
)
_BAD = ORDERS.flatmap(lambda order: _BROKEN.map(lambda fault: order | fault)) | JSON.filter(
    lambda value: not isinstance(value, dict)
)
_MIXTURES = st.lists(st.tuples(st.just(True), ORDERS) | st.tuples(st.just(False), _BAD), min_size=1, max_size=8)


async def test_valid_orders_are_stored_once_and_invalid_ones_listed_whatever_comes_again(
    live_settings: Settings, temporal_env: WorkflowEnvironment
) -> None:
    async with running_api(live_settings, temporal_env.client) as product:
        loop = asyncio.get_running_loop()

        def wait(work: Coroutine[Any, Any, T]) -> T:
            return asyncio.run_coroutine_threadsafe(work, loop).result(30)

        @settings(
            max_examples=40,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=[*HealthCheck],
        )
        @given(mixture=_MIXTURES, data=st.data())
        def examine(mixture: list[tuple[bool, Any]], data: st.DataObject) -> None:
            prefix = uuid4().hex
            orders = [_named(order, f"{prefix}-{index}") for index, (_, order) in enumerate(mixture)]
            valid = [index for index, (good, _) in enumerate(mixture) if good]
            answer = wait(_post(product, orders))
            assert answer["accepted"] == len(valid)
            assert [one["index"] for one in answer["failedOrders"]] == [
                index for index in range(len(orders)) if index not in valid
            ]
            stored = wait(_stored(product, prefix))
            assert {row[0]: tuple(row[1:]) for row in stored} == {f"{prefix}-{index}": (1, ["acts"]) for index in valid}
            again = data.draw(st.lists(st.sampled_from(range(len(orders))), min_size=1, max_size=6))
            wait(_post(product, [orders[index] for index in again]))
            for key, version, effects in wait(_stored(product, prefix)):
                times = again.count(int(key.rpartition("-")[2]))
                assert (version, effects) == (1, ["acts"] + ["unchanged"] * times)

        await asyncio.to_thread(examine)


def _named(order: Any, key: str) -> Any:
    return order | {"externalOrderId": key} if isinstance(order, dict) else order


async def _post(product: Product, orders: list[Any]) -> dict[str, Any]:
    body = _json(orders)
    response = await product.http.post("/api/v1/orders", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def _json(orders: list[Any]) -> bytes:
    try:
        return dump_json({"orders": orders})
    except TypeError:  # NaN and lone surrogates, which only Python's own encoder writes
        return json.dumps({"orders": orders}, default=str).encode()


async def _stored(product: Product, prefix: str) -> list[Any]:
    statement = text(
        "SELECT o.external_order_id, o.version, (SELECT array_agg(e.effect ORDER BY e.seq) FROM order_event e "
        'WHERE e.order_id = o.id) FROM "order" o WHERE o.external_order_id LIKE :beginning'
    )
    async with product.database.transaction() as session:
        return list((await session.execute(statement, {"beginning": f"{prefix}-%"})).all())
