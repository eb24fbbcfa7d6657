"""How often an automation runs, whatever comes at once."""

from typing import Any

import pytest

from tests.builders import THANKS, an_order
from tests.decide.deciding import Decider
from tests.product import Product


def _thanks(rule: str) -> str:
    return THANKS.replace("event: orderDELIVERED", f"event: orderDELIVERED\n  {rule}")


async def _posted(product: Product, orders: list[dict[str, Any]], *, batches: int) -> list[str]:
    size = len(orders) // batches
    return [(await product.post(*orders[start : start + size]))["id"] for start in range(0, len(orders), size)]


def _identical(count: int) -> list[dict[str, Any]]:
    """The same order again and again, each time with news, so that every event acts."""
    order = an_order()
    return [order | {"totalCost": 200 + number} for number in range(count)]


def _of_one_contact(count: int) -> list[dict[str, Any]]:
    contact = an_order()
    same = {name: contact[name] for name in ("externalCustomerId", "email")}
    return [an_order(**same) for _ in range(count)]


@pytest.mark.parametrize(
    "rule",
    ["unique: once_per_status", "unique: once_per_order", "unique: once_per_contact",
     "unique: { per: contact, within: 7d }", "unique: { per: order, within: 7d }",
     "{ unique: each_time, if_running: skip }"],
)  # fmt: skip
async def test_a_thousand_identical_events_at_once_start_one_run(decider: Decider, rule: str) -> None:
    await decider.product.publish(_thanks(rule.strip("{} ").replace(", if", "\n  if") if rule[0] == "{" else rule))
    batches = await _posted(decider.product, _identical(1000), batches=8)
    await decider.decide_at_once(*batches)
    assert await decider.states() == {"pending": 1}
    told = await decider.rows("SELECT outcome, count(*) AS n FROM decision GROUP BY outcome")
    assert {row["outcome"]: row["n"] for row in told} == {"started": 1, "suppressed": 999}


async def test_each_time_is_each_time(decider: Decider) -> None:
    await decider.product.publish(_thanks("unique: each_time"))
    await decider.decide_at_once(*await _posted(decider.product, _identical(100), batches=4))
    assert await decider.states() == {"pending": 100}


async def test_replace_leaves_exactly_one_run(decider: Decider) -> None:
    await decider.product.publish(_thanks("if_running: replace"))
    await decider.decide_at_once(*await _posted(decider.product, _of_one_contact(200), batches=8))
    states = await decider.states()
    assert states["pending"] == 1
    replaced = await decider.rows("SELECT stop FROM run WHERE stop IS NOT NULL")
    assert {row["stop"]["kind"] for row in replaced} <= {"replaced"}
    left = await decider.rows("SELECT event_seq FROM run WHERE stop IS NULL")
    every = await decider.rows("SELECT max(event_seq) AS last FROM run")
    assert left[0]["event_seq"] == every[0]["last"]


async def test_skip_starts_again_once_the_run_was_stopped_in_the_same_batch(decider: Decider) -> None:
    yaml = _thanks("if_running: skip") + "stop:\n  - { event: orderCANCELLED }\n"
    await decider.product.publish(yaml)
    first, second, third = _of_one_contact(3)
    batch = await decider.product.post(first, second, first | {"status": "CANCELLED"}, third)
    await decider.decide(batch["id"])
    told = await decider.rows(
        "SELECT outcome, reason ->> 'code' AS code FROM decision d JOIN order_event e ON e.id = d.event_id "
        "WHERE outcome <> 'not_matched' ORDER BY e.seq"
    )
    assert [row["code"] for row in told] == ["started", "still_running", "stopped", "started"]
    assert await decider.states() == {"stopped": 1, "pending": 1}


async def test_a_window_opens_again_after_its_time(decider: Decider) -> None:
    await decider.product.publish(_thanks("unique: { per: contact, within: 7d }"))
    first, second, third = _of_one_contact(3)
    dates = ("2026-11-01T10:00:00Z", "2026-11-07T10:00:00Z", "2026-11-08T10:00:01Z")
    batches = [
        (await decider.product.post(order | {"date": date, "statusDate": date}))["id"]
        for order, date in zip((first, second, third), dates, strict=True)
    ]
    for batch in batches:
        await decider.decide(batch)
    told = await decider.rows("SELECT outcome, reason, run_id FROM decision ORDER BY id")
    assert [row["outcome"] for row in told] == ["started", "suppressed", "started"]
    assert (told[1]["reason"]["per"], told[1]["reason"]["within"]) == ("contact", "7d")
    assert told[1]["run_id"] == told[0]["run_id"]


async def test_the_number_of_statements_does_not_grow_with_the_events(decider: Decider) -> None:
    await decider.product.publish(_thanks("if_running: replace") + "stop:\n  - { event: orderCANCELLED }\n")
    await decider.product.publish(_thanks("unique: { per: contact, within: 7d }").replace("Thanks", "Window"))
    few = (await decider.product.post(an_order()))["id"]
    many = (await decider.product.post(*(an_order() for _ in range(300))))["id"]
    counted = [len(await decider.statements(batch)) for batch in (few, many)]
    assert counted[0] == counted[1]
    assert counted[1] < 25
