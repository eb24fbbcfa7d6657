"""RFM: who bought how lately and how often, as a heat map whose cells open their contacts."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from markupsafe import Markup
from nicegui import ui

from console.heat import heat_cell, heat_map
from console.later import counted, later
from console.markup import cards, filters, heading, hero, link, moment, money, nothing, older, put, table, tabs
from console.place import before
from console.report_choice import SOURCES
from console.rfm_choice import KEPT, check_segment, wanted
from console.rfm_segment import offer_segment
from console.shell import page
from console.text import number, tr
from console.visit import Visit
from core.segments.rfm import frequency_labels, recency_labels
from store import rfm
from store.account import Account
from store.reports import Rows
from store.segment_people import named
from store.tables.user import Role

People = Mapping[UUID, Mapping[str, Any]]  # Any: columns
_PAGE = 50
_MOST = 20
_MEASURES = {"contacts": "Contacts", "revenue": "Revenue", "average_check": "Average check"}


@page("/rfm", title="RFM")
async def grid(visit: Visit) -> None:
    """The grid of now, from DELIVERED orders, and the named groups of the scores."""
    query = visit.query
    measure = query.get("measure", "")
    measure = measure if measure in _MEASURES else "contacts"
    put(tabs("/rfm", query, "measure", {name: tr(label) for name, label in _MEASURES.items()}, measure))
    put(
        filters(
            {
                "store": (tr("Store"), None),
                "source": (tr("Source"), list(SOURCES)),
                "segment": (tr("Segment"), None),
            },
            query,
        )
    )
    account, whose = Account.at(visit.services.settings, datetime.now(UTC)), wanted(query)
    async with visit.read() as session:
        await check_segment(session, query)
    kept = {name: query[name] for name in KEPT if name in query}

    async def count() -> tuple[Rows, Rows]:
        now = Account.at(visit.services.settings, datetime.now(UTC))
        async with visit.read() as session:
            return await rfm.grid(session, now, whose), await rfm.scores(session, now, whose)

    def show(found: tuple[Rows, Rows]) -> None:
        rows, scores = found
        if not any(row["contacts"] for row in rows if row["recency"]):
            put(nothing(tr("No contact has a DELIVERED order yet, or none that these filters let through.")))
            return
        put(_grid(rows, account, measure, kept))
        _groups(visit, scores, account.currency, filtered=bool(kept))

    put(
        Markup('<p class="oc-soft">{}<br>{} · {}</p>').format(
            tr("Rows: time since the last DELIVERED order. Columns: how many there are. A cell opens its contacts."),
            link("/rfm/flows", tr("Who moved between two days")),
            link(f"/export/rfm?{urlencode(kept)}".rstrip("?"), tr("These figures as CSV")),
        )
    )
    counted(visit, ("rfm", whose), count, show)


@page("/rfm/{recency}/{frequency}", title="RFM cell", own_heading=True)
async def cell(visit: Visit) -> None:
    """The contacts of one cell."""
    query = visit.query
    account = Account.at(visit.services.settings, datetime.now(UTC))
    place = (_number(visit.path("recency")), _number(visit.path("frequency")))
    whose = wanted(query)

    async def look() -> tuple[Rows, People]:
        async with visit.read() as session:
            at = before(query.get("cursor"))
            found = await rfm.cell_contacts(session, account, whose, place, before=at, limit=_PAGE + 1)
            return found, {one["id"]: one for one in await named(session, [row["id"] for row in found])}

    rows, columns = recency_labels(account.recency), frequency_labels(account.frequency)
    title = tr(
        "Last order {recency}, orders {frequency}",
        recency=rows[min(place[0], len(rows) - 1)],
        frequency=columns[min(place[1], len(columns) - 1)],
    )
    put(hero(title, above=("/rfm", tr("RFM"))))
    if visit.may(Role.MARKETER):
        with ui.element("div").classes("oc-row q-mt-md"):
            if whose == rfm.RfmFilter():
                offer_segment(visit, {"recency": [place[0]], "frequency": [place[1]]}, title)
            else:
                put(Markup('<p class="oc-soft">{}</p>').format(tr("Take the filters away to make a segment of it.")))
    later(look, lambda seen: put(*_cell(visit, account, place, *seen)))


def _cell(visit: Visit, account: Account, place: tuple[int, int], found: Rows, people: People) -> tuple[Markup, Markup]:
    """A page of its contacts, and the way to the next."""
    zone = visit.services.settings.zone
    shown = table(
        [tr(name) for name in ("Contact", "Reached by", "Last order", "Orders", "Revenue")],
        [
            (
                link(f"/contacts/{row['id']}", people[row["id"]]["name"] or tr("without a name")),
                people[row["id"]]["email"] or people[row["id"]]["phone"],
                moment(row["last"], zone),
                number(row["orders"]),
                money(row["revenue"], account.currency),
            )
            for row in found[:_PAGE]
        ],
        empty=tr("Nobody is in this cell."),
        numeric=frozenset({3, 4}),
    )
    following = str(found[_PAGE - 1]["id"]) if len(found) > _PAGE else None
    return shown, older(f"/rfm/{place[0]}/{place[1]}", visit.query, following)


def _grid(rows: Rows, account: Account, measure: str, kept: dict[str, str]) -> Markup:
    recencies, frequencies = recency_labels(account.recency), frequency_labels(account.frequency)
    cells = {(row["recency"], row["frequency"]): row for row in rows}
    # who never bought would drown the others
    most = max((row[measure] or Decimal(0) for row in rows if row["recency"]), default=0)
    asked = f"?{urlencode(kept)}" if kept else ""

    def shown(recency: int, frequency: int) -> Markup:
        row = cells.get((recency, frequency))
        if row is None or row[measure] is None:
            return heat_cell(None, 0)
        figure = number(row[measure]) if measure == "contacts" else money(row[measure], account.currency)
        revenue = money(row["revenue"], account.currency)
        told = tr("{contacts} contacts, {orders} orders, {revenue}", **{**row, "revenue": revenue})
        share = min(float(row[measure]) / float(most), 1.0) if most else 0.0
        return heat_cell(str(figure), share, href=f"/rfm/{recency}/{frequency}{asked}", title=told)

    lines = [(label, [shown(r, f) for f in range(len(frequencies))]) for r, label in enumerate(recencies)]
    return heat_map(tr("Last order"), [str(label) for label in frequencies], lines)


def _groups(visit: Visit, scores: Rows, currency: str, *, filtered: bool) -> None:
    """What the scores come to, by their names."""
    sums: dict[str, tuple[int, Decimal]] = {}
    for row in scores:
        contacts, revenue = sums.get(row["group"], (0, Decimal(0)))
        sums[row["group"]] = (contacts + row["contacts"], revenue + (row["revenue"] or 0))
    put(
        heading(tr("Groups of the scores")),
        cards(
            {
                tr(name.replace("_", " ")): Markup("{}<br><small>{}</small>").format(
                    number(contacts), money(revenue, currency)
                )
                for name, (contacts, revenue) in sums.items()
            }
        ),
    )
    if visit.may(Role.MARKETER) and not filtered:
        with ui.element("div").classes("oc-row"):
            for name in sums:
                offer_segment(visit, {"group": [name]}, tr("Segment of {group}", group=name.replace("_", " ")))


def _number(text: str) -> int:
    return min(int(text), _MOST) if text.isascii() and text.isdigit() else 0
