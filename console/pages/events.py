"""Event history: what came, whose it was, and what each automation made of it."""

from uuid import UUID

from markupsafe import Markup

from automation.reasons import message_sentence, run_sentence, sentence
from console.markup import cards, document, filters, heading, link, moment, older, put, readable, state, table
from console.place import before, id_of
from console.shell import page
from console.text import tr
from console.visit import Visit
from store.event_list import EventFilter, find_event, list_events, list_types

_PAGE = 50


@page("/events", title="Event history")
async def events(visit: Visit) -> None:
    """The list, newest first."""
    query = visit.query
    contact = query.get("contact")
    wanted = EventFilter(
        event_type=query.get("type"),
        event_key=query.get("text"),
        contact_id=id_of("contact", contact) if contact else None,
        failed=query.get("outcome") == "with errors",
    )
    async with visit.read() as session:
        types = await list_types(session)
        found = await list_events(session, wanted, before=before(query.get("cursor")), limit=_PAGE + 1)
    put(
        filters(
            {
                "type": (tr("Type"), [row["event_type"] for row in types]),
                "text": (tr("Key"), None),
                "outcome": (tr("Outcome"), ["with errors"]),
            },
            query,
        )
    )
    zone = visit.services.settings.zone
    put(
        table(
            [tr(name) for name in ("Event", "Key", "Effect", "Contact", "Source", "Came")],
            [
                (
                    link(f"/events/{row['id']}", row["event_type"]),
                    link(f"/orders/{row['order_id']}", row["event_key"]) if row["order_id"] else row["event_key"],
                    row["effect"],
                    link(f"/contacts/{row['contact_id']}", tr("found")) if row["contact_id"] else tr("none"),
                    row["source"],
                    moment(row["received_at"], zone),
                )
                for row in found[:_PAGE]
            ],
            empty=tr("No such events. Each order that is posted brings one; others come by POST /api/v1/event."),
        ),
        older("/events", query, str(found[_PAGE - 1]["id"]) if len(found) > _PAGE else None),
    )


@page("/events/{event_id}", title="Event")
async def event(visit: Visit) -> None:
    """One event with its parameters and decisions."""
    async with visit.read() as session:
        found = await find_event(session, id_of("event", visit.path("event_id")))
    zone = visit.services.settings.zone
    order = link(f"/orders/{found['order_id']}", found["external_order_id"]) if found["order_id"] else "–"
    contact = link(f"/contacts/{found['contact_id']}", tr("found")) if found["contact_id"] else tr("none")
    put(
        cards(
            {
                tr("event"): found["event_type"],
                tr("key"): found["event_key"],
                tr("effect"): found["effect"],
                tr("order"): order,
                tr("contact"): contact,
                tr("came"): moment(found["received_at"], zone),
            }
        ),
        heading(tr("What the automations made of it")),
        table(
            [tr(name) for name in ("Automation", "Outcome", "Why", "Run")],
            [
                (
                    f"{row['automation']} v{row['version']}",
                    state(row["outcome"]),
                    sentence(row["reason"]),
                    link(f"/runs/{row['run_id']}", tr("run")) if row["run_id"] else "–",
                )
                for row in found["decisions"]
            ],
            empty=tr("No automation starts on this event, or it is not decided yet."),
        ),
        heading(tr("Runs and messages")),
        _story(found["runs"], found["messages"]),
        heading(tr("Parameters")),
        document(readable(found["params"] or found["snapshot"] or {})),
    )


def _story(runs: list[dict[str, object]], messages: list[dict[str, object]]) -> Markup:
    lines = [
        Markup("<li>{} {}</li>").format(
            link(f"/runs/{UUID(str(row['id']))}", row["automation"]),
            run_sentence(str(row["state"]), step=_text(row["step_id"]), due_at=row["due_at"], stop=row["stop"]),  # type: ignore[arg-type] # columns
        )
        for row in runs
    ]
    lines += [
        Markup("<li>{} {}</li>").format(
            link(f"/messages/{row['id']}", row["step_id"]),
            message_sentence(str(row["state"]), row["reason"]),  # type: ignore[arg-type] # a column of JSON
        )
        for row in messages
    ]
    return Markup('<ol class="oc-story">{}</ol>').format(Markup("").join(lines)) if lines else Markup("<p>–</p>")


def _text(value: object) -> str | None:
    return None if value is None else str(value)
