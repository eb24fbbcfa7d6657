"""An operator looks at runs, moves and skips their waits, ends them."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from core.contracts import automation_run_id
from tests.builders import DELIVERED_REVIEW, an_order
from tests.product import Product


async def test_a_wait_that_is_skipped_lets_the_run_go_on_at_once(product: Product) -> None:
    await product.publish(DELIVERED_REVIEW)
    order = an_order()
    await product.post(order)
    run = await product.wait_for_run(order, "waiting")
    answer = await product.http.post(f"/api/v1/runs/{run['id']}/skip-wait")
    assert answer.status_code == 200, answer.text
    await product.wait_for_run(order, "done")
    assert [one["state"] for one in await product.entries(order, "message")] == ["sent", "sent"]


async def test_a_wait_ends_on_the_contacts_clock_also_in_temporal_and_a_moved_one_when_told(
    product: Product,
) -> None:
    await product.publish(DELIVERED_REVIEW)
    order = an_order()
    person = {"externalCustomerId": order["externalCustomerId"], "timeZone": "Asia/Tokyo"}
    person["channels"] = [{"type": "email", "value": order["email"]}]
    assert (await product.http.post("/api/v1/contact", json=person)).status_code == 200
    await product.post(order)
    run = await product.wait_for_run(order, "waiting")
    due = datetime.fromisoformat(run["dueAt"])
    assert f"{due.astimezone(ZoneInfo('Asia/Tokyo')):%H:%M}" == "10:00"
    assert await _timer(product, run) == f"pause: due {due:%Y-%m-%d %H:%M} UTC"
    to = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
    answer = await product.http.post(f"/api/v1/runs/{run['id']}/move", json={"to": to.isoformat()})
    assert answer.status_code == 200, answer.text
    shown = (await product.http.get(f"/api/v1/runs/{run['id']}")).json()
    assert (shown["state"], shown["step"]) == ("waiting", "pause")
    assert datetime.fromisoformat(shown["dueAt"]) == to

    soon = datetime.now(UTC) + timedelta(seconds=1)
    await product.http.post(f"/api/v1/runs/{run['id']}/move", json={"to": soon.isoformat()})
    await product.wait_for_run(order, "done")


async def _timer(product: Product, run: dict[str, Any]) -> str:
    """What Temporal shows with the run's only timer. PostgreSQL says that it waits a moment before Temporal does."""
    handle = product.client.get_workflow_handle(automation_run_id(UUID(run["id"])))
    async with asyncio.timeout(30):
        while True:
            events = (await handle.fetch_history()).events
            timers = [event for event in events if event.HasField("timer_started_event_attributes")]
            if timers:
                break
            await asyncio.sleep(0.05)
    (timer,) = timers
    summary: str = json.loads(timer.user_metadata.summary.data)
    return summary


async def test_a_run_that_does_not_wait_cannot_be_moved(product: Product) -> None:
    await product.publish(DELIVERED_REVIEW.replace("for: 14d", "for: 1s").replace(', at: "10:00"', ""))
    order = an_order()
    await product.post(order)
    run = await product.wait_for_run(order, "done")
    answer = await product.http.post(f"/api/v1/runs/{run['id']}/skip-wait")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert (await product.http.post(f"/api/v1/runs/{uuid4()}/skip-wait")).status_code == 404


async def test_a_run_is_stopped_and_the_audit_log_knows_by_whom(product: Product) -> None:
    await product.publish(DELIVERED_REVIEW)
    order = an_order()
    await product.post(order)
    run = await product.wait_for_run(order, "waiting")
    answer = await product.http.post(f"/api/v1/runs/{run['id']}/stop", json={"reason": "a call"})
    assert answer.json()["stop"]["reason"] == "a call"
    stopped = await product.wait_for_run(order, "stopped")
    assert stopped["stop"]["kind"] == "operator"
    assert (await product.http.post(f"/api/v1/runs/{run['id']}/stop")).status_code == 409


async def test_the_list_is_filtered_and_goes_page_by_page(product: Product) -> None:
    await product.publish(DELIVERED_REVIEW)
    orders = [an_order() for _ in range(3)]
    await product.post(*orders)
    for order in orders:
        await product.wait_for_run(order, "waiting")
    first = (await product.http.get("/api/v1/runs", params={"limit": 2, "state": "waiting"})).json()
    rest = (await product.http.get("/api/v1/runs", params={"limit": 2, "cursor": first["nextCursor"]})).json()
    assert [len(first["runs"]), len(rest["runs"]), rest["nextCursor"]] == [2, 1, None]
    assert {run["eventKey"] for run in first["runs"] + rest["runs"]} == {one["externalOrderId"] for one in orders}
    one = (await product.http.get("/api/v1/runs", params={"order": orders[0]["externalOrderId"]})).json()["runs"]
    assert [run["automation"] for run in one] == ["Delivered, thank you and review request"]
    assert (await product.http.get("/api/v1/runs", params={"stat": "x"})).status_code == 400
    assert (await product.http.get("/api/v1/runs", params={"order": "a\0b"})).status_code == 400
