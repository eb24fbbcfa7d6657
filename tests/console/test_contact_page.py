"""The card of a contact, used as people use it."""

import json
from pathlib import Path

from playwright.async_api import Browser, expect

from store.tables.user import Role
from tests.builders import an_order as order
from tests.console.browser import Console
from tests.product import Product


async def test_an_operator_merges_looks_exports_and_erases(
    console: Console, product: Product, browser: Browser, tmp_path: Path
) -> None:
    one, other = order(firstName="Marta"), order(firstName="Ivan")
    await product.post(one, other)
    ids = {}
    for each in (one, other):
        await product.wait_for(each, "event", lambda found: len(found) == 1)
        answer = {"contacts": list[dict[str, str]]()}
        while not answer["contacts"]:
            answer = (await product.http.get("/api/v1/contacts", params={"email": each["email"]})).json()
        ids[each["email"]] = answer["contacts"][0]["id"]
    async with console.open(browser, Role.OPERATOR) as page:
        await page.goto(f"{console.url}/contacts/{ids[one['email']]}")
        await page.get_by_role("button", name="Merge").click()
        await page.get_by_label("Id of the other contact").fill(ids[other["email"]])
        await page.get_by_role("button", name="Do it").click()
        await expect(page.get_by_text("This would become part of the contact: Ivan")).to_be_visible()
        await page.get_by_role("button", name="Merge them").click()
        await expect(page.get_by_role("button", name="Undo this merge")).to_be_visible()
        moved = page.get_by_role("region", name="Came from").get_by_role("cell", name=other["email"])
        await expect(moved).to_be_visible()
        await page.get_by_role("button", name="Undo this merge").click()
        await expect(moved).to_have_count(0)
        async with page.expect_download() as download:
            await page.get_by_role("button", name="Export").click()
        await (await download.value).save_as(tmp_path / "export.json")
        assert json.loads((tmp_path / "export.json").read_bytes())["contact"]["firstName"] == "Marta"
        await page.get_by_role("button", name="Erase").click()
        await page.get_by_role("button", name="Do it").click()
        await expect(page.get_by_text("Write erase to confirm.")).to_be_visible()
        await page.get_by_label("Write erase to confirm").fill("erase")
        await page.get_by_role("button", name="Do it").click()
        await expect(page.get_by_role("heading", name="Contacts")).to_be_visible()
        gone = await page.goto(f"{console.url}/contacts/{ids[one['email']]}")
        assert gone is not None
        assert gone.status == 404
