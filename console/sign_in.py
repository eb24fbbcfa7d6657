"""The way in and out: plain HTML, so that it needs nothing but a browser."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup, escape

from console.guard import COOKIE
from console.services import Services
from console.text import spoken, tr
from core.passwords import LONGEST, is_password
from store import users

router = APIRouter(include_in_schema=False)

_MOST_FAILURES = 8
"""After so many failures of one address, e-mail or network, it rests for a quarter of an hour."""

_PAGE = Markup("""<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title} · Ordercue</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<style>:root{{--ink:#0f172a;--line:#c9d1dc;--card:#fff;--back:#f5f7fa;--accent:#2450d3;--on:#fff;--bad:#a31616}}
@media(prefers-color-scheme:dark){{:root{{--ink:#eef2f8;--line:#3b4658;--card:#161c26;--back:#0e131b;
--accent:#9db8ff;--on:#0b1220;--bad:#ffaaa3}}}}body{{font:15px/1.5 ui-sans-serif,system-ui,sans-serif;display:grid;
place-items:center;min-height:100vh;margin:0;background:var(--back);color:var(--ink)}}main{{width:min(23rem,92vw);
box-sizing:border-box;padding:1.6rem;background:var(--card);border:1px solid var(--line);border-radius:.6rem}}
h1{{display:flex;gap:.5rem;align-items:center;margin:0 0 1rem;font-size:1.25rem}}h1::before{{content:"";
width:1.5rem;height:1.5rem;border-radius:.45rem;
background:radial-gradient(circle at 50% 50%,#fff 0 22%,transparent 23%),linear-gradient(135deg,#2450d3,#7c3aed)}}
label{{display:block;margin:.8rem 0 .2rem;font-weight:550}}input{{width:100%;padding:.55rem .65rem;font:inherit;
box-sizing:border-box;border:1px solid var(--line);border-radius:.45rem;background:var(--card);color:var(--ink)}}
button{{margin-top:1.3rem;width:100%;padding:.6rem;font:inherit;font-weight:600;cursor:pointer;
background:var(--accent);color:var(--on);border:0;border-radius:.45rem}}
:focus-visible{{outline:3px solid var(--accent);outline-offset:2px}}[role=alert]{{border-left:4px solid var(--bad);
padding:.2rem .8rem;margin:0}}</style></head>
<body><main><h1>Ordercue</h1>{alert}{body}</main></body></html>""")
_FORM = Markup("""<form method="post" action="/sign-in"><input type="hidden" name="next" value="{next}">
<label for="email">{email_label}</label><input id="email" name="email" type="email" autocomplete="username" required
value="{email}"{at_email}><label for="password">{password_label}</label><input id="password" name="password"
type="password" autocomplete="current-password" required maxlength="200"{at_password}>
<button>{button}</button></form>""")
_LINK = Markup(
    """<form method="post" action="/sign-in/{token}"><p>{text}</p><button autofocus>{button}</button></form>"""
)


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/sign-in")
async def show(next: str = "/") -> Response:  # noqa: A002 - the usual name of this parameter
    """The form."""
    return _form(next)


@router.post("/sign-in")
async def sign_in(
    request: Request,
    email: Annotated[str, Form(max_length=320)],
    password: Annotated[str, Form(max_length=LONGEST)],
    next: Annotated[str, Form(max_length=2000)] = "/",  # noqa: A002 - as above
) -> Response:
    """Check the password. What failed is not told: an attacker learns nothing about which addresses exist."""
    services: Services = request.state.services
    now = datetime.now(UTC)
    subjects = [f"email:{email}", f"network:{request.client.host if request.client else '-'}"]
    async with services.database.transaction() as session:
        if await users.failures(session, subjects, now) >= _MOST_FAILURES:
            return _form(
                next, email, tr("Too many attempts. Wait a quarter of an hour, or ask for a sign-in link."), 429
            )
        await users.note_failure(session, subjects, now)  # taken back below: two attempts at once both count
        user = await users.find_user(session, email)
    right = await asyncio.to_thread(is_password, user.password_hash if user else None, password)  # 50 ms of work
    if not right or user is None or user.disabled_at is not None:
        return _form(next, email, tr("E-mail or password is wrong."), 401)
    async with services.database.transaction() as session:
        for subject in subjects:
            await users.forgive(session, subject)
        token = await users.begin_session(session, user.id, now, longest=services.longest)
    return _signed_in(services, token, next)


@router.get("/sign-in/{token}")
async def show_link(token: str) -> Response:
    """A page with a button: the previews of mail programs open links, and would use this one up."""
    body = _LINK.format(token=token, text=tr("This link signs you in once."), button=tr("Sign in"))
    return _page(tr("Sign in"), body)


@router.post("/sign-in/{token}")
async def follow_link(request: Request, token: str) -> Response:
    """Sign in by a link; it works once."""
    services: Services = request.state.services
    now = datetime.now(UTC)
    async with services.database.transaction() as session:
        user_id = await users.use_link(session, token, now)
        session_token = await users.begin_session(session, user_id, now, longest=services.longest) if user_id else None
    if session_token is None:
        return _form("/", "", tr("This link was used or is too old. Make another: ordercue users link EMAIL"), 401)
    return _signed_in(services, session_token, "/")


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session."""
    services: Services = request.state.services
    if request.state.token:
        async with services.database.transaction() as session:
            await users.end_session(session, request.state.token)
    response = RedirectResponse("/sign-in", status_code=303)
    response.delete_cookie(COOKIE)
    return response


def _signed_in(services: Services, token: str, target: str) -> Response:
    response = RedirectResponse(_own(target), status_code=303)
    secure = services.settings.console_url.startswith("https://")
    seconds = int(services.longest.total_seconds())
    response.set_cookie(COOKIE, token, max_age=seconds, httponly=True, samesite="lax", secure=secure)
    return response


def _own(target: str) -> str:
    """A path of ours; anything else would send people away."""
    parts = urlsplit(target)
    safe = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return target if safe and not any(ord(c) < 32 for c in target) else "/"  # noqa: PLR2004 - control characters


def _form(next_: str, email: str = "", alert: str = "", status: int = 200) -> Response:
    here, not_here = Markup(" autofocus"), Markup("")
    body = _FORM.format(
        next=_own(next_), email=email, email_label=tr("E-mail"), password_label=tr("Password"), button=tr("Sign in"),
        at_email=not_here if email else here, at_password=here if email else not_here,
    )  # fmt: skip
    return _page(tr("Sign in"), body, alert, status)


def _page(title: str, body: Markup, alert: str = "", status: int = 200) -> Response:
    said = Markup('<p role="alert">{}</p>').format(escape(alert)) if alert else ""
    return HTMLResponse(_PAGE.format(lang=spoken(), title=title, body=body, alert=said), status_code=status)
