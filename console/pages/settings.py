"""Settings: keys, users, and the log of every change."""

from console.markup import heading, moment, older, put, readable, table
from console.place import before
from console.shell import page
from console.text import tr
from console.visit import Visit
from store.audit import AuditFilter, list_audit
from store.keys import list_keys
from store.tables.user import Role
from store.users import list_users

_PAGE = 50


@page("/settings", title="Settings", role=Role.ADMIN)
async def settings(visit: Visit) -> None:
    """What admins look after."""
    query = visit.query
    async with visit.read() as session:
        keys = await list_keys(session)
        people = await list_users(session)
        changes = await list_audit(session, AuditFilter(), before=before(query.get("cursor")), limit=_PAGE + 1)
    zone = visit.services.settings.zone
    put(
        heading(tr("API keys")),
        table(
            [tr(name) for name in ("Key", "Name", "Scopes", "Last used", "Expires", "Revoked")],
            [
                (
                    f"oc_{key.prefix}_…",
                    key.name,
                    ", ".join(key.scopes),
                    moment(key.last_used_at, zone),
                    moment(key.expires_at, zone),
                    moment(key.revoked_at, zone),
                )
                for key in keys
            ],
            empty=tr("No keys yet: ordercue keys create"),
        ),
        heading(tr("Users")),
        table(
            [tr(name) for name in ("E-mail", "Role", "Since", "Disabled")],
            [(one.email, one.role, moment(one.created_at, zone), moment(one.disabled_at, zone)) for one in people],
            empty=tr("No users yet: ordercue users create"),
        ),
        heading(tr("Audit log")),
        table(
            [tr(name) for name in ("When", "Who", "What", "To what", "Details")],
            [
                (
                    moment(one.at, zone),
                    one.actor,
                    one.action,
                    one.subject,
                    readable(one.details) if one.details else None,
                )
                for one in changes[:_PAGE]
            ],
            empty=tr("No change was made yet."),
        ),
        older("/settings", query, str(changes[_PAGE - 1].id) if len(changes) > _PAGE else None),
    )
