"""Orders: what came in, whose it is, and what it stands at."""

from datetime import datetime
from uuid import UUID

from api.wire.phone_number import match_phone
from console.markup import filters, link, moment, money, older, put, state, table
from console.shell import page
from console.text import tr
from console.visit import Visit
from core.document import OrderStatus
from store.order_search import SearchText
from store.orders import OrderFilter, OrderPlace, OrderRow, list_orders

_PAGE = 50


@page("/orders", title="Orders")
async def orders(visit: Visit) -> None:
    """The list, newest first."""
    query = visit.query
    put(
        filters(
            {
                "text": (tr("Id, e-mail, phone or name begins with"), None),
                "status": (tr("Status"), [str(each) for each in OrderStatus]),
                "store": (tr("Store"), None),
            },
            query,
        )
    )
    wanted = OrderFilter(
        status=query.get("status"), store_id=query.get("store"), search=_search(visit, query.get("text"))
    )
    async with visit.read() as session:
        found = await list_orders(session, wanted, after=_place(query.get("cursor")), limit=_PAGE + 1)
    zone = visit.services.settings.zone
    columns = [tr(name) for name in ("Order", "Status", "Total", "Contact", "Date", "Store")]
    put(
        table(
            columns,
            [
                (
                    link(f"/orders/{row['id']}", row["external_order_id"]),
                    state(row["status"]),
                    money(row["total_cost"], row["currency"]),
                    _who(row),
                    moment(row["date"], zone),
                    row["store_id"],
                )
                for row in found[:_PAGE]
            ],
            empty=tr("No such orders. Post some to /api/v1/orders, or take a filter away."),
            numeric=frozenset({2}),
        ),
        older("/orders", query, _cursor(found[_PAGE - 1]) if len(found) > _PAGE else None),
    )


def _who(row: OrderRow) -> str:
    sent = ", ".join(str(row[name]) for name in ("email", "phone", "external_customer_id") if row[name])
    name = " ".join(str(row[name]) for name in ("first_name", "last_name") if row[name])
    flags = tr(" · not matched") if row["contact_id"] is None else ""
    flags += tr(" · identities disagree") if row["identity_conflict"] else ""
    return f"{name} {sent}{flags}".strip()


def _search(visit: Visit, text: str | None) -> SearchText | None:
    if not text:
        return None
    return SearchText(text[:100], match_phone(text, visit.services.settings.phone_region))


def _cursor(row: OrderRow) -> str:
    return f"{row['date'].isoformat()} {row['id']}"


def _place(cursor: str | None) -> OrderPlace | None:
    try:
        date, _, order_id = (cursor or "").partition(" ")
        return OrderPlace(datetime.fromisoformat(date), UUID(order_id)) if cursor else None
    except ValueError:
        return None
