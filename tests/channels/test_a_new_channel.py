"""A new channel is one file and one registration: from there on it is named, checked, sent by and shown."""

import pytest
from temporalio.testing import WorkflowEnvironment

from core.channels import CHANNELS, Registered
from core.settings import Settings
from tests.builders import an_order
from tests.channels.pigeon import FLOWN
from tests.product import running_product

_PIGEON = """
name: By pigeon
start: { event: orderDELIVERED }
steps:
  - get_order: {}
  - send: { id: fly, channel: pigeon, template: thanks, to: "loft-7" }
  - send: { id: lost, channel: pigeon, template: thanks }
"""


async def test_a_channel_that_is_registered_sends_and_one_that_is_not_cannot_be_named(
    live_settings: Settings, temporal_env: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered = Registered("id", {"loft": "tests.channels.pigeon:pigeon_channel"}, lambda _settings: "loft")
    monkeypatch.setitem(CHANNELS, "pigeon", registered)
    async with running_product(live_settings, temporal_env.client) as product:
        yaml, owl = {"Content-Type": "application/yaml"}, _PIGEON.replace("channel: pigeon", "channel: owl")
        refused = await product.http.post("/api/v1/automations/validate", content=owl, headers=yaml)
        assert "owl" in refused.text
        fine = await product.http.post("/api/v1/automations/validate", content=_PIGEON, headers=yaml)
        assert fine.json()["valid"], fine.text
        await product.publish(_PIGEON)
        order = an_order()
        await product.post(order)
        await product.wait_for_run(order, "done")
        told = [(one["channel"], one["state"]) for one in await product.entries(order, "message")]
        assert told == [("pigeon", "sent"), ("pigeon", "skipped")]
        test = {"to": "loft-8", "channel": "pigeon"}
        assert (await product.http.post("/api/v1/templates/thanks/test", json=test)).status_code == 202
    assert FLOWN[0].address == "loft-7"
