"""Cards of the builder change their places, by mouse and by keyboard."""

from playwright.async_api import Browser, Page, expect

from store.tables.user import Role
from tests.console.desk import Desk

_CARDS = """
name: Cards that move
start: { event: orderDELIVERED, where: { all: [ { field: order.totalCost, op: gte, value: 1000000000 } ] } }
steps:
  - send: { id: first, channel: email, template: thanks }
  - if:
      id: big
      where: { field: order.totalCost, op: gte, value: 20 }
      then:
        - wait: { id: pause, for: 1d }
        - send: { id: inner, channel: email, template: thanks }
  - wait: { id: last, for: 2d }
"""


async def _drag(page: Page, card: str, at: str, *, by: str = ".oc-grip") -> None:
    """With the mouse: the innermost card that is named is taken by a piece of it, the plus gets it."""
    cards = page.locator(".oc-step").filter(has=page.get_by_role("button", name=f"Remove: {card}"))
    plus = page.get_by_label(f"Add a step at {at}", exact=True)
    await cards.last.locator(by).first.hover()
    await page.mouse.down()
    box = await plus.bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=5)
    await expect(plus).to_contain_class("oc-over")
    await page.mouse.up()
    await expect(page.locator(".oc-carrying, .oc-over")).to_have_count(0)


async def test_cards_go_into_and_out_of_branches_and_keep_the_focus(desk: Desk, browser: Browser) -> None:
    await desk.product.publish(_CARDS)
    # so high that nothing scrolls between taking a card and carrying it
    async with desk.console.open(browser, Role.MARKETER, viewport={"width": 1280, "height": 1600}) as page:
        await page.goto(f"{desk.console.url}/automations")
        await page.get_by_role("link", name="Cards that move").click()
        await page.get_by_role("link", name="Edit").click()
        ways = page.locator(".oc-step").filter(has=page.get_by_role("button", name="Remove: big")).locator(".oc-branch")
        within = ways.first.locator(".oc-step")
        await expect(within).to_have_count(2)
        await _drag(page, "pause", "steps 4")
        await expect(within).to_have_count(1)
        await expect(page.get_by_text("pause stands at another place")).to_be_visible()
        await _drag(page, "first", "steps[1].if.then 1", by=".oc-says")
        await expect(within).to_have_count(2)
        await expect(within.first).to_contain_text("first")
        up = page.get_by_role("button", name="Move up: inner")
        await up.focus()
        await page.keyboard.press("Enter")
        await expect(within.first).to_contain_text("inner")
        await expect(up).to_be_focused()
        plus = page.get_by_label("Add a step at steps 1", exact=True)
        await plus.focus()
        await plus.select_option("wait")
        await expect(page.locator('[data-place="steps/0"] .oc-form :focus')).to_have_count(1)
        await page.locator('[data-place="steps/0"]').get_by_role("button", name="Remove").press("Enter")
        await expect(plus).to_be_focused()
