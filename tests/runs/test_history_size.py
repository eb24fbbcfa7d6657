"""What a run costs in Temporal, counted in real histories."""

from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory

from core.contracts import automation_run_id
from tests.builders import DELIVERED_REVIEW, THANKS, an_order
from tests.product import Product
from tests.replay.fingerprint import commands

HISTORIES = Path(__file__).parents[1] / "replay" / "histories"


async def _events(product: Product, run: dict[str, Any]) -> Counter[int]:
    history = await product.client.get_workflow_handle(automation_run_id(UUID(run["id"]))).fetch_history()
    return Counter(event.event_type for event in history.events)


async def test_a_one_message_run_has_at_most_14_events_and_one_ordinary_activity(product: Product) -> None:
    await product.publish(THANKS)
    order = an_order()
    await product.post(order)
    events = await _events(product, await product.wait_for_run(order, "done"))
    assert events.total() <= 14
    assert events[EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED] == 1


async def test_delivered_review_has_at_most_27_events(product: Product) -> None:
    await product.publish(DELIVERED_REVIEW.replace('for: 14d, at: "10:00"', "for: 2s"))
    order = an_order()
    await product.post(order)
    events = await _events(product, await product.wait_for_run(order, "done"))
    assert events.total() <= 27
    assert events[EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED] == 2


EVERY_STEP = """
name: Every step
start: { event: orderDELIVERED }
steps:
  - get_order: {}
  - if:
      where: { field: order.totalCost, op: gte, value: 100 }
      then:
        - switch:
            cases:
              - { name: vip, where: { field: order.totalCost, op: gte, value: 1000 }, then: [ { stop: {} } ] }
            default:
              - split:
                  arms:
                    - { name: only, weight: 1 }
                    - { name: hardly, weight: 1 }
  - if: { where: { field: order.status, op: ne, value: DELIVERED }, then: [ { stop: {} } ] }
  - send: { id: thanks, channel: email, template: thanks }
  - check_message: { state: sent, then: [ { update_contact: { set: { thanked: "yes" } } } ] }
  - add_to_segment: { segment: buyers }
  - remove_from_segment: { segment: buyers }
  - emit: { event: thanked }
  - webhook: { url: "https://shop.example/hook" }
  - wait: { for: 1s }
  - wait_for: { event: never, timeout: 1s }
  - stop: { reason: enough }
"""


async def test_only_send_and_webhook_take_ordinary_activities_and_branches_in_a_row_take_one_local(
    product: Product,
) -> None:
    await product.publish(EVERY_STEP)
    order = an_order()
    await product.post(order)
    run = await product.wait_for_run(order, "stopped")
    assert run["stop"]["reason"] == "enough"
    history = await product.client.get_workflow_handle(automation_run_id(UUID(run["id"]))).fetch_history()
    asked = commands(history)
    assert [one for one in asked if one.startswith("activity ")] == ["activity send_message", "activity call_webhook"]
    local = [one.removeprefix("core_local_activity ") for one in asked if one.startswith("core_local")]
    assert local[:2] == ["get_order", "choose"]  # if, switch, split and if again
    assert local.count("choose") == 2
    assert asked.index("core_local_activity choose") + 1 == asked.index("activity send_message")


async def test_no_stored_history_of_a_run_has_another_ordinary_activity() -> None:
    stored = [path for path in HISTORIES.glob("*.json") if ".AutomationRun" in path.name]
    assert stored
    for path in stored:
        asked = commands(WorkflowHistory.from_json(path.stem, path.read_text()))
        assert {one for one in asked if one.startswith("activity ")} <= {
            "activity send_message",
            "activity call_webhook",
        }


async def test_no_personal_data_is_in_any_history(product: Product) -> None:
    """Every history of the namespace, ProcessEvents too, is searched for what the order says of its customer."""
    await product.publish(DELIVERED_REVIEW)
    order = an_order(phone="+380501234567", firstName="Solomiia", lastName="Krushelnytska", deliveryAddress="Lviv 1")
    await product.post(order)
    await product.wait_for_run(order, "waiting")
    await product.post(order | {"status": "CANCELLED"})
    await product.wait_for_run(order, "stopped")
    secrets = [order["email"], "380501234567", "Solomiia", "Krushelnytska", "Lviv", order["externalCustomerId"]]
    found = 0
    async for execution in product.client.list_workflows():
        history = await product.client.get_workflow_handle(execution.id, run_id=execution.run_id).fetch_history()
        found += 1
        text = history.to_json()
        raw = b"".join(event.SerializeToString() for event in history.events)
        assert [one for one in secrets if one in text or one.encode() in raw] == []
    assert found >= 2
