"""A message over the WebSocket reaches only the page whose browser sent it.

NiceGUI finds the page by the id that the message itself names. An id that leaked would let one person press another
one's buttons with that one's role; so a socket may join a page only with the session that opened it, and speak only
to pages that it joined.
"""

import logging
from collections.abc import Awaitable, Callable
from http.cookies import SimpleCookie
from typing import Any

from nicegui import Client, core, nicegui

from console.guard import COOKIE

_LOG = logging.getLogger(__name__)
_SPOKEN = ("event", "javascript_response", "ack", "log")


def bind_sockets() -> None:
    """Put the check before the handlers of NiceGUI; once a process."""
    handlers = core.sio.handlers["/"]
    for name in _SPOKEN:
        if name in handlers:
            handlers[name] = _own(handlers[name])
    # a socket joins with a message of its own, or with the query of its connection: both come here
    handlers["handshake"] = nicegui._on_handshake = _joined(nicegui._on_handshake)  # noqa: SLF001 - there is no hook


def _own(handler: Callable[[str, dict[str, Any]], Any]) -> Callable[[str, dict[str, Any]], Any]:  # Any: NiceGUI's
    def check(sid: str, message: dict[str, Any]) -> Any:  # Any: as above
        if message.get("client_id") in core.sio.rooms(sid):
            return handler(sid, message)
        _LOG.warning("a socket spoke to a page that it has not joined")
        return None

    return check


def _joined(
    handler: Callable[[str, dict[str, Any]], Awaitable[bool]],  # Any: as above
) -> Callable[[str, dict[str, Any]], Awaitable[bool]]:
    async def check(sid: str, data: dict[str, Any]) -> bool:  # Any: as above
        client = Client.instances.get(str(data.get("client_id")))
        found = SimpleCookie(core.sio.get_environ(sid).get("HTTP_COOKIE", "")).get(COOKIE)
        if client is not None and (found is None or client.request.cookies.get(COOKIE) != found.value):
            _LOG.warning("a socket asked to join the page of another session")
            return False
        return await handler(sid, data)

    return check
