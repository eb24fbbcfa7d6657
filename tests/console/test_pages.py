"""The pages in a real browser, used as people use them."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from store.tables.user import Role
from tests.builders import an_order as order
from tests.console.browser import Console, change_role
from tests.product import Product
from tests.servers import SmtpServer, Trouble

pytestmark = pytest.mark.xdist_group("console")

REVIEW = """
name: Review
start: { event: orderDELIVERED }
steps:
  - get_order: {}
  - send: { id: thanks, channel: email, template: thanks }
  - wait: { id: pause, for: 10d }
  - send: { id: review, channel: email, template: thanks }
"""
HOSTILE = "<img src=x onerror=\"document.title='taken'\">{{ 7 * 7 }}<script>document.title='taken'</script>"


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


async def test_text_of_orders_is_text_on_every_page(console: Console, product: Product, browser: Browser) -> None:
    await product.publish(REVIEW.replace("Review", f"Review {HOSTILE[:40]}"))
    hostile = order(status="DELIVERED", firstName=HOSTILE, storeId=HOSTILE, additionalInfo={"note": HOSTILE})
    hostile["items"][0]["name"] = HOSTILE
    await product.post(hostile)
    (message,) = await product.wait_for(hostile, "message", lambda found: [m["state"] for m in found] == ["sent"])
    run = await product.wait_for_run(hostile, "waiting")
    async with console.open(browser, Role.ADMIN) as page:
        for path in await _paths(product, run_id=run["id"], message_id=message["id"]):
            await page.goto(console.url + path)
            await expect(page.locator(".oc-main h1").first).to_be_visible()
            assert "taken" not in await page.title(), path
            assert await page.locator("img[src=x]").count() == 0, path
        await page.goto(f"{console.url}/orders")
        await expect(page.get_by_text("{{ 7 * 7 }}").first).to_be_visible()


async def test_pages_have_no_serious_fault_for_assistive_technology(
    console: Console, product: Product, browser: Browser
) -> None:
    """Each page is opened once: what can differ in the dark are colours alone."""
    await product.publish(REVIEW)
    delivered = order(status="DELIVERED")
    await product.post(delivered)
    (message,) = await product.wait_for(delivered, "message", lambda found: [m["state"] for m in found] == ["sent"])
    run = await product.wait_for_run(delivered, "waiting")
    found = dict[str, list[tuple[str, list[str]]]]()
    async with console.open(browser, Role.ADMIN) as page:
        for path in await _paths(product, run_id=run["id"], message_id=message["id"]):
            await page.emulate_media(color_scheme="light")
            await page.goto(console.url + path)
            await expect(page.locator(".oc-main h1").first).to_be_visible()
            await expect(page.locator(".oc-skeleton")).to_have_count(0)
            faults = await _serious(page, {})
            await page.emulate_media(color_scheme="dark")
            await expect(page.locator("body.body--dark")).to_have_count(1)
            found[path] = faults + await _serious(page, {"runOnly": ["color-contrast"]})
    assert {path: faults for path, faults in found.items() if faults} == {}


async def _serious(page: Page, options: dict[str, object]) -> list[tuple[str, list[str]]]:
    found = await Axe().run(page, options=options | {"resultTypes": ["violations"]})
    return [
        (one["id"], [node["html"][:200] for node in one["nodes"]])
        for one in found.response["violations"]
        if one["impact"] in {"serious", "critical"}
    ]


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
        await page.goto(f"{console.url}/orders")
        await expect(page.get_by_text("No such orders.")).to_be_visible()


async def _paths(product: Product, *, run_id: str, message_id: str) -> list[str]:
    """Every page, each with something to show."""

    async def first(kind: str) -> str:
        found: str = (await product.http.get(f"/api/v1/{kind}")).json()[kind][0]["id"]
        return f"/{kind}/{found}"

    order_path, automation_path = await first("orders"), await first("automations")
    return [
        "/",
        "/builder",
        "/orders",
        "/events?live=on",
        "/contacts",
        "/automations",
        "/runs",
        "/runs?bulk=stop",
        "/runs?view=errors",
        "/messages",
        "/templates",
        "/settings",
        order_path,
        *(f"{order_path}?view={view}" for view in ("items", "stored", "versions")),
        await first("events"),
        await first("contacts"),
        automation_path,
        f"/builder?automation={automation_path.rpartition('/')[2]}",
        "/automations/new",
        f"/runs/{run_id}",
        f"/messages/{message_id}",
        "/templates/thanks",
        "/template-editor",
        "/template-editor?template=thanks",
        "/segments",
        "/segment-editor",
        "/rfm",
        "/rfm/1/1",
        "/rfm/flows",
        "/reports",
        *(f"/settings?view={view}" for view in ("channels", "keys", "users", "audit")),
    ]
