"""What a person sees of the mailbox, and what a hostile mail cannot do to them."""

import re

import pytest

from tests.mailbox.running import Mailbox

_HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


async def _only(mailbox: Mailbox) -> str:
    (listed,) = await mailbox.messages()
    key: str = listed["id"]
    return key


async def test_an_empty_mailbox_says_what_to_do(mailbox: Mailbox) -> None:
    page = (await mailbox.http.get("/")).text
    assert "No messages yet" in page


async def test_the_list_links_to_each_message(mailbox: Mailbox) -> None:
    await mailbox.send(subject="Ваше замовлення")
    page = (await mailbox.http.get("/")).text
    assert f'<a href="/messages/{await _only(mailbox)}">Ваше замовлення</a>' in page
    assert "anna@customer.test" in page


async def test_the_list_can_be_searched(mailbox: Mailbox) -> None:
    await mailbox.send(subject="First")
    await mailbox.send(subject="Second")
    page = (await mailbox.http.get("/", params={"subject": "first"})).text
    assert "First" in page
    assert "Second" not in page
    assert "No message matches" in (await mailbox.http.get("/", params={"to": "nobody"})).text


async def test_a_long_list_has_pages(mailbox: Mailbox) -> None:
    await mailbox.send_source(*(f"Subject: Mail {number}.\r\n\r\nx".encode() for number in range(101)))
    first = (await mailbox.http.get("/")).text
    link = re.search(r'<a href="([^"]*)" rel="next">', first)
    assert "Mail 1." in first
    assert "Mail 0." not in first
    assert link is not None
    assert "Mail 0." in (await mailbox.http.get(link[1].replace("&amp;", "&"))).text


async def test_a_message_shows_its_parts_and_neighbours(mailbox: Mailbox) -> None:
    for subject in ("First", "Second", "Third"):
        await mailbox.send(subject=subject, text=f"Text of {subject}", html=f"<p>{subject}</p>")
    third, second, first = [message["id"] for message in await mailbox.messages()]
    page = (await mailbox.http.get(f"/messages/{second}")).text
    assert "Text of Second" in page
    assert f'<a href="/messages/{third}">Newer</a>' in page
    assert f'<a href="/messages/{first}">Older</a>' in page
    assert "<p>Second</p>" not in page


async def test_the_html_part_is_framed_without_scripts_and_origin(mailbox: Mailbox) -> None:
    await mailbox.send(html=f"<!doctype html><html><head><title>x</title></head><body>{_HOSTILE}</body></html>")
    key = await _only(mailbox)
    page = (await mailbox.http.get(f"/messages/{key}")).text
    sandbox = re.search(r'<iframe sandbox="([^"]*)"', page)
    assert sandbox is not None
    assert not {"allow-scripts", "allow-same-origin", "allow-forms"} & set(sandbox[1].split())
    part = await mailbox.http.get(f"/messages/{key}/html")
    policy = part.headers["content-security-policy"]
    assert _HOSTILE in part.text
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script" not in policy
    assert '<head><base target="_blank">' in part.text


async def test_text_of_a_mail_is_text_everywhere(mailbox: Mailbox) -> None:
    await mailbox.send(subject=_HOSTILE, text=_HOSTILE, headers={"X-Note": _HOSTILE})
    for path in ("/", f"/?subject={_HOSTILE}", f"/messages/{await _only(mailbox)}"):
        page = (await mailbox.http.get(path)).text
        assert "<script" not in page
        assert "<img" not in page
        assert "&lt;script&gt;" in page


async def test_the_source_is_plain_text(mailbox: Mailbox) -> None:
    await mailbox.send_source(b"Subject: x\r\n\r\n<script>")
    answer = await mailbox.http.get(f"/messages/{await _only(mailbox)}/source")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.text.endswith("Subject: x\r\n\r\n<script>\r\n")


@pytest.mark.parametrize("path", ["/", "/messages/1"])
async def test_a_page_takes_nothing_from_outside(mailbox: Mailbox, path: str) -> None:
    answer = await mailbox.http.get(path)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert not re.search(r"https?://|<script|<link", answer.text)


async def test_a_page_can_be_used_by_keyboard_and_screen_reader(mailbox: Mailbox) -> None:
    await mailbox.send(html="<p>x</p>")
    for path in ("/", f"/messages/{await _only(mailbox)}"):
        page = (await mailbox.http.get(path)).text
        assert '<html lang="en">' in page
        assert '<a class="skip" href="#main">' in page
        assert page.count("<h1") == page.count('<main id="main">') == 1
        assert all("title=" in frame for frame in re.findall(r"<iframe[^>]*>", page))


async def test_messages_are_deleted_from_the_page(mailbox: Mailbox) -> None:
    await mailbox.send()
    answer = await mailbox.http.post("/delete", headers={"Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert await mailbox.messages() == []


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_another_site_deletes_nothing(mailbox: Mailbox, site: str) -> None:
    await mailbox.send()
    assert (await mailbox.http.post("/delete", headers={"Sec-Fetch-Site": site})).status_code == 403
    assert len(await mailbox.messages()) == 1


async def test_a_foreign_name_of_this_machine_gets_nothing(mailbox: Mailbox) -> None:
    assert (await mailbox.http.get("/api/messages", headers={"Host": "evil.test"})).status_code == 400
