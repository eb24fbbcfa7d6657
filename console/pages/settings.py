"""Settings: keys, users, channels, what the account is set to, and the log of every change."""

from collections.abc import Awaitable, Callable

from console.account import audit_log, channels, keys, people, setting_list
from console.markup import put, tabs
from console.shell import page
from console.text import tr
from console.visit import Visit
from store.tables.user import Role

_VIEWS: dict[str, tuple[str, Callable[[Visit], Awaitable[None]]]] = {
    "account": ("Account", setting_list.show),
    "channels": ("Channels", channels.show),
    "keys": ("API keys", keys.show),
    "users": ("Users", people.show),
    "audit": ("Audit log", audit_log.show),
}


@page("/settings", title="Settings", role=Role.ADMIN)
async def settings(visit: Visit) -> None:
    """What admins look after."""
    view = visit.query.get("view", "")
    view = view if view in _VIEWS else next(iter(_VIEWS))
    put(tabs("/settings", {}, "view", {name: tr(label) for name, (label, _) in _VIEWS.items()}, view))
    await _VIEWS[view][1](visit)
