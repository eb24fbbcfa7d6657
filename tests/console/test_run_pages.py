"""Many runs at once, and pages that go on by themselves."""

import re
from datetime import UTC, datetime, timedelta

from playwright.async_api import Browser, expect
from sqlalchemy import text

from store.tables.user import Role
from tests.builders import an_order as order
from tests.console.browser import Console
from tests.product import Product
from tests.tracking.rows import Rows

PAUSE = """
name: Pause
start: { event: orderDELIVERED }
steps:
  - if:
      id: large
      where: { field: order.totalCost, op: gte, value: 100 }
      then: [ { wait: { id: pause, for: 10d } } ]
  - wait: { id: longer, for: 20d }
"""


LOADS = """
name: Loads
start: { event: orderDELIVERED }
steps:
  - get_order: { id: load }
  - wait: { id: pause, for: 10d }
"""
_DONE = ("move", "skip_wait", "stop")


async def test_many_waits_are_moved_and_skipped_and_runs_stopped_after_a_look_at_how_many(
    console: Console, product: Product, browser: Browser
) -> None:
    await product.publish(PAUSE)
    delivered = [order(), order()]
    await product.post(*delivered)
    runs = [await product.wait_for_run(one, "waiting") for one in delivered]
    async with product.database.transaction() as session:
        rows = Rows(session)
        left = await rows.run(await rows.automation("Left"), None, datetime.now(UTC) - timedelta(hours=1))
        pending = text("UPDATE run SET state = 'pending', dedupe_key = 'kept back' WHERE id = :id")
        await session.execute(pending, {"id": left})
    async with console.open(browser, Role.OPERATOR) as page:
        await page.goto(f"{console.url}/")
        await expect(page.locator("a.oc-card", has_text="runs that wait")).to_contain_text("2")
        stuck = page.locator(".oc-note li", has_text="Runs whose workflow was not started")
        await expect(stuck.get_by_role("link", name="kept back")).to_have_attribute("href", f"/runs/{left}")
        await page.goto(f"{console.url}/runs/{runs[0]['id']}")
        await expect(page.get_by_text("At large it took then: totalCost is 200")).to_be_visible()
        await expect(page.locator("svg .node.taken").first).to_be_visible()
        await page.goto(f"{console.url}/runs?automation=Pause")
        await page.get_by_role("link", name="Move their waits").click()
        await expect(page.get_by_text("This would move the wait of 2 runs of automation Pause.")).to_be_visible()
        await page.get_by_role("button", name="Move the waits of these 2 runs").click()
        await page.get_by_label("Goes on at, on the clock of").fill("2031-01-02 10:00")
        await page.get_by_label("Write 2 to confirm").fill("2")
        await page.get_by_role("button", name="Do it").click()
        await expect(page.get_by_text("The waits of 2 runs are moved.").last).to_be_visible()
        await expect(page.locator(".oc-main tbody time[title*='2031']")).to_have_count(2)
        await page.get_by_role("link", name="Skip their waits").click()
        await page.get_by_role("button", name="Skip the waits of these 2 runs").click()
        await page.get_by_label("Write 2 to confirm").fill("2")
        await page.get_by_role("button", name="Do it").click()
        await expect(page.get_by_text("The waits of 2 runs are over; the runs go on.").last).to_be_visible()
        for one in delivered:
            await product.wait_for(one, "run", lambda found: [run["step"] for run in found] == ["longer"])
        await page.get_by_role("link", name="Stop all of these").click()
        await expect(page.get_by_text("This would stop 2 runs of automation Pause.")).to_be_visible()
        await page.get_by_role("button", name="Stop these 2 runs").click()
        await page.get_by_role("button", name="Do it").click()
        await expect(page.get_by_text("Write 2 to confirm.")).to_be_visible()
        await page.get_by_label("Write 2 to confirm").fill("2")
        await page.get_by_role("button", name="Do it").click()
        await expect(page.get_by_text("2 runs are stopped; they send nothing more.").last).to_be_visible()
        await page.get_by_role("link", name="Completed").click()
        await expect(page.locator(".oc-main tbody tr", has_text="Stopped: by an operator")).to_have_count(2)
    for one in delivered:
        await product.wait_for_run(one, "stopped")
    told = [(await product.http.get("/api/v1/audit", params={"action": f"run.{one}_all"})).json() for one in _DONE]
    assert [[entry["details"]["runs"] for entry in one["entries"]] for one in told] == [[2], [2], [2]]


async def test_events_appear_while_somebody_looks(console: Console, product: Product, browser: Browser) -> None:
    await product.publish(PAUSE)
    async with console.open(browser, Role.VIEWER) as page:
        await page.goto(f"{console.url}/events")
        await expect(page.get_by_text("No such events.")).to_be_visible()
        await page.get_by_role("link", name="Watch live").click()
        await expect(page).to_have_url(re.compile("live=on"))
        delivered = order()
        await product.post(delivered)
        row = page.locator(".oc-main tbody tr", has_text=delivered["externalOrderId"])
        await expect(row).to_contain_text("Pause")
        await expect(row).to_contain_text("started")
        await expect(row.get_by_role("link", name="found")).to_be_visible()


async def test_a_run_shows_the_order_that_a_step_loaded_as_it_was_then(
    console: Console, product: Product, browser: Browser
) -> None:
    await product.publish(LOADS)
    delivered = order()
    await product.post(delivered)
    run = await product.wait_for_run(delivered, "waiting")
    await product.post(delivered | {"totalCost": 999, "items": []})
    await product.wait_for(delivered, "event", lambda found: len(found) == 2)
    async with console.open(browser, Role.VIEWER) as page:
        await page.goto(f"{console.url}/runs/{run['id']}")
        step = page.get_by_role("row", name="load")
        await expect(step.get_by_role("link", name=f"version 1 of {delivered['externalOrderId']}")).to_be_visible()
        await expect(step).to_contain_text("status: DELIVERED, totalCost: 200")
        await step.get_by_text("The order as it was then").click()
        await expect(step.locator("pre")).to_contain_text(delivered["items"][0]["name"])
