"""RFM: who bought how lately and how often, as a heat map whose cells open their contacts."""

from datetime import UTC, datetime

from markupsafe import Markup

from console.markup import heading, link, moment, money, older, put, table
from console.place import before
from console.shell import page
from console.text import tr
from console.visit import Visit
from core.segments.rfm import frequency_labels, recency_labels
from store import rfm
from store.segment_sql import Account

_PAGE = 50
_MOST = 20


@page("/rfm", title="RFM")
async def grid(visit: Visit) -> None:
    """The grid of now, from DELIVERED orders."""
    account = Account.at(visit.services.settings, datetime.now(UTC))
    async with visit.read() as session:
        rows = await rfm.grid(session, account, rfm.RfmFilter())
    recencies, frequencies = recency_labels(account.recency), frequency_labels(account.frequency)
    cells = {(row["recency"], row["frequency"]): row for row in rows}
    most = max((row["contacts"] for row in rows), default=0)
    if not most:
        put(Markup('<p class="oc-empty">{}</p>').format(tr("No contact has a DELIVERED order yet.")))
        return
    lines = [
        [Markup("<strong>{}</strong>").format(label)]
        + [_cell(cells.get((r, f)), r, f, most, account.currency) for f in range(len(frequencies))]
        for r, label in enumerate(recencies)
    ]
    put(
        Markup("<p class='oc-soft'>{}</p>").format(
            tr("Rows: time since the last DELIVERED order. Columns: how many there are. A cell opens its contacts.")
        ),
        table([tr("Last order"), *(str(label) for label in frequencies)], lines, empty=""),
    )


@page("/rfm/{recency}/{frequency}", title="RFM cell")
async def cell(visit: Visit) -> None:
    """The contacts of one cell."""
    account = Account.at(visit.services.settings, datetime.now(UTC))
    place = (_number(visit.path("recency")), _number(visit.path("frequency")))
    async with visit.read() as session:
        found = await rfm.cell_contacts(
            session, account, rfm.RfmFilter(), place, before=before(visit.query.get("cursor")), limit=_PAGE + 1
        )
    zone = visit.services.settings.zone
    address = f"/rfm/{place[0]}/{place[1]}"
    put(
        heading(tr("Contacts")),
        table(
            [tr(name) for name in ("Contact", "Last order", "Orders", "Revenue")],
            [
                (
                    link(f"/contacts/{row['id']}", str(row["id"])[-12:]),
                    moment(row["last"], zone),
                    row["orders"],
                    money(row["revenue"], account.currency),
                )
                for row in found[:_PAGE]
            ],
            empty=tr("Nobody is in this cell."),
        ),
        older(address, visit.query, str(found[_PAGE - 1]["id"]) if len(found) > _PAGE else None),
    )


def _cell(row: dict[str, object] | None, recency: int, frequency: int, most: int, currency: str) -> Markup | str:
    if row is None:
        return "·"
    contacts = int(str(row["contacts"]))
    share = contacts / most
    return Markup('<a href="/rfm/{}/{}" title="{}" style="font-weight:{}">{}</a>').format(
        recency,
        frequency,
        tr("{orders} orders, {revenue}", orders=row["orders"], revenue=f"{row['revenue']} {currency}"),
        400 + round(share * 4) * 100,
        f"{contacts:,}",
    )


def _number(text: str) -> int:
    return min(int(text), _MOST) if text.isascii() and text.isdigit() else 0
