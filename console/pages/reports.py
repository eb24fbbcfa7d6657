"""Reports: revenue, customers, statuses and automations as charts and tables, beside the days before."""

from urllib.parse import urlencode

from markupsafe import Markup
from nicegui import ui

from console import attribution_view
from console.later import counted
from console.markup import filters, link, put, tabs
from console.report_choice import SOURCES, UNITS, chosen
from console.report_views import VIEWS
from console.shell import page
from console.text import tr
from console.visit import Visit
from store.reports import Rows

_TITLES = {"revenue": "Revenue", "customers": "Customers", "funnel": "Statuses", "automations": "Automations"}
_ATTRIBUTION = "attribution"


@page("/reports", title="Reports")
async def reports(visit: Visit) -> None:
    """Figures by day, week or month in the account's zone."""
    query, wanted = visit.query, chosen(visit)
    view = query.get("view", "")
    view = view if view in VIEWS or view == _ATTRIBUTION else next(iter(VIEWS))
    views = {name: tr(_TITLES[name]) for name in VIEWS} | {_ATTRIBUTION: tr("What led to orders")}
    put(tabs("/reports", query, "view", views, view))
    if view == _ATTRIBUTION:
        await attribution_view.show(visit, f"/export/reports/attribution?{urlencode(query)}")
        return
    said = {"from_date": str(wanted.filter.since), "to_date": str(wanted.filter.until), "unit": wanted.filter.unit}
    put(
        filters(
            {
                "from_date": (tr("From"), None),
                "to_date": (tr("To"), None),
                "unit": (tr("By"), list(UNITS)),
                "store": (tr("Store"), None),
                "source": (tr("Source"), list(SOURCES)),
                "currency": (tr("Currency"), None),
            },
            {**query, **said},
        )
    )
    compared = tr(
        "{since} to {until}, compared with the days from {before} on.",
        since=wanted.filter.since,
        until=wanted.filter.until,
        before=wanted.before.since,
    )
    address = f"/export/reports/{view}?{urlencode({**query, **said})}"
    put(Markup('<p class="oc-soft">{} {}</p>').format(compared, link(address, tr("These figures as CSV"))))

    async def count() -> tuple[Rows, Rows]:
        async with visit.read() as session:
            return await wanted.count(session, view)

    with ui.element("div").classes("oc-wide w-full"):
        counted(visit, (view, wanted), count, lambda found: VIEWS[view](visit.services.settings, wanted, *found))
