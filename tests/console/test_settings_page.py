"""The settings, used as an admin does."""

import httpx
from playwright.async_api import Browser, Page, expect

from store.tables.user import Role
from tests.console.browser import PASSWORD
from tests.console.desk import Desk


async def _confirm(page: Page, opener: str, **fields: str) -> None:
    """Open a dialog, fill it in and confirm it."""
    await page.get_by_role("button", name=opener, exact=True).click()
    dialog = page.get_by_role("dialog")
    for label, value in fields.items():
        await dialog.get_by_label(label.replace("_", " ")).fill(value)
    await dialog.get_by_role("button", name="Do it").click()


async def test_an_admin_makes_a_key_sees_it_once_and_revokes_it(desk: Desk, browser: Browser) -> None:
    async with desk.console.open(browser, Role.ADMIN) as page:
        await page.goto(f"{desk.console.url}/settings?view=keys")
        await page.get_by_role("button", name="New key").click()
        await page.get_by_role("button", name="Do it").click()
        await expect(page.get_by_text("Say what the key is for.")).to_be_visible()
        await page.get_by_label("What it is for").fill("<b>Shop</b>")
        await page.get_by_label("What it is for").press("Enter")
        key = await page.locator(".oc-secret").inner_text()
        headers = {"Authorization": f"Bearer {key}"}
        assert (await desk.product.http.get("/api/v1/orders", headers=headers)).status_code == 200
        assert (await desk.product.http.get("/api/v1/audit", headers=headers)).status_code == 403
        await page.get_by_role("link", name="I have kept it").click()
        await expect(page.get_by_role("cell", name="<b>Shop</b>")).to_be_visible()
        await expect(page.get_by_text(key)).to_have_count(0)
        await page.get_by_role("button", name="Revoke a key").click()
        await page.get_by_label("Key", exact=True).click()
        await page.get_by_role("option", name="<b>Shop</b>").click()
        await page.get_by_role("button", name="Do it").click()
        await expect(page.get_by_role("cell", name="revoked")).to_be_visible()
        await page.goto(f"{desk.console.url}/settings?view=audit&action=key.revoke")
        await expect(page.get_by_role("link", name=f"key:{key.split('_')[1]}")).to_be_visible()
        await expect(page.get_by_role("link", name="user:admin@example.com").first).to_be_visible()
        await expect(page.get_by_text("key.create")).to_have_count(0)


async def test_an_admin_invites_somebody_gives_a_role_and_keeps_them_out(desk: Desk, browser: Browser) -> None:
    async with desk.console.open(browser, Role.ADMIN) as page:
        await page.goto(f"{desk.console.url}/settings?view=users")
        await _confirm(page, "New user", **{"E-mail": "nobody"})
        await expect(page.get_by_text("That is no e-mail address")).to_be_visible()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("E-mail").fill("olena@shop.example")
        await dialog.get_by_role("button", name="Do it").click()
        link = await page.locator(".oc-secret").inner_text()
        async with httpx.AsyncClient(trust_env=False, headers={"Origin": desk.console.url}) as http:
            signed_in = await http.post(link)
            assert signed_in.status_code == 303
            http.cookies.update(signed_in.cookies)
            assert (await http.get(f"{desk.console.url}/orders")).status_code == 200
            await page.reload()
            await page.get_by_label("User", exact=True).click()
            await page.get_by_role("option", name="olena@shop.example").click()
            await expect(page.get_by_text("olena@shop.example: viewer")).to_be_visible()
            await page.get_by_role("button", name="Disable").click()
            await page.get_by_role("button", name="Do it").click()
            await expect(page.get_by_role("row", name="olena@shop.example").get_by_text("disabled")).to_be_visible()
            assert (await http.get(f"{desk.console.url}/orders")).status_code == 303
        await page.get_by_role("button", name="Change the role").click()
        await page.get_by_role("dialog").get_by_label("Role").click()
        await page.get_by_role("option", name="viewer").click()
        await page.get_by_role("button", name="Do it").click()
        await expect(page.get_by_text("admin@example.com is the only admin; make another one first")).to_be_visible()


async def test_the_settings_say_what_is_set_and_where(desk: Desk, browser: Browser) -> None:
    async with desk.console.open(browser, Role.ADMIN) as page:
        await page.goto(f"{desk.console.url}/settings")
        row = page.get_by_role("row", name="ORDERCUE_ORDER_EVENTS_KEPT_DAYS")
        await expect(row).to_contain_text("1826")
        await page.get_by_role("link", name="Channels").click()
        await expect(page.get_by_role("row", name="email")).to_contain_text("smtp")
        assert PASSWORD not in await page.content()
        await page.get_by_role("button", name="Test a channel").click()
        await page.get_by_label("To: an address of this channel").fill("no address")
        await page.get_by_role("button", name="Do it").click()
        await expect(page.get_by_text("is no address of email")).to_be_visible()
        await page.get_by_label("To: an address of this channel").fill("admin@shop.example")
        await page.get_by_role("button", name="Do it").click()
        await expect(page.get_by_text("Sent to admin@shop.example by email.")).to_be_visible()
        assert [mail["Subject"] for mail in desk.smtp.sent_to("admin@shop.example")] == ["[TEST] Ordercue, email"]
