"""The pages in a real browser, used as people use them."""

from playwright.async_api import Browser, expect

from store.tables.user import Role
from tests.builders import an_order as order
from tests.console.browser import Console, change_role
from tests.product import Product
from tests.servers import SmtpServer, Trouble

REVIEW = """
name: Review
start: { event: orderDELIVERED }
steps:
  - get_order: {}
  - send: { id: thanks, channel: email, template: thanks }
  - wait: { id: pause, for: 10d }
  - send: { id: review, channel: email, template: thanks }
"""


async def test_an_operator_finds_why_no_review_request_came_and_stops_the_run(
    console: Console, product: Product, browser: Browser
) -> None:
    await product.publish(REVIEW)
    delivered = order(status="DELIVERED", phone="+380671234567")
    await product.post(delivered)
    await product.wait_for_run(delivered, "waiting")
    async with console.open(browser, Role.OPERATOR) as page:
        await page.goto(f"{console.url}/orders")
        await page.keyboard.press("/")
        await page.keyboard.type("067 123 45 67")
        await page.keyboard.press("Enter")
        await page.get_by_role("link", name=delivered["externalOrderId"]).click()
        await expect(page.get_by_text("Waits at pause until")).to_be_visible()
        await page.get_by_role("link", name="run", exact=True).click()
        await page.get_by_role("button", name="Stop this run").click()
        await page.get_by_label("Reason, kept with the run").fill("the customer asked for it")
        await page.get_by_role("button", name="Do it").click()
        await expect(page.get_by_text("The run is stopped; it sends nothing more.").last).to_be_visible()
    stopped = await product.wait_for_run(delivered, "stopped")
    assert (stopped["stop"]["kind"], stopped["stop"]["reason"]) == ("operator", "the customer asked for it")


async def test_an_operator_skips_a_wait(console: Console, product: Product, browser: Browser) -> None:
    await product.publish(REVIEW)
    delivered = order(status="DELIVERED")
    await product.post(delivered)
    run = await product.wait_for_run(delivered, "waiting")
    async with console.open(browser, Role.OPERATOR) as page:
        await page.goto(f"{console.url}/runs/{run['id']}")
        await page.get_by_role("button", name="Skip this wait").click()
        await expect(page.get_by_text("The wait is over; the run goes on.").last).to_be_visible()
    await product.wait_for_run(delivered, "done")
    sent = await product.entries(delivered, "message")
    assert [message["state"] for message in sent] == ["sent", "sent"]


async def test_an_operator_settles_a_message_whose_outcome_is_unknown(
    console: Console, product: Product, smtp_server: SmtpServer, browser: Browser
) -> None:
    await product.publish(REVIEW)
    smtp_server.fail(Trouble.DROP_AFTER_DATA, times=1)
    delivered = order(status="DELIVERED")
    await product.post(delivered)
    (message,) = await product.wait_for(delivered, "message", lambda found: [m["state"] for m in found] == ["unknown"])
    async with console.open(browser, Role.OPERATOR) as page:
        await page.goto(f"{console.url}/runs?view=errors")
        await expect(page.locator(".oc-bad", has_text="thanks: Unknown whether it arrived")).to_be_visible()
        older = await page.goto(f"{console.url}/runs?view=errors&cursor={message['id']}")
        assert older is not None
        assert older.ok
        await page.goto(f"{console.url}/messages?state=unknown")
        await page.locator("table.oc tbody a").first.click()
        await page.get_by_role("button", name="It arrived").click()
        await page.get_by_role("button", name="Do it").click()
        await expect(page.get_by_text("Say why: it is kept in the audit log.")).to_be_visible()
        await page.get_by_label("How you know").fill("the provider has it")
        await page.get_by_role("button", name="Do it").click()
        await expect(page.get_by_text("The message counts as sent.").last).to_be_visible()
        await expect(page.get_by_role("button", name="It arrived")).to_have_count(0)
    (settled,) = await product.entries(delivered, "message")
    assert (settled["id"], settled["state"]) == (message["id"], "sent")
    audit = (await product.http.get("/api/v1/audit", params={"action": "message.resolve"})).json()
    assert [one["details"] for one in audit["entries"]] == [{"as": "resolved", "why": "the provider has it"}]


async def test_who_lost_the_role_changes_nothing_from_a_page_that_is_still_open(
    console: Console, product: Product, browser: Browser
) -> None:
    await product.publish(REVIEW)
    delivered = order(status="DELIVERED")
    await product.post(delivered)
    run = await product.wait_for_run(delivered, "waiting")
    async with console.open(browser, Role.OPERATOR) as page:
        await page.goto(f"{console.url}/runs/{run['id']}")
        await expect(page.get_by_role("button", name="Stop this run")).to_be_visible()
        await change_role(product.database, "operator@example.com", Role.VIEWER)
        await page.get_by_role("button", name="Stop this run").click()
        await page.get_by_role("button", name="Do it").click()
        await expect(page.get_by_text("This needs the role operator")).to_be_visible()
        await page.reload()
        await expect(page.get_by_role("heading", name="Messages")).to_be_visible()
        await expect(page.get_by_role("button", name="Stop this run")).to_have_count(0)
    await product.wait_for_run(delivered, "waiting")


async def test_a_marketer_pauses_an_automation(console: Console, product: Product, browser: Browser) -> None:
    await product.publish(REVIEW)
    async with console.open(browser, Role.MARKETER) as page:
        await page.goto(f"{console.url}/automations")
        await page.get_by_role("link", name="Review").click()
        await expect(page.locator("svg").first).to_be_visible()
        await page.get_by_role("button", name="Pause").click()
        await expect(page.get_by_text("Review is paused now.")).to_be_visible()
    delivered = order(status="DELIVERED")
    await product.post(delivered)
    (decision,) = await product.wait_for(delivered, "decision", lambda found: len(found) == 1)
    assert "waits until the automation is resumed" in decision["sentence"]


async def test_an_empty_installation_says_what_to_do_first_until_it_is_done(
    console: Console, product: Product, browser: Browser
) -> None:
    async with console.open(browser, Role.ADMIN) as page:
        steps = (
            page.locator(".oc-panel")
            .filter(has=page.get_by_role("heading", name="First steps"))
            .get_by_role("listitem")
        )
        await page.goto(console.url)
        await expect(steps).to_have_count(2)
        await expect(steps.last).to_contain_text("/api/v1/orders")
        await product.publish(REVIEW)
        await page.reload()
        await expect(steps).to_have_count(1)
        await product.post(order())
        await page.reload()
        await expect(page.get_by_text("orders this hour")).to_be_visible()
        await expect(steps).to_have_count(0)


async def test_a_viewer_sees_no_settings(console: Console, browser: Browser) -> None:
    async with console.open(browser, Role.MARKETER) as page:
        answer = await page.goto(f"{console.url}/settings")
        assert answer is not None
        assert answer.status == 403
        await expect(page.get_by_role("alert").first).to_contain_text("needs the role admin")


async def test_what_does_not_exist_says_so_and_the_other_pages_go_on(console: Console, browser: Browser) -> None:
    async with console.open(browser, Role.VIEWER) as page:
        for path in (
            "/orders/not-an-id",
            "/runs/01a20c05-1181-730a-bf4c-4967edd2ec35",
            "/messages/x",
            "/automations/x",
        ):
            answer = await page.goto(console.url + path)
            assert answer is not None
            assert answer.status == 404, path
            await expect(page.get_by_role("alert").first).to_contain_text("There is no such")
        answer = await page.goto(f"{console.url}/no-page")
        assert answer is not None
        assert answer.status == 404
        await expect(page.get_by_role("alert").first).to_contain_text("There is no page with this address.")
        await expect(page.get_by_role("link", name="Orders")).to_be_visible()
        await expect(page.locator(".oc-frame [aria-current]")).to_have_count(0)
        await page.goto(f"{console.url}/orders")
        await expect(page.get_by_text("No such orders.")).to_be_visible()
