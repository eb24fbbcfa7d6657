"""What can be done with a run: skip its wait, move it, stop it."""

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from nicegui import ui

from api.run_work import RunWork
from console.asking import Field, Given, asking
from console.shell import action
from console.text import tr
from console.told import go
from console.visit import Visit
from core.errors import InvalidError
from store.run_list import Row
from store.tables.run import OPEN_STATES, RunState
from store.tables.user import Role


def offer(visit: Visit, run: Row) -> None:
    """The buttons that this person may press on a run that is under way."""
    if run["state"] not in OPEN_STATES or not visit.may(Role.OPERATOR):
        return
    run_id: UUID = run["id"]
    zone = visit.services.settings.zone

    async def skip() -> str:
        await (await work_of(visit)).move(run_id, None)
        return go(visit, f"/runs/{run_id}", tr("The wait is over; the run goes on."))

    async def move(given: Given) -> str:
        due_at = await (await work_of(visit)).move(run_id, moment_of(given, zone))
        said = tr("The run goes on at {at}.", at=f"{due_at.astimezone(zone):%Y-%m-%d %H:%M}")
        return go(visit, f"/runs/{run_id}", said)

    async def stop(given: Given) -> str:
        await (await work_of(visit)).stop(run_id, reason_of(given))
        return go(visit, f"/runs/{run_id}", tr("The run is stopped; it sends nothing more."))

    with ui.element("div").classes("oc-row"):
        if run["state"] == RunState.WAITING:
            ui.button(tr("Skip this wait"), color=None, on_click=action(skip)).props("outline")
            due = run["due_at"].astimezone(zone) if run["due_at"] else datetime.now(zone)
            field = Field(tr("Goes on at, on the clock of {zone}", zone=zone.key), value=f"{due:%Y-%m-%d %H:%M}")
            asking(tr("Move this wait"), tr("What is due then counts as due then."), move, {"to": field})
        reason = Field(tr("Reason, kept with the run"), value=tr("by an operator"))
        asking(tr("Stop this run"), tr("It sends nothing more."), stop, {"reason": reason}, danger=True)


async def work_of(visit: Visit) -> RunWork:
    """What operators ask of runs, in this person's name. Session and role are read anew."""
    user = await visit.acting(Role.OPERATOR)
    return RunWork(visit.services.database, visit.services.client, f"user:{user.email}")


def moment_of(given: Given, zone: ZoneInfo) -> datetime:
    """What was written as `to`, on the clock of the zone. Raises InvalidError."""
    try:
        to = datetime.fromisoformat(given["to"])
    except ValueError:
        raise InvalidError(tr("Write a moment such as 2026-12-01 10:00."), field="to") from None
    return to.replace(tzinfo=to.tzinfo or zone).astimezone(UTC)


def reason_of(given: Given) -> str:
    """What was written as `reason`. Raises InvalidError."""
    if not given["reason"]:
        raise InvalidError(tr("Say why: it is kept with the run."), field="reason")
    return given["reason"][:200]
