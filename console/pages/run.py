"""One run: the way it took on the picture, what each step came to, and what can be done with it."""

from typing import Any

from markupsafe import Markup
from nicegui import ui

from automation.conditions import Because
from automation.flow import Flow
from automation.model import Definition
from automation.picture import Marks, mermaid, says
from automation.reasons import choice_sentence, message_sentence, run_sentence
from automation.way import way_of
from console.markup import (
    document,
    facts,
    heading,
    hero,
    link,
    moment,
    panel,
    put,
    readable,
    state,
    table,
    whose,
    with_small,
)
from console.place import id_of
from console.run_actions import offer
from console.shell import page
from console.temporal import in_temporal
from console.text import tr
from console.visit import Visit
from store.event_list import find_event
from store.run_list import Row, find_run, names_of
from store.seen_order import loaded_orders
from store.tables.message import MessageState
from store.tables.run import RunState

_TOLD = ("status", "totalCost", "currency")
"""Fields of an order that tell most of it."""
_TROUBLE = {MessageState.FAILED, MessageState.BOUNCED, MessageState.UNKNOWN}


@page("/runs/{run_id}", title="Run", own_heading=True)
async def run(visit: Visit) -> None:
    """Where it is, how it got there, and why."""
    async with visit.read() as session:
        found = await find_run(session, id_of("run", visit.path("run_id")))
        names = await names_of(session, found["id"])
        loaded = await loaded_orders(session, found["id"])
        event = await find_event(session, found["event_id"]) if found["event_id"] else None
    definition = Definition.model_validate(found["definition"])
    flow = Flow(definition)
    done = found["state"] == RunState.DONE
    way, branches = way_of(flow, found["steps"], at=found["step_id"], ended=done)
    put(
        hero(
            found["automation"],
            state(found["state"]),
            Markup('<span class="oc-pill oc-warn">{}</span>').format(tr("TEST")) if found["test"] else "",
            above=("/runs", tr("Runs")),
        ),
        _trouble(found),
        panel(_facts(visit, found, *names)),
    )
    offer(visit, found)
    put(heading(tr("The way it took")))
    standing = {found["step_id"]: 1} if found["step_id"] and not found["ended_at"] else {}
    with (
        ui.element("div")
        .classes("oc-panel oc-picture oc-flow")
        .props(f'role=img tabindex=0 aria-label="{tr("Picture")}"')
    ):
        ui.mermaid(mermaid(definition, Marks(standing=standing, way=way, branches=branches))).classes("w-full")
    put(
        table(
            [tr(name) for name in ("Step", "What it does", "What came of it", "Values")],
            [_step(flow, step_id, found, loaded.get(step_id)) for step_id in way if step_id is not None],
            empty=tr("It has not begun yet."),
        ),
        heading(tr("Messages")),
        _messages(visit, found["messages"]),
    )
    if event is not None:
        put(heading(tr("What it started with")), document(readable(event["params"] or event["snapshot"] or {})))


def _trouble(found: Row) -> Markup:
    """What went wrong, in red, above everything else."""
    said = [
        Markup("{}: {}").format(link(f"/messages/{one['id']}", one["step_id"]), _message_sentence(one))
        for one in found["messages"]
        if one["state"] in _TROUBLE
    ]
    if found["state"] == RunState.FAILED:
        said.insert(0, Markup("{}").format(tr("The run failed. Temporal's Web UI shows where.")))
    said += [
        Markup("{}: {}").format(step_id, result["error"])
        for step_id, result in found["steps"].items()
        if isinstance(result, dict) and result.get("error")
    ]
    lines = Markup("").join(Markup('<p class="oc-bad">{}</p>').format(one) for one in said)
    return Markup('<div class="oc-note oc-bad" role="alert">{}</div>').format(lines) if said else Markup("")


def _facts(visit: Visit, found: Row, order: str | None, contact: str | None) -> Markup:
    settings = visit.services.settings
    said = run_sentence(
        found["state"], step=found["step_id"], due_at=found["due_at"], stop=found["stop"], zone=settings.zone
    )
    event = f"{found['event_type']} {found['event_key']}" if found["event_type"] else tr("kept no longer")
    shown: dict[str, object] = {
        tr("Now"): said,
        tr("Event"): link(f"/events/{found['event_id']}", event) if found["event_id"] else event,
        tr("Order"): link(f"/orders/{found['order_id']}", order) if found["order_id"] else None,
        tr("Contact"): whose(found["contact_id"], contact),
        tr("Version"): link(f"/automations/{found['automation_id']}", found["version"]),
        tr("Due"): moment(found["due_at"], settings.zone) if found["due_at"] else None,
        tr("Started"): moment(found["started_at"] or found["created_at"], settings.zone),
        tr("Ended"): moment(found["ended_at"], settings.zone) if found["ended_at"] else None,
        tr("Its execution"): in_temporal(settings, found["id"]),
    }
    return facts({name: value for name, value in shown.items() if value is not None})


def _step(flow: Flow, step_id: str, found: Row, order: Row | None) -> tuple[object, ...]:
    """A step on the way with what it came to."""
    result: dict[str, Any] = found["steps"].get(step_id) or {}
    because = result.get("because")
    came: Markup | str = "–"
    if "branch" in result:
        why = Because.from_json(because) if because else None
        came = choice_sentence(step_id, result["branch"], why)
    sent = [one for one in found["messages"] if one["step_id"] == step_id]
    if sent:
        came = Markup("{} {}").format(link(f"/messages/{sent[0]['id']}", state(sent[0]["state"])), _reason(sent[0]))
    elif step_id == found["step_id"] and not found["ended_at"]:
        came = Markup("{}").format(tr("It is here now."))
    values = {name: value for name, value in result.items() if name not in ("branch", "because", "loaded")}
    shown = Markup("<code>{}</code>").format(readable(values)) if values else None
    return step_id, says(flow.steps[step_id]), came, _order(order) if order else shown


def _order(loaded: Row) -> Markup:
    """The order as the step loaded it, whatever it is now."""
    said = tr("version {number} of {order}", number=loaded["version"], order=loaded["external_order_id"])
    version = link(f"/orders/{loaded['order_id']}?view=versions", said)
    fields = loaded["snapshot"]
    if fields is None:
        return with_small(version, tr("What it was like then is no longer kept."))
    told = [f"{name}: {fields[name]}" for name in _TOLD if fields.get(name) is not None]
    return Markup("<div>{}<br>{}<details><summary>{}</summary>{}</details></div>").format(
        version, ", ".join(told), tr("The order as it was then"), document(readable(fields))
    )


def _messages(visit: Visit, messages: list[Row]) -> Markup:
    zone = visit.services.settings.zone
    return table(
        [tr(name) for name in ("Message", "Step", "Channel", "State", "Why", "Attempts", "Sent")],
        [
            (
                link(f"/messages/{row['id']}", row["subject"] or row["template"]),
                row["step_id"],
                row["channel"],
                state(row["state"]),
                _message_sentence(row),
                row["attempts"],
                moment(row["sent_at"], zone),
            )
            for row in messages
        ],
        empty=tr("None so far."),
        numeric=frozenset({5}),
    )


def _reason(row: Row) -> str:
    return _message_sentence(row) if row["reason"] else ""


def _message_sentence(row: Row) -> str:
    return message_sentence(row["state"], row["reason"])
