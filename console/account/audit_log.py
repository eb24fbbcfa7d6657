"""The log of every change, by who, what, to what and when."""

from urllib.parse import urlencode

from markupsafe import Markup

from console.markup import filters, moment, older, put, readable, table
from console.place import before, begins, day_of
from console.text import tr
from console.visit import Visit
from store.audit import AuditFilter, list_audit

_PAGE = 50


async def show(visit: Visit) -> None:
    """Newest first."""
    query, zone = visit.query, visit.services.settings.zone
    put(
        filters(
            {
                "actor": (tr("Who"), None),
                "action": (tr("What"), None),
                "subject": (tr("To what"), None),
                "from_date": (tr("From"), None),
                "to_date": (tr("To"), None),
            },
            query,
        )
    )
    wanted = AuditFilter(
        actor=query.get("actor"),
        action=query.get("action"),
        subject=query.get("subject"),
        since=begins(day_of(query.get("from_date")), zone),
        until=begins(day_of(query.get("to_date")), zone, days=1),
    )
    async with visit.read() as session:
        found = await list_audit(session, wanted, before=before(query.get("cursor")), limit=_PAGE + 1)
    put(
        table(
            [tr(name) for name in ("When", "Who", "What", "To what", "Details")],
            [
                (
                    moment(one.at, zone),
                    _only("actor", one.actor),
                    _only("action", one.action),
                    _only("subject", one.subject),
                    _details(one.details),
                )
                for one in found[:_PAGE]
            ],
            empty=tr("No such change. Every one that is made here, over HTTP or at the command line is listed."),
        ),
        older("/settings", query, str(found[_PAGE - 1].id) if len(found) > _PAGE else None),
    )


def _only(name: str, value: str) -> Markup:
    address = f"/settings?{urlencode({'view': 'audit', name: value})}"
    return Markup('<a href="{}" title="{}">{}</a>').format(address, tr("Only these"), value)


def _details(details: dict[str, object] | None) -> Markup | None:
    if not details:
        return None
    return Markup("<details><summary>{}</summary><pre>{}</pre></details>").format(tr("show"), readable(details))
