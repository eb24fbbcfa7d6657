"""The pages behind the links of a message, as a browser, a mail program and a scanner see them."""

import re
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from temporalio.testing import WorkflowEnvironment

from automation.template import parse_template
from core.settings import Settings
from store.suppressions import reasons_of, suppress
from store.templates import apply_template
from tests.builders import an_order
from tests.consent.test_sending import NEWS, codes
from tests.product import Product, running_product
from tests.servers import SmtpServer

_ONE_CLICK = {"List-Unsubscribe": "One-Click"}
_TOPICS = {"offers": {"en": "Offers", "uk": "Акції"}}


async def _sent(product: Product, smtp_server: SmtpServer, language: str = "en") -> tuple[str, str]:
    """A message went out: the address, and the path of its link to unsubscribe."""
    await product.publish(NEWS)
    order = an_order()
    channels = [{"type": "email", "value": order["email"]}]
    person = {"externalCustomerId": order["externalCustomerId"], "channels": channels, "languageCode": language}
    assert (await product.http.post("/api/v1/contact", json=person)).status_code == 200
    await product.post(order)
    assert await codes(product, order) == [("sent", None)] * 2
    link = str(smtp_server.messages[0]["List-Unsubscribe"]).strip("<>")
    return str(order["email"]), link.removeprefix(product.settings.public_url)


async def _reasons(product: Product, address: str) -> set[tuple[str, str]]:
    async with product.database.transaction() as session:
        return await reasons_of(session, "email", address)


def _anybody(product: Product) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=product.http._transport, base_url=product.http.base_url)


async def test_looking_changes_nothing_and_one_click_unsubscribes(product: Product, smtp_server: SmtpServer) -> None:
    address, path = await _sent(product, smtp_server)
    async with _anybody(product) as http:
        page = await http.get(path)
        assert page.status_code == 200
        assert "Unsubscribe from everything" in page.text
        assert address not in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "<script" not in page.text
        assert await _reasons(product, address) == set()
        # RFC 8058 leaves the choice between both kinds of forms, and a program may repeat itself
        ways: list[dict[str, Any]] = [
            {"data": _ONE_CLICK},
            {"files": {key: (None, _ONE_CLICK[key]) for key in _ONE_CLICK}},
            {"data": _ONE_CLICK | {f"more{n}": "x" for n in range(600)}},
        ]
        for way in ways:
            for _ in range(2):
                assert (await http.post(path, **way)).status_code == 200
            assert await _reasons(product, address) == {("unsubscribed", "")}
            assert (await http.post(path, data={"choice": "again"})).status_code == 200
    async with product.database.transaction() as session:
        said = list(await session.execute(text("SELECT state, provenance FROM consent_change ORDER BY id")))
    assert [tuple(row) for row in said] == [("withdrawn", "one_click"), ("granted", "page")] * 3


async def test_the_page_is_in_the_contacts_language_with_topics_that_can_be_left_and_taken_up(
    live_settings: Settings, temporal_env: WorkflowEnvironment, smtp_server: SmtpServer
) -> None:
    settings = live_settings.model_copy(update={"topics": _TOPICS})
    async with running_product(settings, temporal_env.client) as product:
        address, path = await _sent(product, smtp_server, "uk")
        async with _anybody(product) as http:
            page = (await http.get(path)).text
            assert 'lang="uk"' in page
            assert re.findall(r'value="(\w+)"( checked)?> ([^<]+)<', page) == [
                ("offers", " checked", "Акції"),
                ("news", " checked", "news"),
            ]
            saved = await http.post(path, data={"choice": "topics", "topic": ["offers"]})
            assert "збережено" in saved.text
            assert await _reasons(product, address) == {("unsubscribed", "news")}
            await http.post(path, data={"choice": "all"})
            assert ("unsubscribed", "") in await _reasons(product, address)
            again = await http.post(path, data={"choice": "again"})
            assert "знову" in again.text
            assert await _reasons(product, address) == {("unsubscribed", "news")}


@pytest.mark.parametrize("page", ["unsubscribe", "confirm", "view"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_link_that_was_made_up_leads_nowhere(page: str, method: str, product: Product) -> None:
    async with _anybody(product) as http:
        answer = await http.request(method, f"/{page}/made.up", headers={"Accept-Language": "uk-UA,en;q=0.8"})
    assert answer.status_code == (405 if (page, method) == ("view", "POST") else 404)
    if answer.status_code == 404:
        assert "Тут нічого немає" in answer.text


async def test_a_mail_is_shown_as_a_page_that_runs_nothing_and_confirming_needs_a_press(
    product: Product, smtp_server: SmtpServer
) -> None:
    source = "---\nsubject: Please\n---\n<p>Hello</p><a href='{{ view_url }}'>v</a><a href='{{ confirm_url }}'>c</a>"
    async with product.database.transaction() as session:
        content = parse_template("linked", source).model_dump(exclude_none=True)
        await apply_template(session, "linked", content)
    await product.publish(NEWS.replace("template: thanks, obligatory", "template: linked, obligatory"))
    order = an_order()
    address = str(order["email"])
    async with product.database.transaction() as session:
        await suppress(session, "email", [address], "unconfirmed", provenance="api")
    await product.post(order)
    assert await codes(product, order) == [("skipped", "unconfirmed"), ("sent", None)]
    html = smtp_server.messages[0].get_body(("html",)).get_content()
    view, confirm = (
        link.removeprefix(product.settings.public_url) for link in re.findall(r"href=['\"]([^'\"]+)", html)
    )
    async with _anybody(product) as http:
        shown = await http.get(view)
        assert "<p>Hello</p>" in shown.text
        assert shown.headers["content-security-policy"].startswith("sandbox allow-popups")
        assert "Confirm your address" in (await http.get(confirm)).text
        assert await _reasons(product, address) == {("unconfirmed", "")}
        assert "is confirmed" in (await http.post(confirm)).text
    assert await _reasons(product, address) == set()
