"""What is followed of a mail, and that nothing else of it changes."""

import re
from datetime import UTC, datetime
from hashlib import sha256
from html import unescape
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.message_links import followed_content, to_be_followed
from automation.template_links import relink, with_picture
from channels.base import AddressKind
from core.links import Links, Purpose
from core.tracking import Track, is_machine, own_feedback

_LINKS = Links("https://cue.shop.example", ["s" * 32])
_FOLLOWED = [
    ('<a href="https://shop.example/cup?a=1&amp;b=2#top">', "https://shop.example/cup?a=1&b=2#top"),
    ("<A class=x HREF='http://shop.example/'>", "http://shop.example/"),
    ("<a href=https://shop.example/x>", "https://shop.example/x"),
    ('<a title="x href=https://no.example" href=" https://shop.example/чашка ">', "https://shop.example/чашка"),
    ('<area href="HTTPS://shop.example/">', "HTTPS://shop.example/"),
]
_LEFT = [
    '<a href="mailto:a@shop.example">',
    '<a href="tel:+380441234567">',
    '<a href="#top">',
    '<a href="/cup">',
    '<a href="javascript:alert(1)">',
    '<a href="https://shop.example\\@other.example/">',
    '<a href="https://shop.example/a b">',
    '<a href="https://[">',
    '<a data-track="off" href="https://shop.example/">',
    '<link href="https://shop.example/x.css">',
    '<!-- <a href="https://shop.example/"> -->',
    '<style>a[href="x"]{} <a href="https://shop.example/"></style>',
    '<a href="https://cue.shop.example/unsubscribe/x.y">',
    f'<a href="https://shop.example/{"".join(sha256(bytes([n])).hexdigest() for n in range(60))}">',
]


def _followed(html: str, track: Track = Track.CLICKS) -> str:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    kept = {"html": html} | to_be_followed(track, AddressKind.EMAIL, html, now)
    return str(followed_content(_LINKS, uuid4(), kept)["html"])


@pytest.mark.parametrize(("tag", "address"), _FOLLOWED)
def test_a_link_leads_through_ours_to_where_it_led(tag: str, address: str) -> None:
    html = _followed(f"<p>&nbsp;Hello {tag}cup</a></p>")
    (link,) = re.findall(r'"(https://cue.shop.example/click/[^"]+)"', html)
    assert _LINKS.target(unescape(link)) == address
    assert html.replace(f'"{link}"', "LINK") == re.sub(
        r"""(href=)("[^"]*"|'[^']*'|[^ >]+)>""", r"\1LINK>", f"<p>&nbsp;Hello {tag}cup</a></p>", flags=re.IGNORECASE
    )


@pytest.mark.parametrize("tag", _LEFT)
def test_what_is_no_link_of_a_page_stays_as_it_was(tag: str) -> None:
    assert _followed(f"<body>{tag}cup</a></body>") == f"<body>{tag}cup</a></body>"


def test_the_picture_stands_at_the_end_of_the_body() -> None:
    html = _followed("<body><p>Hello</p></body></html>", Track.OPENS)
    assert re.fullmatch(r'<body><p>Hello</p><img src="https://cue\.shop\.example/open/[^"]+"[^>]+></body></html>', html)
    assert with_picture("<p>Hello", "x").startswith("<p>Hello<img ")
    assert _followed('<a href="https://shop.example/">', Track.NONE) == '<a href="https://shop.example/">'


@given(html=st.text(st.sampled_from("<>/ah=\"'! -&;bodyrefhttps:.x\\")).map(lambda part: f"<a href={part}>x</a>{part}"))
def test_any_html_keeps_everything_but_its_addresses(html: str) -> None:
    seen: list[str] = []
    assert relink(html, lambda address: seen.append(address) or None) == html  # type: ignore[func-returns-value] # notes
    other = relink(html, lambda _: "https://other.example/")
    assert other.count("https://other.example/") >= len(seen)


@pytest.mark.parametrize(
    ("method", "headers", "machine"),
    [
        ("GET", {"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit/605 Mobile/15E148"}, False),
        ("GET", {"user-agent": "Mozilla/5.0 (Windows NT 5.1) Firefox/11.0 (via ggpht.com GoogleImageProxy)"}, False),
        ("GET", {"user-agent": "Mozilla/5.0 (Linux; Android 12; CUBOT X70) Chrome/120 Mobile Safari/537.36"}, False),
        ("HEAD", {"user-agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/140"}, True),
        ("GET", {"user-agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/140", "sec-purpose": "prefetch;prerender"}, True),
        ("GET", {"user-agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/140", "x-purpose": "preview"}, True),
        ("GET", {"user-agent": "Mozilla/5.0"}, True),
        ("GET", {}, True),
        ("GET", {"user-agent": "Mozilla/5.0 (compatible; bingbot/2.0)"}, True),
        ("GET", {"user-agent": "python-requests/2.32"}, True),
    ],
)
def test_machines_are_known_by_what_they_say(method: str, headers: dict[str, str], machine: bool) -> None:
    assert is_machine(method, headers) is machine


def test_the_same_link_counts_once_in_an_hour() -> None:
    message, at = uuid4(), datetime(2026, 11, 20, 10, 59, tzinfo=UTC)
    first = own_feedback(message, at, "https://shop.example/")
    assert own_feedback(message, at.replace(minute=1), "https://shop.example/").event_id == first.event_id
    others = [
        own_feedback(message, at.replace(hour=11), "https://shop.example/"),
        own_feedback(message, at, "https://shop.example/cup"),
        own_feedback(message, at, None),
        own_feedback(uuid4(), at, "https://shop.example/"),
    ]
    assert len({one.event_id for one in (first, *others)}) == len(others) + 1


def test_a_token_of_another_purpose_is_none() -> None:
    token = _LINKS.token(Purpose.OPEN, uuid4().hex, 1, "https://shop.example/")
    address = f"https://cue.shop.example/click/{token}"
    assert _LINKS.target(address) == address
