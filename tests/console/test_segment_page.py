"""Segments, RFM and reports, as a marketer uses them."""

import asyncio
import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from playwright.async_api import Browser, expect

from store.tables.user import Role
from tests.builders import an_order as order
from tests.console.desk import Desk

HOSTILE = "<img src=x onerror=\"document.title='taken'\">{{ 7 * 7 }}"


async def _until_known(desk: Desk, *orders: dict[str, Any]) -> None:  # Any: JSON
    """Until each order has its contact, which a worker finds."""
    async with asyncio.timeout(60):
        for each in orders:
            found = list[Any]()
            while not found:
                answer = await desk.product.http.get("/api/v1/contacts", params={"email": each["email"]})
                found = answer.json()["contacts"]


async def test_a_marketer_builds_a_segment_sees_whom_it_finds_and_keeps_it(desk: Desk, browser: Browser) -> None:
    mine = {"storeId": "segment-shop", "status": "DELIVERED", "currency": desk.product.settings.account_currency}
    rich, poor = order(**mine, totalCost=900, firstName=HOSTILE), order(**mine, totalCost=10)
    await desk.product.post(rich, poor)
    await _until_known(desk, rich, poor)
    async with desk.console.open(browser, Role.MARKETER) as page:
        await page.goto(f"{desk.console.url}/segments")
        await page.get_by_role("link", name="New segment").click()
        await page.get_by_label("Name").fill(f"Rich {HOSTILE}")
        await page.get_by_role("button", name="the number of orders is at least 1").click()
        await page.get_by_label("Orders *").select_option("sum")
        await page.get_by_label("Value *").fill("much")
        await page.get_by_label("Value *").press("Tab")
        await expect(page.get_by_text("Input should be a valid decimal").first).to_be_visible()
        await page.get_by_label("Value *").fill("500")
        await page.get_by_label("Store").fill("segment-shop")
        await page.get_by_label("Store").press("Tab")
        await expect(
            page.get_by_text("the sum of orders of the shop segment-shop is at least 500").first
        ).to_be_visible()
        await expect(page.locator(".oc-figure")).to_contain_text("1 contacts now")
        await expect(page.get_by_role("link", name=HOSTILE)).to_be_visible()
        await page.get_by_label("Add a condition to all").select_option("message")
        await page.get_by_role("button", name="Negate").last.click()
        await expect(page.get_by_text("and not (a message was opened in the last 30 days)").first).to_be_visible()
        await page.get_by_role("button", name="Keep this segment").click()
        await expect(page.get_by_role("heading", name=f"Rich {HOSTILE}")).to_be_visible()
        members = page.get_by_role("link", name=HOSTILE)
        for _ in range(60):  # they are found in the background
            if await members.count():
                break
            await page.reload()
            await expect(page.get_by_role("heading", name=f"Rich {HOSTILE}")).to_be_visible()
        await expect(members).to_have_count(1)
        assert "taken" not in await page.title()
        await expect(page.get_by_role("link", name="Export as CSV")).to_have_count(0)  # that is an operator's
        await page.get_by_role("link", name="Edit").click()
        await expect(page.get_by_role("button", name="not: a message was opened in the last 30 days")).to_be_visible()


async def test_a_list_by_hand_is_filled_from_lines_and_a_file_and_exported(desk: Desk, browser: Browser) -> None:
    one, other = order(), order(phone="+380501112233")
    await desk.product.post(one, other)
    await _until_known(desk, one, other)
    async with desk.console.open(browser, Role.OPERATOR) as page:
        await page.goto(f"{desk.console.url}/segments")
        await page.get_by_role("button", name="New list by hand").click()
        await page.get_by_label("Name").fill("by-hand")
        await page.get_by_role("button", name="Do it").click()
        await expect(page.get_by_text("Nobody is in it.")).to_be_visible()
        await page.get_by_role("button", name="Add people").click()
        await page.get_by_label("E-mails, phones or ids").fill(f"{one['email'].upper()}\nnobody@nowhere.example")
        await page.get_by_role("button", name="Do it").click()
        await expect(page.get_by_role("cell", name=one["email"])).to_be_visible()
        await page.get_by_role("button", name="Add from a file").click()
        file = {"name": "people.csv", "mimeType": "text/csv", "buffer": b"name,phone\nx,050 111 22 33\n"}
        await page.locator("input[type=file]").set_input_files(files=[file])
        await expect(page.get_by_role("cell", name=other["email"])).to_be_visible()
        async with page.expect_download() as download:
            await page.get_by_role("link", name="Export as CSV").click()
        text = (await (await download.value).path()).read_text()
        assert {row["email"] for row in csv.DictReader(io.StringIO(text))} == {one["email"], other["email"]}
        await page.get_by_role("button", name="Take people out").click()
        await page.get_by_label("E-mails, phones or ids").fill(one["email"])
        await page.get_by_role("button", name="Do it").click()
        await expect(page.get_by_role("cell", name=one["email"])).to_have_count(0)
        upload = await page.evaluate("window.clientId")
        await page.get_by_role("button", name="Delete").click()
        await page.get_by_role("button", name="Do it").click()
        await expect(page.get_by_role("heading", name="Segments")).to_be_visible()
        await expect(page.get_by_role("link", name="by-hand")).to_have_count(0)
    cookies = {"ordercue_session": desk.console.cookies[Role.MARKETER]}
    async with httpx.AsyncClient(base_url=desk.console.url, trust_env=False, cookies=cookies) as http:
        assert (await http.get("/export/segments", params={"name": "by-hand"})).status_code == 403
        sent = await http.post(f"/_nicegui/client/{upload}/upload/5", headers={"Origin": desk.console.url})
        assert sent.status_code == 403  # the page of another session


async def test_a_cell_of_the_grid_opens_its_contacts_and_becomes_a_segment(desk: Desk, browser: Browser) -> None:
    bought = order(status="DELIVERED", storeId="grid-shop", date=datetime.now(UTC).isoformat(), firstName=HOSTILE)
    await desk.product.post(bought)
    await _until_known(desk, bought)
    async with desk.console.open(browser, Role.MARKETER) as page:
        await page.goto(f"{desk.console.url}/rfm?store=grid-shop")
        await expect(page.get_by_label("Heat map: Last order")).to_be_visible()
        async with page.expect_download() as download:
            await page.get_by_role("link", name="These figures as CSV").click()
        cells = csv.DictReader(io.StringIO((await (await download.value).path()).read_text()))
        assert {(one["recency"], one["frequency"]): one["contacts"] for one in cells}["1", "1"] == "1"
        await page.locator("table.oc-heat a[href^='/rfm/1/1']").click()
        await expect(page.get_by_role("link", name=HOSTILE)).to_be_visible()
        await expect(page.get_by_text("Take the filters away to make a segment of it.")).to_be_visible()
        await page.goto(f"{desk.console.url}/rfm/1/1")
        await page.get_by_role("button", name="To a segment").click()
        await page.get_by_label("Name").fill("bought lately, once")
        await page.get_by_role("button", name="Do it").click()
        await expect(page.get_by_text("RFM recency 1 and frequency 1")).to_be_visible()
        await page.goto(f"{desk.console.url}/rfm/flows")
        await expect(page.get_by_role("heading", name="Who moved")).to_be_visible()
        await expect(page.locator("table.oc-heat, .oc-empty").first).to_be_visible()


async def test_reports_show_figures_beside_the_days_before_and_give_them_as_csv(desk: Desk, browser: Browser) -> None:
    now = datetime.now(UTC)
    mine = {"storeId": "report-shop", "status": "DELIVERED", "currency": "EUR"}
    await desk.product.post(
        order(**mine, totalCost=300, date=now.isoformat()),
        order(**mine, totalCost=200, date=(now - timedelta(days=40)).isoformat()),
    )
    async with desk.console.open(browser, Role.VIEWER) as page:
        await page.goto(f"{desk.console.url}/reports?store=report-shop")
        revenue = page.locator(".oc-card", has_text="Revenue")
        await expect(revenue).to_contain_text("€300.00")
        await expect(revenue).to_contain_text("▲ 50%")
        await expect(page.locator(".oc-chart canvas").first).to_be_visible()
        async with page.expect_download() as download:
            await page.get_by_role("link", name="These figures as CSV").click()
        (row,) = csv.DictReader(io.StringIO((await (await download.value).path()).read_text()))
        assert (row["currency"], row["orders"], float(row["revenue"])) == ("EUR", "1", 300.0)
        for view, says in (("customers", "New"), ("funnel", "DELIVERED"), ("automations", "Runs")):
            await page.goto(f"{desk.console.url}/reports?view={view}&from_date=2026-13-99&unit=century")
            await expect(page.get_by_text(says).first).to_be_visible()
