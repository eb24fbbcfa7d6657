"""Nothing of the console is seen without a session: pages, data and the WebSocket alike."""

from http.cookies import SimpleCookie
from urllib.parse import quote, urlsplit

from nicegui import Client
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.services import Services
from core.errors import UnavailableError

COOKIE = "ordercue_session"

_OPEN = ("/sign-in", "/healthz", "/_nicegui/", "/static/")
"""What shows no data: the way in, and the scripts and styles of the pages."""

_FILES = "/_nicegui/client/"
"""Where a page takes files: it acts with the role of who opened it, so nobody else may send them."""

_PICTURES = b"pictures=on"
"""In the address of an order: somebody asked for the pictures of its items, which the shop serves."""

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws: wss:; worker-src 'self' blob:; "
        "frame-src 'self' data: blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    ),
}
"""Nothing is fetched from elsewhere. NiceGUI compiles its templates in the page, hence 'unsafe-eval'."""


class Guard:
    """ASGI middleware: puts `user`, `token` and `services` into the request's state, or sends to the sign-in page."""

    def __init__(self, app: ASGIApp, services: "Holder") -> None:
        self._app = app
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let in who may."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        changes = scope["type"] == "websocket" or scope["method"] not in {"GET", "HEAD"}
        if changes and not _same_origin(headers):
            await _refuse(scope, receive, send, "this request came from another site")
            return
        services = self._services.get()
        token = session_token(headers)
        try:
            user = await services.whose(token)
        except UnavailableError:
            await _refuse(scope, receive, send, "the database does not answer; try again soon", status=503)
            return
        scope.setdefault("state", {}).update(user=user, token=token, services=services)
        if scope["path"].startswith(_FILES) and not _opened_by(scope["path"].removeprefix(_FILES).split("/")[0], token):
            await _refuse(scope, receive, send, "this page is another session's")
            return
        if user is None and not scope["path"].startswith(_OPEN):
            if scope["type"] == "websocket" or scope["path"].startswith("/_nicegui_ws"):
                await _refuse(scope, receive, send, "sign in first")
                return
            target = quote(scope["path"] + (f"?{scope['query_string'].decode()}" if scope["query_string"] else ""))
            await RedirectResponse(f"/sign-in?next={target}", status_code=303)(scope, receive, send)
            return
        await self._app(scope, receive, _with_headers(scope, send))


class Holder:
    """The services once they run; the middleware is made before them."""

    def __init__(self) -> None:
        self._services: Services | None = None

    def set(self, services: Services) -> None:
        """From now on."""
        self._services = services

    def get(self) -> Services:
        """Raises UnavailableError before the start and after the end."""
        if self._services is None:
            raise UnavailableError("the console is starting")
        return self._services


def session_token(headers: Headers) -> str | None:
    """The session in the Cookie header."""
    found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    return found.value if found else None


def _opened_by(client_id: str, token: str | None) -> bool:
    """Whether this session opened the page."""
    client = Client.instances.get(client_id)
    return client is not None and token is not None and client.request.cookies.get(COOKIE) == token


def _same_origin(headers: Headers) -> bool:
    """A browser names the origin of every WebSocket and every request that changes something (Fetch standard)."""
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == headers.get("host")


async def _refuse(scope: Scope, receive: Receive, send: Send, why: str, *, status: int = 403) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": why})
        return
    response: Response = PlainTextResponse(why, status_code=status)
    await response(scope, receive, send)


def _with_headers(scope: Scope, send: Send) -> Send:
    if scope["type"] != "http":
        return send

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = {name.lower() for name, _ in message.get("headers", [])}
            asked = scope["path"].startswith("/orders/") and _PICTURES in scope["query_string"].split(b"&")
            message["headers"] = [
                *message.get("headers", []),
                *(
                    (
                        name.lower().encode(),
                        (value.replace("img-src", "img-src https:") if asked else value).encode(),
                    )
                    for name, value in _HEADERS.items()
                    if name.lower().encode() not in given
                ),
            ]
        await send(message)

    return sending
