"""`ordercue rfm`, `ordercue reports`, `ordercue recalculate`."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError

from cli.output import Json, print_json, print_rows
from cli.session import in_transaction
from core.contracts import QUEUE, RECALCULATE_WORKFLOW, RECALCULATION_ID, Recalculation
from core.segments.rfm import frequency_labels, recency_labels
from core.settings import Settings, read_settings
from core.temporal import connect
from store import reports as figures
from store import rfm as grids
from store.segment_sql import Account

reports = typer.Typer(no_args_is_help=True, help="Reports from the orders.")
_WIDTH = 30
_SHADES = ("grey50", "yellow", "green", "bold green")
Days = Annotated[int, typer.Option(min=1, max=3660, help="So many days up to today.")]


def rfm(*, source: str | None = None, store: str | None = None, segment: str | None = None, json: Json = False) -> None:
    """Show the RFM grid: contacts and revenue by time since the last DELIVERED order, and their number."""
    account = Account.at(read_settings(), datetime.now(UTC))
    rows = in_transaction(lambda session: grids.grid(session, account, grids.RfmFilter(source, store, segment)))
    if json:
        print_json(rows)
        return
    cells = {(row["recency"], row["frequency"]): row for row in rows}
    most = max((row["contacts"] for row in rows), default=1)
    table = Table("last order", *frequency_labels(account.frequency), title=f"Contacts, revenue in {account.currency}")
    for recency, label in enumerate(recency_labels(account.recency)):
        shown = [_shaded(cells.get((recency, n)), most) for n in range(len(account.frequency) + 1)]
        table.add_row(label, *shown)
    Console().print(table)


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
    """Runs of automations and their messages."""
    _show(_read(figures.automations, days, "day"), ("automation", "runs", "sent", "opened", "clicked"), json=json)


def _read(count: Any, days: int, by: str) -> figures.Rows:  # Any: one of the reports
    if by not in {"day", "week", "month"}:
        raise typer.BadParameter("write day, week or month", param_hint="--by")
    settings = read_settings()
    today: date = datetime.now(settings.zone).date()
    unit: figures.Unit = "day" if by == "day" else "week" if by == "week" else "month"
    wanted = figures.ReportFilter(today - timedelta(days=days - 1), today, settings.account_zone, unit)

    async def work(session: AsyncSession) -> figures.Rows:
        rows: figures.Rows = await count(session, wanted)
        return rows

    return in_transaction(work)


def _show(rows: figures.Rows, columns: tuple[str, ...], *, json: bool) -> None:
    if json:
        print_json(rows)
    else:
        print_rows(rows, {name: name.replace("_", " ") for name in columns}, empty="Nothing in these days.")


def _shaded(row: dict[str, Any] | None, most: int) -> str:  # Any: a row
    if row is None:
        return "[grey50]·[/]"
    shade = _SHADES[min(len(_SHADES) - 1, int(len(_SHADES) * row["contacts"] / most))]
    return f"[{shade}]{row['contacts']}[/]\n{row['revenue']:.0f}"


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
