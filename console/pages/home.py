"""Home: today at a glance."""

from datetime import UTC, datetime, timedelta

from console.markup import cards, heading, link, moment, put, state, table
from console.shell import page
from console.text import tr
from console.visit import Visit
from store.glance import glance
from store.run_list import list_runs
from store.tables.run import RunState


@page("/", title="Home")
async def home(visit: Visit) -> None:
    """What came, what went out, what waits."""
    zone = visit.services.settings.zone
    now = datetime.now(UTC)
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    async with visit.read() as session:
        today = await glance(session, since=midnight, soon=now + timedelta(hours=24))
        waiting = await list_runs(session, state=RunState.WAITING, limit=10)
    put(
        heading(tr("Today")),
        cards({tr("events"): f"{today.events:,}", tr("runs started"): f"{today.runs:,}"}),
        heading(tr("Messages of today by state")),
        cards({state(name): f"{count:,}" for name, count in today.messages.items()} or {tr("none yet"): 0}),
        heading(tr("Now")),
        cards(
            {
                tr("runs that wait"): f"{today.waiting:,}",
                tr("due within a day"): f"{today.due_soon:,}",
                tr("messages nobody knows the outcome of"): f"{today.unknown:,}",
            }
        ),
        heading(tr("The newest that wait")),
        table(
            [tr("Run"), tr("Automation"), tr("Event"), tr("Step"), tr("Due")],
            [
                (
                    link(f"/runs/{row['id']}", str(row["id"])[-12:]),
                    row["automation"],
                    f"{row['event_type']} {row['event_key']}",
                    row["step_id"],
                    moment(row["due_at"], zone),
                )
                for row in waiting
            ],
            empty=tr("No run waits."),
        ),
    )
