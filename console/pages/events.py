"""Event history: what came, whose it was, and what each automation made of it."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode
from uuid import UUID

from markupsafe import Markup
from nicegui import ui

from console.live import watch
from console.markup import breakable, filters, key, link, moment, older, put, state, table, tabs, with_small
from console.place import before, id_of
from console.shell import page
from console.text import tr
from console.visit import Visit
from store.event_list import EventFilter, Row, decisions_of, list_events, list_types
from store.tables.run import Outcome

_PAGE = 50
_SECONDS = 3.0
_TABS = {"all": "All", "errors": "With errors"}


@page("/events", title="Event history")
async def events(visit: Visit) -> None:
    """The list, newest first; with `live` in the address it goes on by itself."""
    query = visit.query
    contact = query.get("contact")
    view = query.get("view", "all")
    wanted = EventFilter(
        event_type=query.get("type"),
        event_key=query.get("text"),
        contact_id=id_of("contact", contact) if contact else None,
        failed=view == "errors",
    )
    cursor = before(query.get("cursor"))
    async with visit.read() as session:
        types = await list_types(session)
    put(
        tabs("/events", query, "view", {name: tr(label) for name, label in _TABS.items()}, view),
        filters(
            {"type": (tr("Type"), [row["event_type"] for row in types]), "text": (tr("Key"), None)},
            query,
        ),
        _switch(query),
    )
    place = ui.element("div").classes("w-full")
    shown: list[object] = [None]

    async def look() -> None:
        async with visit.read() as session:
            found = await list_events(session, wanted, before=cursor, limit=_PAGE + 1)
            decided = await decisions_of(session, [row["id"] for row in found[:_PAGE]])
        news = [(row["id"], row["contact_id"], len(decided.get(row["id"], ()))) for row in found]
        if news == shown[0]:
            return
        shown[0] = news
        place.clear()
        with place:
            put(
                _table(visit, found[:_PAGE], decided),
                older("/events", query, str(found[_PAGE - 1]["id"]) if len(found) > _PAGE else None),
            )

    await look()
    if "live" in query and cursor is None:
        watch(visit, look, seconds=_SECONDS)


def _switch(query: Mapping[str, str]) -> Markup:
    """The live tail can be bookmarked too."""
    if "cursor" in query:
        return Markup("")
    kept = {name: value for name, value in query.items() if name != "live"}
    live = "live" in query
    address = f"/events?{urlencode(kept if live else {**kept, 'live': 'on'})}".rstrip("?")
    told = Markup('<span class="oc-live">{}</span> ').format(tr("New events appear by themselves")) if live else ""
    label = tr("Stop the live view") if live else tr("Watch live")
    return Markup('<div class="oc-row">{}<a class="oc-button" href="{}">{}</a></div>').format(told, address, label)


def _table(visit: Visit, rows: Sequence[Row], decided: Mapping[UUID, Sequence[Row]]) -> Markup:
    zone = visit.services.settings.zone
    return table(
        [tr(name) for name in ("Event", "Key", "Automations", "Contact", "Came")],
        [
            (
                with_small(link(f"/events/{row['id']}", breakable(row["event_type"])), row["effect"]),
                key(row["event_key"], row["order_id"]),
                _outcomes(row, decided.get(row["id"], ())),
                link(f"/contacts/{row['contact_id']}", tr("found")) if row["contact_id"] else tr("none"),
                with_small(moment(row["received_at"], zone), row["source"]),
            )
            for row in rows
        ],
        empty=tr("No such events. Each order that is posted brings one; others come by POST /api/v1/event."),
    )


def _outcomes(row: Row, decisions: Sequence[Row]) -> Markup | str:
    """Each automation that the event meant something to; those that it did not match are counted."""
    if not decisions:
        return "–" if row["decided_at"] else tr("not decided yet")
    meant = [one for one in decisions if one["outcome"] != Outcome.NOT_MATCHED]
    parts = [
        Markup("<span>{} {}</span>").format(
            link(f"/runs/{one['run_id']}", one["automation"]) if one["run_id"] else one["automation"],
            state(one["outcome"]),
        )
        for one in meant
    ]
    if len(meant) < len(decisions):
        parts.append(
            Markup('<span class="oc-soft">{}</span>').format(
                tr("not matched: {count}", count=len(decisions) - len(meant))
            )
        )
    return Markup('<div class="oc-outcomes">{}</div>').format(Markup("").join(parts))
