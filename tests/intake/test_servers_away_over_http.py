"""What a client is told while a server is away."""

import httpx
from temporalio.testing import WorkflowEnvironment

from api.app import create_app
from core.settings import Settings
from tests.builders import an_order
from tests.product import running_api

_NOBODY = "127.0.0.1:1"


async def test_while_the_database_is_away_the_answer_is_503_at_once(live_settings: Settings) -> None:
    away = live_settings.model_copy(update={"database_url": f"postgresql+asyncpg://nobody@{_NOBODY}/none"})
    app = create_app(away)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ordercue.test") as http,
    ):
        headers = {"Authorization": "Bearer oc_prefix_secret"}
        for params in ({}, {"historical": "true"}):
            answer = await http.post("/api/v1/orders", json={"orders": [an_order()]}, params=params, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
            assert answer.headers["retry-after"]
        assert (await http.get("/readyz")).status_code == 503


async def test_while_temporal_is_away_orders_are_accepted_and_shown(
    live_settings: Settings, temporal_env: WorkflowEnvironment
) -> None:
    away = live_settings.model_copy(update={"temporal_address": _NOBODY})
    async with running_api(away, temporal_env.client) as product:
        order = an_order()
        await product.post(order)
        assert len(await product.entries(order, "event")) == 1
