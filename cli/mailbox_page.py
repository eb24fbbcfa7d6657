"""The pages of the mailbox. Every text in them is escaped; nothing in them comes from outside or runs."""

import re
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from html import escape
from urllib.parse import urlencode

from cli.mailbox_message import Content, Summary

_STYLE = """
:root { color-scheme: light dark; --line: light-dark(#d9d9d4, #3d4148); --dim: light-dark(#5c5c57, #a9adb5);
  --link: light-dark(#2347b0, #9db8ff); --back: light-dark(#ffffff, #16181c); --text: light-dark(#1d1d1b, #e8e8e6) }
body { margin: 0 auto; max-width: 70rem; padding: 0 1rem 3rem; background: var(--back); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif }
a { color: var(--link) }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px }
.skip { position: absolute; left: -999rem }
.skip:focus { position: static }
header, form, nav { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center;
  justify-content: space-between }
form { justify-content: start; margin: 1rem 0 }
input, button { font: inherit; padding: .35rem .6rem; border: 1px solid var(--line); border-radius: .3rem;
  background: var(--back); color: var(--text) }
table { width: 100%; border-collapse: collapse }
th, td { padding: .5rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top;
  overflow-wrap: anywhere }
td time, .dim { color: var(--dim); white-space: nowrap }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; overflow-wrap: anywhere }
dt { color: var(--dim) } dd { margin: 0 }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: 1rem; border: 1px solid var(--line);
  border-radius: .3rem }
iframe { width: 100%; height: 75vh; border: 1px solid var(--line); border-radius: .3rem; background: #fff }
"""
_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()
_SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
"""Links of a mail open in a tab of their own; scripts, forms and the origin of this page stay out of its reach."""

PAGE_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""Content-Security-Policy of a page."""
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; "
    f"frame-ancestors 'self'; sandbox {_SANDBOX}"
)
"""Content-Security-Policy of the HTML part of a mail: it fetches nothing and runs nothing, opened by itself too."""
_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)


def list_page(messages: Sequence[Summary], *, to: str, subject: str, total: int, has_older: bool) -> str:
    """The list, newest first, with a form to look for some."""
    if messages:
        found = _table(messages)
    elif total:
        found = "<p>No message matches.</p>"
    else:
        found = "<p>No messages yet. What is sent to the SMTP port of this mailbox shows up here.</p>"
    older = f'<nav aria-label="Pages">{_older(messages, to, subject)}</nav>' if has_older else ""
    return _page(
        "Mailbox",
        f"""<header><h1>Mailbox <span class="dim">{total:,}</span></h1><a href="/">Refresh</a></header>
<form role="search"><label>To <input name="to" value="{escape(to)}"></label>
<label>Subject <input name="subject" value="{escape(subject)}"></label><button>Find</button></form>
<main id="main">{found}{older}</main>
<form method="post" action="/delete"><button>Delete all messages</button></form>""",
    )


def message_page(message: Content, *, newer: str | None, older: str | None) -> str:
    """One message: who, when, what."""
    title = escape(message.subject) or "(no subject)"
    html = (
        f'<h2 id="html">HTML part</h2><iframe sandbox="{_SANDBOX}" src="/messages/{message.id}/html"'
        ' title="HTML part of the message"></iframe>'
        if message.html is not None
        else ""
    )
    text = f'<h2 id="text">Text part</h2><pre>{escape(message.text)}</pre>' if message.text is not None else ""
    headers = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in message.headers.items())
    return _page(
        title,
        f"""<nav aria-label="Messages"><a href="/">All messages</a>
<span>{_link(newer, "Newer")} {_link(older, "Older")}</span></nav>
<main id="main"><h1>{title}</h1>
<dl><dt>From</dt><dd>{escape(message.headers.get("From", message.sender))}</dd>
<dt>To</dt><dd>{escape(", ".join(message.to))}</dd><dt>Received</dt><dd>{_time(message)}</dd></dl>
{html}{text}
<h2>Headers</h2><dl>{headers}</dl>
<p><a href="/messages/{message.id}/source">Source of the message</a></p></main>""",
    )


def missing_page() -> str:
    """The answer for a message that is not there."""
    return _page(
        "No such message",
        '<main id="main"><h1>No such message</h1><p>It was deleted, or newer ones took its place.</p>'
        '<p><a href="/">All messages</a></p></main>',
    )


def mail_document(html: str) -> str:
    """The HTML part, with its links opening in a tab of their own."""
    base = '<base target="_blank">'
    head = _HEAD.search(html)
    return html[: head.end()] + base + html[head.end() :] if head else base + html


def _page(title: str, body: str) -> str:
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>{_STYLE}</style></head>
<body><a class="skip" href="#main">Skip to the content</a>
{body}
</body></html>
"""


def _table(messages: Sequence[Summary]) -> str:
    rows = "".join(
        f"<tr><td>{_time(message)}</td><td>{escape(', '.join(message.to))}</td>"
        f'<td><a href="/messages/{message.id}">{escape(message.subject) or "(no subject)"}</a></td></tr>'
        for message in messages
    )
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("Received", "To", "Subject"))
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _time(message: Summary) -> str:
    local = message.received_at.astimezone()
    return f'<time datetime="{message.received_at.isoformat()}">{local:%d.%m.%Y %H:%M:%S}</time>'


def _older(messages: Sequence[Summary], to: str, subject: str) -> str:
    query = urlencode({"to": to, "subject": subject, "before": messages[-1].id})
    return f'<a href="/?{escape(query)}" rel="next">Older messages</a>'


def _link(key: str | None, label: str) -> str:
    return f'<a href="/messages/{key}">{label}</a>' if key else f'<span class="dim">{label}</span>'
