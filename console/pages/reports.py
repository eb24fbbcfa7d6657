"""Reports: revenue of the last months, funnel and automations."""

from datetime import UTC, datetime, timedelta

from nicegui import ui

from console.markup import filters, heading, put, table
from console.shell import page
from console.text import tr
from console.visit import Visit
from store import reports as stored
from store.reports import ReportFilter, Unit

_DAYS: dict[Unit, int] = {"day": 31, "week": 182, "month": 366}


@page("/reports", title="Reports")
async def reports(visit: Visit) -> None:
    """Figures by day, week or month in the account's zone."""
    query = visit.query
    unit: Unit = next((one for one in _DAYS if one == query.get("unit")), "month")
    put(filters({"unit": (tr("By"), list(_DAYS))}, {**query, "unit": unit}))
    settings = visit.services.settings
    today = datetime.now(UTC).astimezone(settings.zone).date()
    wanted = ReportFilter(
        since=today - timedelta(days=_DAYS[unit]),
        until=today,
        unit=unit,
        zone=settings.account_zone,
        click_days=settings.attribution_click_days,
        open_days=settings.attribution_open_days,
    )
    async with visit.read() as session:
        revenue = await stored.revenue(session, wanted)
        funnel = await stored.funnel(session, wanted)
        automations = await stored.automations(session, wanted)
    own = [row for row in revenue if row.get("currency") == settings.account_currency]
    if own:
        ui.echart(
            {
                "xAxis": {"type": "category", "data": [str(row["period"]) for row in own]},
                "yAxis": {"type": "value", "name": settings.account_currency},
                "series": [{"type": "bar", "data": [float(row["revenue"] or 0) for row in own]}],
                "aria": {"enabled": True},
            }
        ).classes("w-full")
    for title, rows in ((tr("Revenue"), revenue), (tr("Statuses"), funnel), (tr("Automations"), automations)):
        columns = list(rows[0]) if rows else []
        lines = [[row[name] for name in columns] for row in rows]
        put(
            heading(title),
            table([name.replace("_", " ") for name in columns], lines, empty=tr("Nothing in this time.")),
        )
