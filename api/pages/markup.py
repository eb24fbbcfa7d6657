"""The HTML of the pages: plain forms, no script, nothing from elsewhere."""

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from html import escape
from typing import NamedTuple

from fastapi.responses import HTMLResponse

from api.pages.words import Words

_STYLE = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:4rem auto;padding:0 1rem;"
    "color:#1c1c1a;background:#fff}"
    "button{font:inherit;padding:.6rem 1rem;margin:.5rem 0;border:1px solid #1c1c1a;border-radius:.4rem;"
    "background:#1c1c1a;color:#fff;cursor:pointer}label{display:block;margin:.4rem 0}"
)
_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()
PAGE_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src https: http: data:; "
    "style-src 'unsafe-inline' https:; font-src https: data:; base-uri 'none'; frame-ancestors 'none'"
)
"""A mail's HTML is not ours: it may look like itself and run nothing."""


class Topic(NamedTuple):
    """A box of the form."""

    name: str
    title: str
    wanted: bool


def page(words: Words, title: str, said: str, *forms: str, status: int = 200) -> HTMLResponse:
    """One page: a heading, a sentence, and forms."""
    return HTMLResponse(
        f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>{escape(title)}</h1><p>{escape(said)}</p>{''.join(forms)}</main></body></html>",
        status,
        headers(PAGE_POLICY),
    )


def button(choice: str, label: str) -> str:
    """A form that is one button."""
    return f'<form method="post"><button name="choice" value="{escape(choice)}">{escape(label)}</button></form>'


def topic_form(words: Words, topics: Sequence[Topic]) -> str:
    """A box for each topic; nothing without topics."""
    if not topics:
        return ""
    boxes = "".join(
        f'<label><input type="checkbox" name="topic" value="{escape(one.name)}"{" checked" if one.wanted else ""}> '
        f"{escape(one.title)}</label>"
        for one in topics
    )
    return (
        f'<form method="post"><p>{escape(words.topics)}</p>{boxes}'
        f'<button name="choice" value="topics">{escape(words.save)}</button></form>'
    )


def headers(policy: str) -> dict[str, str]:
    """What every page says of itself: not to be kept, found, framed or told to others."""
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }


def hidden(address: str) -> str:
    """An address that its owner knows again and others do not learn."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}…{at}{domain}" if at else f"…{address[-3:]}"
