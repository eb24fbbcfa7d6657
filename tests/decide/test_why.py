"""For each event and each live automation it is told what happened and why."""

from typing import Any

from tests.builders import DELIVERED_REVIEW, THANKS, an_order
from tests.decide.deciding import Decider
from tests.product import Product

ON_START = """
name: On start
start: { event: orderINITIALIZED }
steps:
  - get_order: {}
  - send: { id: hello, channel: email, template: thanks }
"""


async def _decisions(product: Product, order: dict[str, Any], number: int) -> dict[str, dict[str, Any]]:
    event = (await product.entries(order, "event"))[number]
    response = await product.http.get(f"/api/v1/events/{event['id']}/decisions")
    assert response.status_code == 200, response.text
    return {one["automation"]: one for one in response.json()["decisions"]}


async def test_each_live_automation_says_what_an_event_meant_and_a_run_what_comes_next(product: Product) -> None:
    await product.publish(DELIVERED_REVIEW)
    await product.publish(ON_START)
    rules = "if_running: skip\n  where: { field: order.totalCost, op: gte, value: 500 }"
    await product.publish(THANKS.replace("event: orderDELIVERED", f"event: orderDELIVERED\n  {rules}"))
    order = an_order()
    await product.post(order)
    waiting = await product.wait_for_run(order, "waiting")
    assert waiting["next"]["kind"] == "send"
    assert waiting["sentence"].endswith("look at the order as it is then, and send review by email")
    await product.post(order | {"totalCost": 250})
    await product.post(order | {"status": "CANCELLED"})
    await product.wait_for_run(order, "stopped")

    review = "Delivered, thank you and review request"
    first = await _decisions(product, order, 0)
    assert {name: one["outcome"] for name, one in first.items()} == {
        review: "started",
        "On start": "not_matched",
        "Thanks": "not_matched",
    }
    assert first["On start"]["sentence"] == "Not matched: it starts on orderINITIALIZED"
    assert first["Thanks"]["sentence"] == "Not matched: totalCost is 200, the rule asks for at least 500"
    assert first[review]["run"]["state"] == "stopped"
    assert [one["state"] for one in first[review]["run"]["messages"]] == ["sent"]
    second = await _decisions(product, order, 1)
    assert second[review]["outcome"] == "suppressed"
    assert second[review]["reason"]["run"] == waiting["id"]
    third = await _decisions(product, order, 2)
    assert third[review]["outcome"] == "stopped"
    assert third[review]["sentence"] == "Stopped a run: orderCANCELLED came for the same order"


async def test_a_start_can_ask_everything_that_is_known_when_its_event_comes(decider: Decider) -> None:
    asked = """
    all:
      - { field: order.additionalInfo.gift, op: eq, value: cup }
      - { items: count, op: gte, value: 1 }
      - { field: event.externalOrderId, op: starts_with, value: order- }
      - { field: contact.firstName, op: eq, value: Olena }
      - { field: run.now, op: after, value: 2026-01-01 }
      - { field: order.phone, op: is_empty }
      - { field: order.date, op: within, value: 5y }
    """
    await decider.product.publish(THANKS.replace("event: orderDELIVERED", f"event: orderDELIVERED\n  where: {asked}"))
    right, wrong = an_order(additionalInfo={"gift": "cup"}), an_order(additionalInfo={"gift": "cup"}, firstName="Ivan")
    await decider.decide((await decider.product.post(right, wrong))["id"])
    assert await decider.states() == {"pending": 1}
    told = (await _decisions(decider.product, wrong, 0))["Thanks"]
    assert told["sentence"] == "Not matched: contact.firstName is Ivan, the rule asks for Olena"
    assert (told["reason"]["because"]["place"], told["reason"]["because"]["actual"]) == ("start.where.all[3]", "Ivan")


async def test_an_unknown_event_is_not_found(product: Product) -> None:
    response = await product.http.get("/api/v1/events/00000000-0000-7000-8000-000000000000/decisions")
    assert (response.status_code, response.json()["code"]) == (404, "not_found")
