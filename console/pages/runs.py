"""Runs: what is in progress, what is over, what went wrong."""

from collections.abc import Mapping
from uuid import UUID

from markupsafe import Markup

from automation.reasons import message_sentence, run_sentence
from console.markup import filters, key, link, moment, older, put, state, table, tabs, with_small
from console.place import before
from console.run_bulk import links, offer_all
from console.shell import page
from console.text import tr
from console.visit import Visit
from store import automations
from store.message_list import troubles_of_runs
from store.run_list import Row, RunFilter, list_runs
from store.tables.run import OPEN_STATES, RunState
from store.tables.user import Role

_PAGE = 50
_ENDED = tuple(one for one in RunState if one not in OPEN_STATES)
_TABS = {"progress": "In progress", "completed": "Completed", "errors": "With errors"}
_STATES = {"progress": OPEN_STATES, "completed": _ENDED, "errors": ()}


@page("/runs", title="Runs")
async def runs(visit: Visit) -> None:
    """The list, newest first."""
    query = visit.query
    state_ = query.get("state")
    view = query.get("view", "completed" if state_ in _ENDED else "progress")
    wanted = RunFilter(
        states=(state_,) if state_ else tuple(_STATES.get(view, OPEN_STATES)),
        automation=query.get("automation"),
        order=query.get("text"),
        step=query.get("step"),
        troubled=view == "errors",
    )
    async with visit.read() as session:
        names = [one.name for one in await automations.list_all(session)]
        found = await list_runs(session, wanted, before=before(query.get("cursor")), limit=_PAGE + 1)
        troubles = await troubles_of_runs(session, [row["id"] for row in found]) if view == "errors" else {}
    known = [str(each) for each in _STATES.get(view) or tuple(RunState)]
    put(
        tabs("/runs", query, "view", {name: tr(label) for name, label in _TABS.items()}, view),
        filters(
            {
                "text": (tr("Order, or key of the event"), None),
                "automation": (tr("Automation"), names),
                "state": (tr("State"), known),
                "step": (tr("Step"), None),
            },
            query,
        ),
    )
    if view == "progress" and visit.may(Role.OPERATOR):
        if "bulk" in query:
            await offer_all(visit, wanted, query)
        elif found:
            put(links(query))
    put(_table(visit, found[:_PAGE], view, troubles))
    put(older("/runs", query, str(found[_PAGE - 1]["id"]) if len(found) > _PAGE else None))


def _table(visit: Visit, rows: list[Row], view: str, troubles: Mapping[UUID, list[Row]]) -> Markup:
    zone = visit.services.settings.zone
    open_ = view == "progress"
    names = ("Run", "Event", "State", "Step", "Due" if open_ else "Ended", "Started")
    return table(
        [tr(name) for name in names],
        [
            (
                _run(row),
                _event(row),
                Markup("{}{}{}").format(state(row["state"]), _why(row), _wrong(row, troubles.get(row["id"], []))),
                row["step_id"],
                moment(row["due_at"] if open_ else row["ended_at"], zone),
                moment(row["created_at"], zone),
            )
            for row in rows
        ],
        empty={
            "progress": tr("Nothing is under way. A live automation starts a run for each event it listens to."),
            "errors": tr("Nothing went wrong. Runs that failed stand here, and those with a message in trouble."),
        }.get(view, tr("No such runs.")),
    )


def _run(row: Row) -> Markup:
    test = Markup(' <span class="oc-pill oc-warn">{}</span>').format(tr("TEST")) if row["test"] else ""
    name = Markup("{}{}").format(link(f"/runs/{row['id']}", row["automation"]), test)
    return with_small(name, tr("version {number}", number=row["version"]))


def _event(row: Row) -> Markup:
    """What started it; an event that is no longer kept is no link."""
    if row["event_type"] is None:
        return Markup("{}").format(tr("an event that is kept no longer"))
    return with_small(key(row["event_key"], row["order_id"]), row["event_type"])


def _why(row: Row) -> Markup:
    """Why it was stopped, or is being stopped."""
    if not row["stop"]:
        return Markup("")
    said = run_sentence(row["state"], step=row["step_id"], due_at=row["due_at"], stop=row["stop"])
    return Markup('<br><span class="oc-soft">{}</span>').format(said)


def _wrong(row: Row, messages: list[Row]) -> Markup:
    """What went wrong, in red."""
    said = (
        [Markup("{}").format(tr("The run failed. Temporal's Web UI shows where."))] if row["state"] == "failed" else []
    )
    said += [
        Markup("{}: {}").format(
            link(f"/messages/{one['id']}", one["step_id"]), message_sentence(one["state"], one["reason"])
        )
        for one in messages
    ]
    return Markup("").join(Markup('<div class="oc-bad">{}</div>').format(one) for one in said)
