"""What can be done with runs: skip a wait, move it, stop one, stop many after a look at how many."""

from datetime import UTC, datetime
from uuid import UUID

from markupsafe import Markup
from nicegui import ui

from api.run_work import MOST_AT_ONCE, RunWork
from console.asking import Field, Given, asking
from console.markup import put
from console.shell import action
from console.text import number, tr
from console.told import go
from console.visit import Visit
from core.errors import InvalidError
from store.run_list import Row, RunFilter
from store.tables.run import OPEN_STATES, RunState
from store.tables.user import Role


def offer(visit: Visit, run: Row) -> None:
    """The buttons that this person may press on a run that is under way."""
    if run["state"] not in OPEN_STATES or not visit.may(Role.OPERATOR):
        return
    run_id: UUID = run["id"]
    zone = visit.services.settings.zone

    async def skip() -> str:
        await (await _work(visit)).move(run_id, None)
        return go(visit, f"/runs/{run_id}", tr("The wait is over; the run goes on."))

    async def move(given: Given) -> str:
        try:
            to = datetime.fromisoformat(given["to"])
        except ValueError:
            raise InvalidError(tr("Write a moment such as 2026-12-01 10:00."), field="to") from None
        due_at = await (await _work(visit)).move(run_id, to.replace(tzinfo=to.tzinfo or zone).astimezone(UTC))
        said = tr("The run goes on at {at}.", at=f"{due_at.astimezone(zone):%Y-%m-%d %H:%M}")
        return go(visit, f"/runs/{run_id}", said)

    async def stop(given: Given) -> str:
        await (await _work(visit)).stop(run_id, _why(given))
        return go(visit, f"/runs/{run_id}", tr("The run is stopped; it sends nothing more."))

    with ui.element("div").classes("oc-row"):
        if run["state"] == RunState.WAITING:
            ui.button(tr("Skip this wait"), color=None, on_click=action(skip)).props("outline")
            due = run["due_at"].astimezone(zone) if run["due_at"] else datetime.now(zone)
            field = Field(tr("Goes on at, on the clock of {zone}", zone=zone.key), value=f"{due:%Y-%m-%d %H:%M}")
            asking(tr("Move this wait"), tr("What is due then counts as due then."), move, {"to": field})
        reason = Field(tr("Reason, kept with the run"), value=tr("by an operator"))
        asking(tr("Stop this run"), tr("It sends nothing more."), stop, {"reason": reason}, danger=True)


async def offer_all(visit: Visit, wanted: RunFilter, back: str) -> None:
    """The dry run of a bulk stop, and the button that does what it told."""
    user = await visit.acting(Role.OPERATOR)
    count = await RunWork(visit.services.database, visit.services.client, f"user:{user.email}").count(wanted)
    whom = tr("automation {name}", name=wanted.automation) if wanted.automation else tr("all automations")
    if not 0 < count <= MOST_AT_ONCE:
        said = tr("There is no run to stop.") if not count else tr("These are more than {most} runs: narrow them down.")
        put(Markup('<div class="oc-note oc-warn"><p>{}</p><p><a href="{}">{}</a></p></div>').format(
            said.format(most=number(MOST_AT_ONCE)), back, tr("Back")))  # fmt: skip
        return

    async def stop(given: Given) -> str:
        stopped = await (await _work(visit)).stop_all(wanted, _why(given), most=count)
        return go(visit, back, tr("{count} runs are stopped; they send nothing more.", count=number(stopped)))

    put(Markup('<div class="oc-note oc-bad"><p><strong>{}</strong></p><p>{}</p></div>').format(
        tr("This would stop {count} runs of {whom}.", count=number(count), whom=whom),
        tr("Nothing has happened yet. They send nothing more once you confirm; this cannot be taken back."),
    ))  # fmt: skip
    with ui.element("div").classes("oc-row"):
        label = tr("Stop these {count} runs", count=number(count))
        fields = {
            "reason": Field(tr("Reason, kept with the runs"), value=tr("by an operator")),
            "count": Field(tr("Write {count} to confirm", count=count), must_be=str(count)),
        }
        asking(label, tr("They send nothing more."), stop, fields, danger=True)
        put(Markup('<a class="oc-button" href="{}">{}</a>').format(back, tr("Leave them alone")))


async def _work(visit: Visit) -> RunWork:
    """Session and role are read anew."""
    user = await visit.acting(Role.OPERATOR)
    return RunWork(visit.services.database, visit.services.client, f"user:{user.email}")


def _why(given: Given) -> str:
    if not given["reason"]:
        raise InvalidError(tr("Say why: it is kept with the run."), field="reason")
    return given["reason"][:200]
