"""`python -m tests.console.screenshots FOLDER`: every page in light, dark and on a phone.

On the shop of a thousand orders.
"""

import argparse
import asyncio
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from store.tables.user import Role
from tests.console.browser import Console, running_browser, running_console, serving_console
from tests.console.shop import running_shop

LOOKS = {
    "light": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "has_touch": True},
}
ORDER, CHANGED = "A-10997", "A-10999"
"""One whose review request waits, and one that came twice."""
_SETTLED = 1500
"""Milliseconds for what moves: charts and pictures are drawn after the page has come."""


@dataclass(frozen=True)
class Shot:
    """A page, or the one that the first link of a list leads to."""

    name: str
    path: str
    first: str | None = None
    """The beginning of the address of that link."""
    view: str = ""
    """What to add to it."""


SHOTS = (
    Shot("home", "/"),
    Shot("orders", "/orders"),
    Shot("order", f"/orders?text={ORDER}", "/orders/"),
    Shot("order-items", f"/orders?text={ORDER}", "/orders/", "?view=items"),
    Shot("order-versions", f"/orders?text={CHANGED}", "/orders/", "?view=versions"),
    Shot("events", "/events"),
    Shot("event", f"/events?text={ORDER}", "/events/"),
    Shot("contacts", "/contacts"),
    Shot("contact", f"/orders?text={ORDER}", "/contacts/"),
    Shot("automations", "/automations"),
    Shot("automation-new", "/automations/new"),
    Shot("automation", "/automations", "/automations/"),
    Shot("builder", "/automations", "/builder?automation="),
    Shot("runs", "/runs"),
    Shot("run", f"/runs?text={ORDER}", "/runs/"),
    Shot("messages", "/messages"),
    Shot("message", f"/messages?text={ORDER}", "/messages/"),
    Shot("templates", "/templates"),
    Shot("template", "/templates/order-delivered"),
    Shot("template-editor", f"/template-editor?template=review-request&order={ORDER}"),
    Shot("segments", "/segments"),
    Shot("segment", "/segments/regular%20customers"),
    Shot("segment-editor", "/segment-editor?segment=regular%20customers"),
    Shot("rfm", "/rfm"),
    Shot("rfm-cell", "/rfm/3/2"),
    Shot("rfm-flows", "/rfm/flows"),
    Shot("reports", "/reports"),
    Shot("reports-customers", "/reports?view=customers"),
    Shot("reports-statuses", "/reports?view=funnel"),
    Shot("reports-automations", "/reports?view=automations"),
    Shot("settings", "/settings"),
    Shot("settings-channels", "/settings?view=channels"),
    Shot("settings-keys", "/settings?view=keys"),
    Shot("settings-users", "/settings?view=users"),
    Shot("settings-audit", "/settings?view=audit"),
)


async def take(console: Console, browser: Browser, folder: Path, names: frozenset[str] = frozenset()) -> list[Path]:
    """Write the pictures `PAGE-LOOK.png`; of all pages, or of those that are named."""
    made = []
    for look, options in LOOKS.items():
        async with console.open(browser, Role.ADMIN, **options) as page:
            for shot in SHOTS:
                if not names or shot.name in names:
                    await _go(page, console, shot)
                    path = folder / f"{shot.name}-{look}.png"
                    await page.screenshot(path=path)
                    made.append(path)
    return made


async def _go(page: Page, console: Console, shot: Shot) -> None:
    await page.goto(console.url + shot.path)
    if shot.first is not None:
        if shot.name == "builder":
            await page.goto(console.url + await _address(page, "/automations/"))
        await page.goto(console.url + await _address(page, shot.first) + shot.view)
    await expect(page.locator(".oc-main h1").first).to_be_visible()
    await expect(page.locator(".oc-skeleton")).to_have_count(0)
    await page.wait_for_timeout(_SETTLED)


async def _address(page: Page, beginning: str) -> str:
    found = page.locator(f'.oc-main a[href^="{beginning}"]:not([href$="/new"])').first
    return await found.get_attribute("href") or ""


async def _run(place: Path, folder: Path, names: frozenset[str]) -> list[Path]:
    async with (
        running_shop(place) as product,
        serving_console() as served,
        running_console(served, product.settings, product.database) as console,
        running_browser() as browser,
    ):
        return await take(console, browser, folder, names)


def main() -> None:
    """Read the arguments, take the pictures."""
    parser = argparse.ArgumentParser(prog="python -m tests.console.screenshots", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("pages", nargs="*", help="Default: all.")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="ordercue-shots-") as place:
        Path(place).chmod(0o711)  # PostgreSQL passes through as another user when this runs as root
        made = asyncio.run(_run(Path(place), given.folder, frozenset(given.pages)))
    sys.stdout.write("".join(f"{path}\n" for path in made))


if __name__ == "__main__":
    main()
