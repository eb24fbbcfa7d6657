"""Templates, as a marketer writes them."""

from playwright.async_api import Browser, Page, expect

from store.tables.user import Role
from tests.builders import an_order as order
from tests.console.desk import Desk

HOSTILE = "<script>parent.document.title='taken'</script><img src=x onerror=\"parent.document.title='taken'\">"


async def _write(page: Page, label: str, text: str) -> None:
    await page.get_by_role("textbox", name=label).click()
    await page.keyboard.press("Control+a")
    await page.keyboard.insert_text(text)


async def test_a_marketer_writes_a_template_looks_at_it_for_an_order_and_publishes_it(
    desk: Desk, browser: Browser
) -> None:
    one = order(status="DELIVERED", firstName=f"Olena {HOSTILE}")
    await desk.product.post(one)
    async with desk.console.open(browser, Role.MARKETER) as page:
        await page.goto(f"{desk.console.url}/templates")
        await page.get_by_role("link", name="New template").click()
        await page.get_by_label("Name, as automations call it").fill("written-here")
        await page.get_by_label("Subject").fill("Order {{ order.externalOrderId }}")
        await _write(page, "Body of the message", "<p>Hello, {{ order.firstName }}!</p>\n<p>{{ order.totalCst }}</p>")
        await expect(page.get_by_role("button", name="warning: html, line 2")).to_contain_text("totalCst")
        frame = page.frame_locator("iframe")
        await expect(frame.get_by_text("Hello, Anna!")).to_be_visible()
        await page.get_by_label("Look at it with the order").fill(one["externalOrderId"])
        await page.keyboard.press("Enter")
        await expect(frame.get_by_text(f"Hello, Olena {HOSTILE}!")).to_be_visible()
        await expect(page.get_by_text(f"Order {one['externalOrderId']}", exact=True)).to_be_visible()
        await page.get_by_role("radio", name="Phone").click()
        await expect(page.locator("iframe.oc-narrow")).to_have_count(1)
        await _write(page, "Body of the message", "<p>{{ order.firstName | upper }}</p>")
        await expect(page.get_by_role("button", name="error: html, line 1")).to_contain_text("unknown filter")
        await page.get_by_role("button", name="Publish as a new version").click()
        await expect(page.get_by_text("unknown filter").last).to_be_visible()
        await _write(page, "Body of the message", "<p>Hello, {{ order.firstName }}!</p>")
        await expect(page.get_by_text("Nothing to correct.")).to_be_visible()
        await page.get_by_role("button", name="Publish as a new version").click()
        await expect(page.get_by_text("written-here version 1 is what is sent from now on.")).to_be_visible()
        await page.get_by_role("button", name="Send a test").click()
        await page.get_by_label("To: an e-mail address or a phone").fill("marketer@shop.example")
        await page.get_by_role("button", name="Do it").click()
        await expect(page.get_by_text("Sent to marketer@shop.example by email.")).to_be_visible()
        (mail,) = desk.smtp.sent_to("marketer@shop.example")
        assert mail["Subject"] == f"[TEST] Order {one['externalOrderId']}"
        assert "taken" not in await page.title()
        await page.goto(f"{desk.console.url}/templates/written-here?order={one['email']}&width=phone")
        await expect(page.frame_locator("iframe").get_by_text(f"Hello, Olena {HOSTILE}!")).to_be_visible()
    audit = (await desk.product.http.get("/api/v1/audit", params={"subject": "template:written-here"})).json()
    assert [(one["actor"], one["action"]) for one in audit["entries"]] == [
        ("user:marketer@example.com", "template.test"),
        ("user:marketer@example.com", "template.publish"),
    ]


async def test_a_template_speaks_another_language_and_keeps_its_versions(desk: Desk, browser: Browser) -> None:
    body = {"subject": "Thanks", "html": "<p>Thank you</p>"}
    assert (await desk.product.http.put("/api/v1/templates/two-tongues", json=body)).is_success
    async with desk.console.open(browser, Role.MARKETER) as page:
        await page.goto(f"{desk.console.url}/templates/two-tongues")
        await page.get_by_role("link", name="Edit").click()
        await page.get_by_role("button", name="Add a language").click()
        await page.get_by_label("Its tag, such as uk or de-AT").fill("uk")
        await page.get_by_role("button", name="Do it").click()
        await expect(page.get_by_role("button", name="Remove this language")).to_be_visible()
        await page.get_by_label("Subject").fill("Дякуємо")
        await _write(page, "Body of the message", "<p>Щиро дякуємо</p>")
        await expect(page.frame_locator("iframe").get_by_text("Щиро дякуємо")).to_be_visible()
        await page.get_by_role("button", name="Publish as a new version").click()
        await expect(page.get_by_text("two-tongues version 2 is what is sent from now on.")).to_be_visible()
        await page.goto(f"{desk.console.url}/templates/two-tongues?language=uk")
        await expect(page.get_by_role("heading", name="Дякуємо")).to_be_visible()
        await page.get_by_role("link", name="Versions").click()
        await page.get_by_role("link", name="version 1").click()
        await expect(page.get_by_role("heading", name="Thanks")).to_be_visible()
        await expect(page.get_by_label("Language")).to_have_count(0)
        await page.goto(f"{desk.console.url}/templates/two-tongues?version=99999999999")
        await expect(page.locator(".oc-hero")).to_contain_text("version 2")
