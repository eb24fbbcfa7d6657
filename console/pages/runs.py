"""Runs: where each is, how it ended; and the end of one by hand."""

from uuid import UUID

from nicegui import ui

from console.markup import cards, filters, heading, link, moment, older, put, state, table
from console.place import before, id_of
from console.shell import action, page
from console.text import tr
from console.visit import Visit
from core.contracts import Stop, StopKind
from core.errors import ConflictError
from core.operating import move_wait
from core.process import signal_stops
from store.run_list import find_run, list_runs
from store.runs import record_stops
from store.tables.run import OPEN_STATES, RunState
from store.tables.user import Role

_PAGE = 50


@page("/runs", title="Runs")
async def runs(visit: Visit) -> None:
    """The list, newest first."""
    query = visit.query
    put(
        filters(
            {
                "state": (tr("State"), [str(each) for each in RunState]),
                "automation": (tr("Automation"), None),
                "order": (tr("Order"), None),
            },
            query,
        )
    )
    async with visit.read() as session:
        found = await list_runs(
            session,
            state=query.get("state"),
            automation=query.get("automation"),
            order=query.get("order"),
            before=before(query.get("cursor")),
            limit=_PAGE + 1,
        )
    zone = visit.services.settings.zone
    columns = [tr(name) for name in ("Run", "Automation", "Event", "State", "Step", "Due", "Made")]
    put(
        table(
            columns,
            [
                (
                    link(f"/runs/{row['id']}", str(row["id"])[-12:]),
                    f"{row['automation']} v{row['version']}",
                    f"{row['event_type']} {row['event_key']}",
                    state(row["state"]),
                    row["step_id"],
                    moment(row["due_at"], zone),
                    moment(row["created_at"], zone),
                )
                for row in found[:_PAGE]
            ],
            empty=tr("No such runs. A live automation starts one for each event that it listens to."),
        ),
        older("/runs", query, str(found[_PAGE - 1]["id"]) if len(found) > _PAGE else None),
    )


@page("/runs/{run_id}", title="Run")
async def run(visit: Visit) -> None:
    """One run with its messages."""
    run_id = id_of("run", visit.path("run_id"))
    async with visit.read() as session:
        found = await find_run(session, run_id)
    zone = visit.services.settings.zone
    put(
        cards(
            {
                tr("automation"): f"{found['automation']} v{found['version']}",
                tr("event"): f"{found['event_type']} {found['event_key']}",
                tr("state"): state(found["state"]),
                tr("step"): found["step_id"] or "–",
                tr("due"): moment(found["due_at"], zone),
                tr("ended"): moment(found["ended_at"], zone),
            }
        )
    )
    if found["stop"]:
        put(heading(tr("Stopped: {why}", why=found["stop"].get("reason"))))
    put(
        heading(tr("Messages")),
        table(
            [tr(name) for name in ("Step", "Channel", "Template", "State", "Attempts", "Sent")],
            [
                (
                    link(f"/messages/{row['id']}", row["step_id"]),
                    row["channel"],
                    row["template"],
                    state(row["state"]),
                    row["attempts"],
                    moment(row["sent_at"], zone),
                )
                for row in found["messages"]
            ],
            empty=tr("None so far."),
        ),
    )
    if found["state"] in OPEN_STATES and visit.may(Role.OPERATOR):
        if found["state"] == RunState.WAITING:
            ui.button(tr("Skip this wait"), on_click=action(lambda: _skip(visit, run_id)))
        ui.button(tr("Stop this run"), color="negative", on_click=action(lambda: _stop(visit, run_id)))


async def _stop(visit: Visit, run_id: UUID) -> str:
    """Write the stop down, then wake the run: from the commit on it sends nothing."""
    why = Stop(kind=StopKind.OPERATOR, reason=f"by {visit.user.role} in the console")
    async with visit.act(Role.OPERATOR, "run.stop", f"run:{run_id}") as session:
        current = await find_run(session, run_id)
        if current["state"] not in OPEN_STATES:
            raise ConflictError(tr("The run is {state} already.", state=current["state"]))
        await record_stops(session, [(run_id, why.model_dump(mode="json"), None)])
    await signal_stops(visit.services.client, [(run_id, why)])
    return tr("The run is stopped; it sends nothing more.")


async def _skip(visit: Visit, run_id: UUID) -> str:
    """Written down first: what an operator asked for is in the log even if Temporal does not answer."""
    async with visit.act(Role.OPERATOR, "run.skip_wait", f"run:{run_id}") as session:
        await find_run(session, run_id)
    await move_wait(visit.services.client, run_id, None)
    return tr("The wait is over; the run goes on.")
