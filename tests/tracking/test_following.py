"""A mail goes out with links that are followed; its reader, a scanner and a forger ask for them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.feedback.collecting import FeedbackCommits
from api.pages.visits import Visits
from api.starter import Starter
from core.settings import Settings
from core.temporal import connect
from store.session import open_database
from tests.builders import an_order
from tests.feedback.providers import from_resend
from tests.product import Product
from tests.servers import SmtpServer
from tests.tracking.mails import BROWSER, CUP, a_mail, addresses, follow, publish_mail, told
from tests.tracking.rows import Rows

_CLICKED = """
name: Clicked
start: { event: messageClicked, where: { field: event.url, op: ends_with, value: "#reviews" }, unique: each_time }
steps:
  - send: { id: more, channel: email, template: review, track: none }
"""
_CHECKS = """
name: Checks
start: { event: orderDELIVERED }
steps:
  - get_order: {}
  - send: { id: thanks, channel: email, template: thanks }
  - wait_for: { id: read, event: messageOpened, timeout: 10d }
  - check_message: { id: seen, message: thanks, state: opened, then: [ { send: { id: more, channel: email,
      template: review, track: none } } ] }
"""


async def test_a_reader_is_led_on_and_a_machine_is_not_counted(product: Product, smtp_server: SmtpServer) -> None:
    await publish_mail(product)
    await product.publish(_CLICKED)
    order, message, html = await a_mail(product, smtp_server)
    cup, bowl, _, mailto, unsubscribe, view, picture = addresses(html)
    base = product.settings.public_url
    assert [one.removeprefix(base).split("/")[1] for one in (cup, bowl, picture)] == ["click", "click", "open"]
    assert mailto == "mailto:help@shop.example"
    assert unsubscribe.startswith(f"{base}/unsubscribe/")
    assert view.startswith(f"{base}/view/")
    kept = (await told(product, message))["content"]["html"]
    assert CUP.replace("&", "&amp;") in kept
    assert "/click/" not in kept + (await follow(product, view)).text

    for method, agent in (("HEAD", BROWSER), ("GET", "Mozilla/5.0 (compatible; bingbot/2.0)"), ("GET", "")):
        machine = await follow(product, cup, method=method, agent=agent)
        assert (machine.status_code, machine.headers["location"]) == (302, CUP)
        assert (await follow(product, picture, method=method, agent=agent)).status_code == 200
    assert (await told(product, message))["state"] == "sent"

    shown = await follow(product, picture)
    assert (shown.headers["content-type"], shown.headers["cache-control"]) == ("image/gif", "no-store")
    assert (await told(product, message))["state"] == "opened"
    for _ in range(2):
        assert (await follow(product, cup)).headers["location"] == CUP
    assert (await told(product, message))["state"] == "clicked"
    await smtp_server.wait_for(2, seconds=60)
    async with product.database.transaction() as session:
        rows = (await session.execute(text("SELECT source, kind, url FROM message_feedback ORDER BY at"))).all()
        events = await session.scalar(text("SELECT count(*) FROM order_event WHERE event_type = 'messageClicked'"))
    assert [tuple(row) for row in rows] == [("own", "opened", None), ("own", "clicked", CUP)]
    assert events == 1
    later = smtp_server.sent_to(order["email"])[1]
    assert "/open/" not in later.get_body(("html",)).get_content()


async def test_a_click_that_the_provider_tells_of_too_is_one_click(product: Product, smtp_server: SmtpServer) -> None:
    """The provider follows links as well, so that it knows the address as it stood in the mail: ours."""
    await publish_mail(product)
    await product.publish(_CLICKED)
    order, message, html = await a_mail(product, smtp_server)
    cup = addresses(html)[0]
    click = {
        "ipAddress": "1.2.3.4",
        "link": cup,
        "timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "userAgent": "x",
    }
    assert (await follow(product, cup)).headers["location"] == CUP
    assert (await from_resend(product, "clicked", message, click=click)).json()["recorded"] == 1
    bought = datetime.now(UTC)
    same = {name: order[name] for name in ("externalCustomerId", "email")}
    again = an_order(**same, date=bought.isoformat())
    await product.post(again)
    await product.wait_for_run(again, "done")
    async with product.database.transaction() as session:
        clicks = (await session.execute(text("SELECT source, url FROM message_feedback WHERE kind = 'clicked'"))).all()
        events = await session.scalar(text("SELECT count(*) FROM order_event WHERE event_type = 'messageClicked'"))
    assert sorted(map(tuple, clicks)) == [("own", CUP), ("resend", CUP)]
    assert events == 1
    days = {"from": f"{bought:%Y-%m-%d}", "to": f"{bought:%Y-%m-%d}", "by": "step"}
    rows = (await product.http.get("/api/v1/reports/attribution", params=days)).json()["rows"]
    assert [(row["clicked"], row["orders"]) for row in rows if row["automation"] == "Thanks"] == [(1, 1)]


async def test_a_forged_link_leads_nowhere(product: Product, smtp_server: SmtpServer) -> None:
    await publish_mail(product)
    _, message, html = await a_mail(product, smtp_server)
    cup, *_, picture = addresses(html)
    forged = [
        cup[:-1] + ("A" if cup[-1] != "A" else "Q"),  # the last character has two bits that say nothing
        cup.replace("/click/", "/click/x"),
        picture.replace("/open/", "/click/"),
        cup.replace("/click/", "/open/"),
        f"{product.settings.public_url}/click/{'x' * 5000}",
    ]
    for address in forged:
        answer = await follow(product, address)
        assert answer.status_code == 404
        assert "location" not in answer.headers
        assert "Nothing here" in answer.text
    assert (await told(product, message))["state"] == "sent"


async def test_a_run_waits_for_an_opening_and_check_message_sees_it(product: Product, smtp_server: SmtpServer) -> None:
    await publish_mail(product, _CHECKS)
    order = {"externalOrderId": "checks", "email": "checks@shop.example", "status": "DELIVERED"}
    await product.post(order | {"totalCost": 1, "date": "2026-11-20T10:00:00Z"})
    await product.wait_for(order, "run", lambda runs: [one["state"] for one in runs] == ["waiting"])
    (mail,) = smtp_server.sent_to("checks@shop.example")
    await follow(product, addresses(mail.get_body(("html",)).get_content())[-1])
    await product.wait_for_run(order, "done")
    assert len(smtp_server.sent_to("checks@shop.example")) == 2


@pytest.mark.parametrize(("links", "counted"), [(2, 3), (3, 0), (5, 0)])
async def test_who_follows_three_links_of_a_new_mail_at_once_is_a_scanner(
    links: int, counted: int, settings: Settings
) -> None:
    """What is held is settled when the process ends, so nothing has to be waited for."""
    now, client = datetime.now(UTC), await connect(settings, lazy=True)
    database = open_database(settings.database_url, pool_size=2)
    async with database.transaction() as session:
        rows = Rows(session)
        run = await rows.run(await rows.automation("Mails"), await rows.contact(), now)
        new, old = await rows.message(run, now), await rows.message(run, now - timedelta(hours=1), step="old")
    async with (
        Starter(client).running() as starter,
        FeedbackCommits(database, starter, client).running() as commits,
        Visits(commits, hold_seconds=600).running() as visits,
    ):
        for number in range(links):
            await visits.note(new, made=now, now=now, url=f"https://shop.example/{number}")
            await visits.note(old, made=now - timedelta(hours=1), now=now, url=f"https://shop.example/{number}")
        await visits.note(new, made=now, now=now)
    async with database.transaction() as session:
        assert await _visits_of(session, new) == counted
        assert await _visits_of(session, old) == links
    await database.close()


async def _visits_of(session: AsyncSession, message: UUID) -> int | None:
    return await session.scalar(
        text("SELECT count(*) FROM message_feedback WHERE message_id = :message"), {"message": message}
    )
