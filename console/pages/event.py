"""One event: its parameters, what each automation made of it, and what came of that."""

from markupsafe import Markup

from automation.reasons import message_sentence, run_sentence, sentence
from console.markup import document, facts, heading, hero, link, moment, panel, put, readable, state, table
from console.place import id_of
from console.shell import page
from console.text import tr
from console.visit import Visit
from store.event_list import find_event


@page("/events/{event_id}", title="Event", own_heading=True)
async def event(visit: Visit) -> None:
    """Everything about one event."""
    async with visit.read() as session:
        found = await find_event(session, id_of("event", visit.path("event_id")))
    zone = visit.services.settings.zone
    order = link(f"/orders/{found['order_id']}", found["external_order_id"]) if found["order_id"] else "–"
    contact = link(f"/contacts/{found['contact_id']}", tr("found")) if found["contact_id"] else tr("none")
    put(
        hero(found["event_type"], state(found["effect"]), above=("/events", tr("Event history"))),
        panel(
            facts(
                {
                    tr("Key"): found["event_key"],
                    tr("Order"): order,
                    tr("Contact"): contact,
                    tr("Source"): found["source"],
                    tr("Happened"): moment(found["occurred_at"], zone),
                    tr("Came"): moment(found["received_at"], zone),
                }
            )
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
        table(
            [tr(name) for name in ("What", "State", "Why")],
            [
                (
                    link(f"/runs/{row['id']}", row["automation"]),
                    state(row["state"]),
                    run_sentence(row["state"], step=row["step_id"], due_at=row["due_at"], stop=row["stop"], zone=zone),
                )
                for row in found["runs"]
            ]
            + [
                (
                    link(f"/messages/{row['id']}", f"{row['step_id']}: {row['template']}"),
                    state(row["state"]),
                    message_sentence(row["state"], row["reason"]),
                )
                for row in found["messages"]
            ],
            empty=tr("Nothing came of it."),
        ),
        heading(tr("Parameters")),
        document(readable(found["params"] or found["snapshot"] or {})),
        Markup("")
        if found["params"] or not found["snapshot"]
        else Markup('<p class="oc-soft">{}</p>').format(tr("The parameters of an order event are those of its order.")),
    )
