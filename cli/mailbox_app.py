"""API and pages of the mailbox."""

from itertools import islice
from typing import Annotated

from fastapi import FastAPI, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import AwareDatetime, BaseModel, StringConstraints
from starlette.middleware.trustedhost import TrustedHostMiddleware

from cli.mailbox_folder import MailFolder
from cli.mailbox_message import Content, Summary
from cli.mailbox_page import MAIL_POLICY, PAGE_POLICY, list_page, mail_document, message_page, missing_page

_PAGE_ROWS = 100
_OWN_SITES = frozenset({"same-origin", "none", None})
"""What Sec-Fetch-Site says of a request that no other site caused."""

Id = Annotated[str, StringConstraints(pattern=r"^\d{1,20}$")]


class Messages(BaseModel):
    """An answer of the list."""

    messages: list[Summary]
    total: int
    """All messages in the mailbox, found or not."""


def create_mailbox_app(folder: MailFolder, *, hosts: list[str]) -> FastAPI:
    """Serves one folder, to requests for these hosts only."""
    app = FastAPI(title="Ordercue mailbox", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=hosts)  # a name that was bent to this machine gets nothing
    _add_api(app, folder)
    _add_pages(app, folder)
    return app


def _add_api(app: FastAPI, folder: MailFolder) -> None:
    @app.get("/api/messages")
    async def find_messages(
        to: str = "",
        subject: str = "",
        after: Annotated[Id | AwareDatetime | None, Query(description="An id, or a moment with its offset.")] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 500,
    ) -> Messages:
        """The newest first. `to` and `subject` are parts of it, in any case."""
        found = islice(folder.find(to=to, subject=subject, after=after), limit)
        return Messages(messages=list(found), total=len(folder))

    @app.get("/api/messages/{key}")
    async def get_message(key: str) -> Content:
        found = await folder.read(key)
        if found is None:
            raise HTTPException(404, f"no message {key!r}")
        return found

    @app.delete("/api/messages", status_code=204)
    async def delete_messages(request: Request) -> None:
        await _clear(folder, request)


def _add_pages(app: FastAPI, folder: MailFolder) -> None:
    @app.get("/", response_class=HTMLResponse)
    async def show_list(to: str = "", subject: str = "", before: Id | None = None) -> HTMLResponse:
        found = list(islice(folder.find(to=to, subject=subject, before=before), _PAGE_ROWS + 1))
        page = list_page(
            found[:_PAGE_ROWS], to=to, subject=subject, total=len(folder), has_older=len(found) > _PAGE_ROWS
        )
        return _answer(page)

    @app.get("/messages/{key}", response_class=HTMLResponse)
    async def show_message(key: str) -> HTMLResponse:
        message = await folder.read(key)
        if message is None:
            return _answer(missing_page(), status=404)
        newer, older = folder.neighbours(key)
        return _answer(message_page(message, newer=newer, older=older))

    @app.get("/messages/{key}/html", response_class=HTMLResponse)
    async def show_html(key: str) -> HTMLResponse:
        message = await folder.read(key)
        if message is None or message.html is None:
            return _answer(missing_page(), status=404)
        return _answer(mail_document(message.html), policy=MAIL_POLICY)

    @app.get("/messages/{key}/source")
    async def show_source(key: str) -> Response:
        source = await folder.source(key)
        if source is None:
            return _answer(missing_page(), status=404)
        return Response(source, media_type="text/plain; charset=utf-8", headers=_headers(PAGE_POLICY))

    @app.post("/delete")
    async def delete_all(request: Request) -> RedirectResponse:
        await _clear(folder, request)
        return RedirectResponse("/", status_code=303)


async def _clear(folder: MailFolder, request: Request) -> None:
    if request.headers.get("sec-fetch-site") not in _OWN_SITES:
        raise HTTPException(403, "another site may not delete messages")
    await folder.clear()


def _answer(page: str, *, policy: str = PAGE_POLICY, status: int = 200) -> HTMLResponse:
    return HTMLResponse(page.encode("utf-8", "replace"), status_code=status, headers=_headers(policy))


def _headers(policy: str) -> dict[str, str]:
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
