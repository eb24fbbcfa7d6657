"""Every page is opened once, with an order whose texts are hostile: what is said of all of them is seen there."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, Page, expect

from store.run_list import find_run
from store.tables.user import Role
from tests.builders import an_order as order
from tests.console.desk import Desk

HOSTILE = "<img src=x onerror=\"document.title='taken'\">{{ 7 * 7 }}<script>document.title='taken'</script>"
NAME = f"Every page {HOSTILE[:40]}"
REVIEW = f"""
name: {NAME}
start: {{ event: orderDELIVERED, where: {{ field: order.storeId, op: contains, value: onerror }} }}
steps:
  - get_order: {{}}
  - send: {{ id: thanks, channel: email, template: thanks }}
  - wait: {{ id: pause, for: 10d }}
  - send: {{ id: review, channel: email, template: thanks }}
"""
_ALL: dict[str, object] = {}
_COLOURS = {"runOnly": ["color-contrast"]}
"""What can differ in the dark."""
_SERIOUS = """options => axe.run({...options, resultTypes: ["violations"], selectors: false}).then(found =>
    found.violations
        .filter(one => ["serious", "critical"].includes(one.impact))
        .map(one => [one.id, one.nodes.map(node => node.html.slice(0, 200))]))"""
"""The names of the faults, each with its places."""


@dataclass(frozen=True)
class Looked:
    """What was seen of one page."""

    title: str
    pictures_of_the_text: int
    texts: int
    """How often the hostile text stands there, as text."""
    faults: list[tuple[str, list[str]]]


@pytest.fixture(scope="module")
async def pages(desk: Desk, browser: Browser) -> AsyncIterator[dict[str, Looked]]:
    """By address."""
    await desk.product.publish(REVIEW)
    hostile = order(status="DELIVERED", firstName=HOSTILE, storeId=HOSTILE, additionalInfo={"note": HOSTILE})
    hostile["items"][0]["name"] = HOSTILE
    await desk.product.post(hostile)
    (message,) = await desk.product.wait_for(
        hostile, "message", lambda found: [one["state"] for one in found] == ["sent"]
    )
    run = await desk.product.wait_for_run(hostile, "waiting")
    async with desk.product.database.transaction() as session:
        known = await find_run(session, UUID(run["id"]))
    ids = {name: str(known[f"{name}_id"]) for name in ("order", "contact", "event", "automation")}
    async with desk.console.open(browser, Role.ADMIN) as page:
        yield {
            path: await _look(page, desk.console.url + path)
            for path in _paths(**ids, run=run["id"], message=message["id"])
        }


async def test_pages_have_no_serious_fault_for_assistive_technology(pages: dict[str, Looked]) -> None:
    assert {path: one.faults for path, one in pages.items() if one.faults} == {}


async def test_text_of_orders_is_text_on_every_page(pages: dict[str, Looked]) -> None:
    assert {path: one.title for path, one in pages.items() if "taken" in one.title} == {}
    assert {path: one for path, one in pages.items() if one.pictures_of_the_text} == {}
    for shown in ("/orders", "/contacts", "/automations", "/runs", "/messages"):
        assert pages[shown].texts, shown


async def _look(page: Page, address: str) -> Looked:
    await page.emulate_media(color_scheme="light")
    await page.goto(address)
    await expect(page.locator(".oc-main h1").first).to_be_visible()
    await expect(page.locator(".oc-skeleton")).to_have_count(0)
    await page.evaluate(AXE_SCRIPT)
    faults = await page.evaluate(_SERIOUS, _ALL)
    await page.emulate_media(color_scheme="dark")
    await expect(page.locator("body.body--dark")).to_have_count(1)
    faults += await page.evaluate(_SERIOUS, _COLOURS)
    return Looked(
        await page.title(), await page.locator("img[src=x]").count(), await page.get_by_text("onerror").count(), faults
    )


def _paths(*, order: str, contact: str, event: str, run: str, message: str, automation: str) -> list[str]:
    """Every page, each with something to show."""
    return [
        "/",
        "/builder",
        "/orders",
        "/events?live=on",
        "/contacts",
        "/automations",
        "/runs",
        *(f"/runs?bulk={kind}" for kind in ("stop", "move")),
        "/runs?view=errors",
        "/messages",
        "/templates",
        "/settings",
        f"/orders/{order}",
        *(f"/orders/{order}?view={view}" for view in ("items", "stored", "versions")),
        f"/events/{event}",
        f"/contacts/{contact}",
        f"/automations/{automation}",
        f"/builder?automation={automation}",
        "/automations/new",
        f"/runs/{run}",
        f"/messages/{message}",
        "/templates/thanks",
        "/template-editor",
        "/template-editor?template=thanks",
        "/segments",
        "/segment-editor",
        "/rfm",
        "/rfm/1/1",
        "/rfm/flows",
        "/reports",
        "/reports?view=attribution",
        *(f"/settings?view={view}" for view in ("channels", "keys", "users", "audit")),
    ]
