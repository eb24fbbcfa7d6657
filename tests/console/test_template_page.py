"""Templates, as a marketer writes them."""

import pytest
from playwright.async_api import Browser, Page, expect

from store.tables.user import Role
from tests.console.desk import Desk

pytestmark = pytest.mark.xdist_group("console")


async def _write(page: Page, label: str, text: str) -> None:
    await page.get_by_role("textbox", name=label).click()
    await page.keyboard.press("Control+a")
    await page.keyboard.insert_text(text)


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
