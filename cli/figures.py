"""`ordercue reports`, `ordercue recalculate`."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError

from cli.output import Json, print_json, print_rows
from cli.session import in_transaction
from core.contracts import QUEUE, RECALCULATE_WORKFLOW, RECALCULATION_ID, Recalculation
from core.settings import Settings, read_settings
from core.temporal import connect
from store import reports as figures
from store.arms import arms
from store.attribution import Period, columns
from store.attribution import attribution as count_attribution

reports = typer.Typer(no_args_is_help=True, help="Reports from the orders.")
_WIDTH = 30
_ARMS = (
    *("automation", "split", "arm", "holdout", "contacts", "converted", "conversion", "lift", "lift_low", "lift_high"),
    *("currency", "orders", "revenue_per_contact", "revenue_lift", "revenue_lift_low", "revenue_lift_high"),
)
"""Less than JSON has, for the width of a terminal."""
Days = Annotated[int, typer.Option(min=1, max=3660, help="So many days up to today.")]


def recalculate() -> None:
    """Bring every contact's cell and segments up to date, and wait for the end."""
    done = asyncio.run(_recalculate(read_settings()))
    text = f"{done.contacts} contacts: {done.moved} moved, {done.entered} entered segments, {done.left} left."
    Console().print(text)


@reports.command()
def revenue(*, days: Days = 30, by: str = "day", json: Json = False) -> None:
    """Revenue of DELIVERED orders."""
    rows = _read(figures.revenue, days, by)
    if json:
        print_json(rows)
        return
    most = max((row["revenue"] for row in rows), default=0) or 1
    shown = [row | {"chart": "█" * int(_WIDTH * row["revenue"] / most)} for row in rows]
    columns = {"period": "period", "currency": "", "orders": "orders", "revenue": "revenue", "chart": ""}
    print_rows(shown, columns | {"average_check": "average", "expected": "expected"}, empty="No orders in these days.")


@reports.command()
def customers(*, days: Days = 30, by: str = "week", json: Json = False) -> None:
    """New and returning customers."""
    _show(_read(figures.customers, days, by), ("period", "new", "returning"), json=json)


@reports.command()
def funnel(*, days: Days = 30, json: Json = False) -> None:
    """Orders by status, and the median time to it."""
    _show(_read(figures.funnel, days, "day"), ("status", "now", "ever", "median_seconds"), json=json)


@reports.command()
def automations(*, days: Days = 30, json: Json = False) -> None:
    """Runs of automations, their messages, and the orders that messages led to."""
    columns = ("automation", "runs", "sent", "opened", "clicked", "currency", "orders", "revenue")
    _show(_read(figures.automations, days, "day"), columns, json=json)


@reports.command()
def attribution(
    *,
    days: Days = 30,
    by: Annotated[str, typer.Option(help="automation, version, step, message, or arm of a split.")] = "automation",
    automation: Annotated[str | None, typer.Option(help="Only the automation of this name.")] = None,
    json: Json = False,
) -> None:
    """Messages, and the orders and revenue that they led to; by arm, what people of each arm bought."""
    period = _period(days, automation)
    match by:
        case "automation" | "version" | "step" | "message":
            rows = in_transaction(lambda session: count_attribution(session, period, by))
            _show(rows, columns(by), json=json)
        case "arm":
            rows = in_transaction(lambda session: arms(session, period))
            _show(rows, _ARMS, json=json)
        case _:
            raise typer.BadParameter("write automation, version, step, message or arm", param_hint="--by")


def _period(days: int, automation: str | None) -> Period:
    settings = read_settings()
    today: date = datetime.now(settings.zone).date()
    return Period.of(settings, today - timedelta(days=days - 1), today, automation)


def _read(count: Any, days: int, by: str) -> figures.Rows:  # Any: one of the reports
    if by not in {"day", "week", "month"}:
        raise typer.BadParameter("write day, week or month", param_hint="--by")
    settings = read_settings()
    today: date = datetime.now(settings.zone).date()
    unit: figures.Unit = "day" if by == "day" else "week" if by == "week" else "month"
    wanted = figures.ReportFilter(
        today - timedelta(days=days - 1),
        today,
        settings.account_zone,
        unit,
        click_days=settings.attribution_click_days,
        open_days=settings.attribution_open_days,
    )

    async def work(session: AsyncSession) -> figures.Rows:
        rows: figures.Rows = await count(session, wanted)
        return rows

    return in_transaction(work)


def _show(rows: figures.Rows, columns: tuple[str, ...], *, json: bool) -> None:
    if json:
        print_json(rows)
    else:
        print_rows(rows, {name: name.replace("_", " ") for name in columns}, empty="Nothing in these days.")


async def _recalculate(settings: Settings) -> Recalculation:
    client = await connect(settings)
    handle = await client.start_workflow(
        RECALCULATE_WORKFLOW,
        Recalculation(),
        id=RECALCULATION_ID,
        task_queue=QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        result_type=Recalculation,
    )
    result = asyncio.ensure_future(handle.result())
    with Console().status("recalculating") as status:
        while not result.done():
            await asyncio.wait([result], timeout=1)
            try:
                so_far = await handle.query("progress", result_type=Recalculation)
            except RPCError:  # no worker answers at the moment
                continue
            status.update(f"{so_far.contacts} contacts")
    done: Recalculation = await result
    return done
