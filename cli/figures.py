"""`ordercue reports`."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from cli.output import Json, print_json, print_rows
from cli.session import in_transaction
from core.settings import read_settings
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
By = Annotated[Literal["day", "week", "month"], typer.Option(help="Periods of the account's zone.")]
Store = Annotated[str | None, typer.Option(help="Only orders of this shop.")]
Source = Annotated[Literal["online", "offline"] | None, typer.Option(help="Only orders of this source.")]
Currency = Annotated[str | None, typer.Option(help="Only orders in this currency.")]
Compare = Annotated[bool, typer.Option("--compare", help="Also the days before, as many.")]


@reports.command()
def revenue(
    *,
    days: Days = 30,
    by: By = "day",
    store: Store = None,
    source: Source = None,
    currency: Currency = None,
    compare: Compare = False,
    json: Json = False,
) -> None:
    """Revenue of DELIVERED orders; what is expected of the others."""
    wanted = _filter(days, by, store, source, currency)
    rows = _read(figures.revenue, wanted)
    before = _read(figures.revenue, wanted.before()) if compare else []
    if json:
        print_json({"rows": rows, "previous": before} if compare else rows)
        return
    columns = {"period": "period", "currency": "", "orders": "orders", "revenue": "revenue", "chart": ""}
    columns |= {"average_check": "average", "expected": "expected"}
    print_rows(_charted(rows, {"revenue": "█"}), columns, empty="No orders in these days.")
    for line in _comparison(rows, before, wanted.before()) if compare else ():
        print(line)


@reports.command()
def customers(
    *,
    days: Days = 30,
    by: By = "week",
    store: Store = None,
    source: Source = None,
    currency: Currency = None,
    json: Json = False,
) -> None:
    """New and returning customers."""
    rows = _read(figures.customers, _filter(days, by, store, source, currency))
    bars = {"new": "█", "returning": "░"}
    _show(rows, {"period": "period", "new": "new █", "returning": "returning ░"}, bars, json=json)


@reports.command()
def funnel(
    *, days: Days = 30, store: Store = None, source: Source = None, currency: Currency = None, json: Json = False
) -> None:
    """Orders by status, and the median time to it."""
    rows = _read(figures.funnel, _filter(days, "day", store, source, currency))
    columns = {"status": "status", "now": "now", "ever": "ever", "median_seconds": "median seconds"}
    _show(rows, columns, {"ever": "█"}, json=json)


@reports.command()
def transitions(
    *, days: Days = 30, store: Store = None, source: Source = None, currency: Currency = None, json: Json = False
) -> None:
    """From which status orders came to which next, and the median time between the two."""
    rows = _read(figures.transitions, _filter(days, "day", store, source, currency))
    columns = {"from_status": "from", "to_status": "to", "orders": "orders", "median_seconds": "median seconds"}
    _show(rows, columns, {"orders": "█"}, json=json)


@reports.command()
def automations(*, days: Days = 30, json: Json = False) -> None:
    """Runs of automations, their messages, and the orders that messages led to."""
    names = ("automation", "runs", "sent", "opened", "clicked", "currency", "orders", "revenue")
    _show(_read(figures.automations, _filter(days, "day")), _headed(names), {}, json=json)


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
            _show(rows, _headed(columns(by)), {}, json=json)
        case "arm":
            rows = in_transaction(lambda session: arms(session, period))
            _show(rows, _headed(_ARMS), {}, json=json)
        case _:
            raise typer.BadParameter("write automation, version, step, message or arm", param_hint="--by")


def _headed(names: Sequence[str]) -> dict[str, str]:
    return {name: name.replace("_", " ") for name in names}


def _period(days: int, automation: str | None) -> Period:
    settings = read_settings()
    today: date = datetime.now(settings.zone).date()
    return Period.of(settings, today - timedelta(days=days - 1), today, automation)


def _filter(
    days: int, by: figures.Unit, store: str | None = None, source: str | None = None, currency: str | None = None
) -> figures.ReportFilter:
    settings = read_settings()
    today: date = datetime.now(settings.zone).date()
    return figures.ReportFilter(
        today - timedelta(days=days - 1),
        today,
        settings.account_zone,
        by,
        store,
        source,
        currency,
        click_days=settings.attribution_click_days,
        open_days=settings.attribution_open_days,
    )


def _read(count: Any, wanted: figures.ReportFilter) -> figures.Rows:  # Any: one of the reports
    async def work(session: AsyncSession) -> figures.Rows:
        rows: figures.Rows = await count(session, wanted)
        return rows

    return in_transaction(work)


def _show(rows: figures.Rows, columns: Mapping[str, str], bars: Mapping[str, str], *, json: bool) -> None:
    if json:
        print_json(rows)
        return
    chart = {"chart": ""} if bars else {}
    print_rows(_charted(rows, bars), {**columns, **chart}, empty="Nothing in these days.")


def _charted(rows: figures.Rows, bars: Mapping[str, str]) -> figures.Rows:
    """The rows with a bar each, the longest of which fills the width; figures beside each other share it."""
    most = max((sum(row[name] for name in bars) for row in rows), default=0) or 1
    return [
        row | {"chart": "".join(mark * round(_WIDTH * row[name] / most) for name, mark in bars.items())} for row in rows
    ]


def _comparison(rows: figures.Rows, before: figures.Rows, range_: figures.ReportFilter) -> list[str]:
    """A line for each currency: what all periods come to, and how much that is more or less than before."""
    lines = []
    for currency in sorted({row["currency"] for row in (*rows, *before)}):
        now, earlier = (
            sum((row["revenue"] for row in some if row["currency"] == currency), Decimal()) for some in (rows, before)
        )
        change = f"{(now - earlier) / earlier:+.0%}" if earlier else "nothing before"
        lines.append(f"{currency}: {now} now, {earlier} from {range_.since} to {range_.until} ({change})")
    return lines
