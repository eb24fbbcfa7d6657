"""The builder in a real browser: a marketer builds an automation from nothing, and nothing that was written is lost."""

from datetime import UTC, datetime
from typing import Any

from playwright.async_api import Browser, Page, expect

from automation.definition import Definition, load_definition
from automation.revision import changes
from store import automations
from store.tables.user import Role
from tests.builders import an_order as order
from tests.console.browser import Console
from tests.product import Product
from tests.servers import SmtpServer

BUILT = """
name: Delivered, thank you and review request
start:
  event: orderDELIVERED
  where: { field: order.totalCost, op: gte, value: 20 }
stop:
  - { event: orderCANCELLED }
  - { event: orderINITIALIZED, match: contact }
  - { unsubscribed: email }
steps:
  - get_order: { id: get-order-1 }
  - send: { id: thanks, channel: email, template: thanks }
  - wait: { id: pause, for: 10d, at: "10:00", zone: contact, not_on: [sat, sun] }
  - get_order: { id: get-order-2 }
  - send: { id: review, channel: email, template: review, not_after: 3d }
"""


async def _set(page: Page, label: str, value: str) -> None:
    """Fill a field of the open card."""
    field = page.get_by_label(label, exact=True)
    if await field.evaluate("(one) => one.tagName") == "SELECT":
        await field.select_option(value)
    else:
        await field.fill(value)
        await field.press("Tab")


async def _add(page: Page, at: int, kind: str, settings: dict[str, str]) -> None:
    await page.get_by_label(f"Add a step at steps {at}", exact=True).select_option(kind)
    await expect(page.get_by_label(f"Add a step at steps {at + 1}", exact=True)).to_be_visible()
    for name, value in settings.items():
        await _set(page, name, value)


async def test_a_marketer_builds_the_review_request_from_nothing_tries_backtests_and_publishes_it(
    console: Console, product: Product, browser: Browser, smtp_server: SmtpServer
) -> None:
    before = order(status="DELIVERED")
    await product.post(before)
    async with console.open(browser, Role.MARKETER) as page:
        await page.goto(f"{console.url}/automations")
        await page.get_by_role("link", name="New automation").click()
        await page.get_by_role("link", name="Begin with this: Empty").click()
        await _set(page, "Name *", "Delivered, thank you and review request")
        await page.get_by_role("button", name="Starts:").click()
        await _set(page, "Where", "{ field: order.totalCost, op: gte, value: 20 }")
        stops = page.get_by_role("button", name="Stops:")
        for number, kind in enumerate(("an event", "an event", "unsubscribing"), 1):
            await page.get_by_role("button", name=f"Add a stop by {kind}").click()
            await expect(stops).to_have_count(number)
            if number == 2:
                await _set(page, "Event *", "orderINITIALIZED")
                await _set(page, "Match", "contact")
        await _add(page, 1, "get_order", {})
        await _add(page, 2, "send", {"Id *": "thanks", "Template *": "thanks"})
        await _add(page, 3, "wait", {"Id *": "pause", "For": "ten days"})
        await expect(page.get_by_role("alert").filter(has_text="is not a duration")).to_be_visible()
        await _set(page, "For", "10d")
        for label, value in {"At": "10:00", "Zone": "contact", "Not on": "sat, sun"}.items():
            await _set(page, label, value)
        await _add(page, 4, "get_order", {})
        await _add(page, 5, "send", {"Id *": "review", "Template *": "review", "Not after": "3d"})
        await expect(page.get_by_text("This can be published.")).to_be_visible()
        await _tries(page, before)
        await _backtests(page, before)
        await page.get_by_role("button", name="Publish").click()
        await expect(page.get_by_text("version 1 is live.").first).to_be_visible()
    async with product.database.transaction() as session:
        found = await automations.find(session, "Delivered, thank you and review request")
        live = await automations.version(session, found.id, 1)
    differences = changes(load_definition(BUILT), Definition.model_validate(live.definition))
    assert [one.sentence for one in differences] == []
    delivered = order(status="DELIVERED")
    await product.post(delivered)
    await product.wait_for(delivered, "run", lambda runs: [run["state"] for run in runs] == ["waiting"])
    (mail,) = await smtp_server.wait_for(1)
    assert mail["X-Envelope-To"] == delivered["email"]


async def _tries(page: Page, before: dict[str, Any]) -> None:
    """The way is lit, and the mails are those that it would send."""
    await _set(page, "Try it with the order", before["externalOrderId"])
    await page.get_by_role("button", name="Try it").click()
    await expect(page.get_by_text("Sends thanks by email")).to_be_visible()
    await expect(page.get_by_text("Sends review by email")).to_be_visible()
    mail = page.frame_locator("iframe").first
    await expect(mail.get_by_text(f"Order {before['externalOrderId']}")).to_be_visible()
    await expect(page.locator(".oc-flow g.taken")).to_have_count(7)  # five steps, the start and the end


async def _backtests(page: Page, before: dict[str, Any]) -> None:
    """Today's order would have got one message, the review later; it was not live."""
    await _set(page, "From", datetime.now(UTC).date().isoformat())
    await page.get_by_role("button", name="Backtest").click()
    await expect(page.get_by_text("really: it was not live")).to_be_visible()
    await expect(page.locator("canvas")).to_be_visible()
    row = page.get_by_role("row", name="messages of thanks")
    await expect(row.get_by_role("cell").nth(1)).to_have_text("1")
    await expect(page.get_by_role("link", name=before["externalOrderId"]).first).to_be_visible()


async def test_a_recipe_brings_its_templates_and_no_draft_is_lost(
    console: Console, product: Product, browser: Browser
) -> None:
    async with console.open(browser, Role.MARKETER) as page:
        await page.goto(f"{console.url}/automations/new")
        await page.get_by_role("link", name="Begin with this: Delivered").click()
        await page.get_by_role("button", name="Add them").click()
        await expect(page.get_by_text("This can be published.")).to_be_visible()
        await _set(page, "Name *", "Kept")
        await page.wait_for_url("**/builder?automation=*")
        # a text that cannot be read is kept by the browser
        editor = page.locator(".cm-content")
        await editor.click()
        await page.keyboard.press("Control+End")
        await page.keyboard.insert_text("\n  - send: { unfinished")
        await expect(page.get_by_text("The text cannot be read; correct it first.")).to_be_visible()
        await page.wait_for_function("Object.keys(localStorage).some((key) => key.startsWith('oc-draft:'))")
        await page.reload()
        await expect(page.get_by_label("Name *")).to_have_value("Kept")
        await page.get_by_role("button", name="Take it").click()
        await expect(editor).to_contain_text("unfinished")
        await page.get_by_role("button", name="Undo").click()
        await expect(page.get_by_label("Name *")).to_have_value("Kept")
        # two tabs on one draft
        other = await page.context.new_page()
        await other.goto(page.url)
        await _set(other, "Name *", "Kept by the other tab")
        await expect(other.locator(".cm-content")).to_contain_text("Kept by the other tab")
        await _set(page, "Name *", "Kept by this tab")
        await page.get_by_role("button", name="Keep mine").click()
        await expect(page.get_by_text("You go on with this text.")).to_be_visible()
        await page.get_by_role("button", name="Undo").click()
        await expect(page.get_by_label("Name *")).to_have_value("Kept by the other tab")
        await page.get_by_role("button", name="Redo").click()
        await expect(page.get_by_label("Name *")).to_have_value("Kept by this tab")
    async with product.database.transaction() as session:
        assert [one.name for one in await automations.list_all(session)] == ["Kept by this tab"]


async def test_publishing_tells_what_it_touches_and_archiving_what_it_ends(
    console: Console, product: Product, browser: Browser
) -> None:
    await product.publish(BUILT.replace("  where: { field: order.totalCost, op: gte, value: 20 }\n", ""))
    delivered = order(status="DELIVERED")
    await product.post(delivered)
    await product.wait_for_run(delivered, "waiting")
    async with console.open(browser, Role.MARKETER) as page:
        await page.goto(f"{console.url}/automations")
        row = page.get_by_role("row", name="Delivered, thank you")
        await expect(row.get_by_role("img", name="1 messages in the last 24 hours")).to_be_visible()
        await row.get_by_role("link", name="Delivered, thank you").click()
        await expect(page.locator("svg").get_by_text("(1 here)")).to_be_visible()
        await page.get_by_role("link", name="Edit").click()
        await expect(page.get_by_text("Nothing differs from what is live.")).to_be_visible()
        await page.get_by_role("button", name="Remove: pause").click()
        await expect(page.get_by_text("pause removed")).to_be_visible()
        await expect(page.get_by_text("finish on their version (1)")).to_be_visible()
        await expect(page.get_by_text("(0 go on, 1 finish on theirs)")).to_be_visible()
        await expect(page.get_by_text("stop before their next message (1)")).to_be_visible()
        await page.goto(f"{console.url}/automations")
        await page.get_by_role("link", name="Delivered, thank you").click()
        await page.get_by_role("button", name="Archive").click()
        await expect(page.get_by_text("1 running runs end before their next message.")).to_be_visible()
        await page.get_by_label("Write archive to confirm").fill("archive")
        await page.get_by_role("button", name="Do it").click()
        await expect(page.locator(".oc-hero").get_by_text("archived")).to_be_visible()
        # a new one of that name would become its next version
        await page.goto(f"{console.url}/builder?recipe=delivered-review")
        await page.get_by_role("button", name="Undo").click()
        await expect(page.get_by_text("There is nothing to undo.")).to_be_visible()
        await page.get_by_role("button", name="Add them").click()
        await expect(page.get_by_text("This can be published.")).to_be_visible()
        await page.get_by_role("button", name="Publish").click()
        await expect(page.get_by_text("already; give this one another name.")).to_be_visible()
    stopped = await product.wait_for_run(delivered, "stopped")
    assert stopped["stop"]["kind"] == "archived"
