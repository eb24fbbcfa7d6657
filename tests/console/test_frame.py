"""What all pages have: keys, a look that fits the screen, errors that leave the others alone."""

import logging
import re

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import text

from store.tables.user import Role
from tests.console.browser import Console
from tests.product import Product


async def test_everything_is_reached_by_keyboard_and_the_focus_is_seen(console: Console, browser: Browser) -> None:
    async with console.open(browser, Role.VIEWER) as page:
        await page.goto(f"{console.url}/runs")
        await page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="To the content")
        await expect(skip).to_be_focused()
        assert await skip.evaluate("(one) => getComputedStyle(one).outlineStyle") == "solid"
        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
        await page.keyboard.press("g")
        await page.keyboard.press("o")
        await page.wait_for_url("**/orders")
        await page.keyboard.press("/")
        await expect(page.locator(".oc-main [data-search]")).to_be_focused()
        await page.keyboard.type("g o")  # letters of a search are no keys
        await expect(page.locator(".oc-main [data-search]")).to_have_value("g o")


async def test_a_phone_and_the_dark_have_a_look_of_their_own(console: Console, browser: Browser) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
    async with console.open(browser, Role.MARKETER, **phone) as page:
        for path in ("/", "/orders", "/automations", "/automations/new", "/builder"):
            await page.goto(console.url + path)
            await expect(page.locator(".oc-main h1").first).to_be_visible()
            assert await page.evaluate("document.documentElement.scrollWidth") <= 390, path
        assert await page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"
        menu = page.get_by_role("button", name="Menu")
        await expect(page.get_by_role("link", name="Contacts")).to_be_hidden()
        await menu.click()
        await expect(menu).to_have_attribute("aria-expanded", "true")
        await page.get_by_role("link", name="Contacts").click()
        await page.wait_for_url("**/contacts")
        await page.goto(f"{console.url}/reports?view=automations")
        await expect(page.locator(".oc-tabs [aria-current]")).to_be_in_viewport(ratio=0.9)


async def test_a_page_that_throws_shows_an_id_that_is_in_the_log_and_the_others_go_on(
    console: Console, product: Product, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    async with product.database.transaction() as session:
        await session.execute(text("ALTER TABLE template_version RENAME TO gone"))
    async with console.open(browser, Role.VIEWER) as page:
        with caplog.at_level(logging.ERROR):
            answer = await page.goto(f"{console.url}/templates")
        assert answer is not None
        assert answer.status == 500
        told = await page.get_by_role("alert").inner_text()
        found = re.search(r"under ([0-9a-f]{12});", told)
        assert found, told
        assert "template_version" not in told
        (record,) = [one for one in caplog.records if found[1] in one.getMessage()]
        assert record.exc_info is not None
        await page.get_by_role("link", name="Orders").click()
        await expect(page.get_by_text("No such orders.")).to_be_visible()
