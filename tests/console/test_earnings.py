"""What messages led to, in the list of automations and in the report."""

import csv
import io
from datetime import UTC, datetime, timedelta

from playwright.async_api import Browser, expect

from store.tables.user import Role
from tests.console.desk import Desk
from tests.tracking.rows import Rows


async def test_revenue_stands_in_the_list_and_in_the_report_with_its_file(desk: Desk, browser: Browser) -> None:
    now = datetime.now(UTC)
    definition = {
        "name": "Earner",
        "start": {"event": ["orderEARNED"]},
        "steps": [{"send": {"id": "offer", "channel": "email", "template": "thanks"}}],
    }
    async with desk.product.database.transaction() as session:
        rows = Rows(session)
        contact, version = await rows.contact(), await rows.automation("Earner", definition)
        sent = now - timedelta(hours=3)
        clicked = sent + timedelta(minutes=1)
        message = await rows.message(await rows.run(version, contact, sent), sent, step="offer", clicked=clicked)
        await rows.feedback(message, "clicked", clicked)
        await rows.order(contact, now - timedelta(hours=1), total=725)
    async with desk.console.open(browser, Role.VIEWER) as page:
        await page.goto(f"{desk.console.url}/automations")
        await expect(page.get_by_role("columnheader", name="Revenue in 30 days")).to_be_visible()
        await page.get_by_role("button", name="Count the revenue anew").click()  # another test may have had it counted
        await expect(page.get_by_role("row", name="Earner")).to_contain_text("725.00")
        await expect(page.locator(".oc-skeleton")).to_have_count(0)
        await page.goto(f"{desk.console.url}/reports?view=attribution&by=step&automation=Earner")
        row = page.get_by_role("row", name="offer")
        await expect(row).to_contain_text("725.00")
        await expect(page.get_by_text("As of")).to_be_visible()
        async with desk.product.database.transaction() as session:
            await Rows(session).order(contact, now - timedelta(minutes=30), total=100)
        answer = await page.reload()
        assert answer is not None
        assert "725.00" in await answer.text()  # kept figures come with the page
        await page.get_by_role("button", name="Count anew").click()
        await expect(row).to_contain_text("825.00")
        await expect(page.get_by_text("As of")).to_be_visible()
        async with page.expect_download() as download:
            await page.get_by_role("link", name="These figures as CSV").click()
        (line,) = csv.DictReader(io.StringIO((await (await download.value).path()).read_text()))
        assert (line["step"], line["clicked"], float(line["revenue"])) == ("offer", "1", 825.0)
        await page.goto(f"{desk.console.url}/reports?view=attribution&by=arm")
        await expect(page.get_by_text("No person was divided by a split in these days.")).to_be_visible()
