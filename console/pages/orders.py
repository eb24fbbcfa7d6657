"""Orders: what came in, whose it is, and what it stands at."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from urllib.parse import quote
from uuid import UUID

from markupsafe import Markup

from console.markup import breakable, cards, filters, key, link, moment, money, older, put, state, table, with_small
from console.shell import page
from console.text import number, tr
from console.visit import Visit
from core.document import OrderStatus
from core.phone_number import match_phone
from store.message_list import counts_of_orders
from store.order_search import MOST_FOUND, SearchText
from store.order_totals import totals
from store.orders import OrderFilter, OrderPlace, OrderRow, list_orders

_PAGE = 50
_UNMATCHED = "not matched"
_COUNTED = ("INITIALIZED", "IN_PROGRESS", "DELIVERED")
"""The total is of these; cancelled orders and carts stand apart."""


@page("/orders", title="Orders")
async def orders(visit: Visit) -> None:
    """The list, newest first."""
    query = visit.query
    put(
        filters(
            {
                "text": (tr("Id, e-mail, phone or name begins with"), None),
                "status": (tr("Status"), [str(each) for each in OrderStatus]),
                "from_date": (tr("From"), None),
                "to_date": (tr("To"), None),
                "store": (tr("Store"), None),
                "contact": (tr("Contact"), [_UNMATCHED]),
            },
            query,
        )
    )
    last = _midnight(visit, query.get("to_date"), days=1)
    wanted = OrderFilter(
        status=query.get("status"),
        store_id=query.get("store"),
        since=_midnight(visit, query.get("from_date")),
        until=last,
        search=_search(visit, query.get("text")),
        unmatched=query.get("contact") == _UNMATCHED,
    )
    async with visit.read() as session:
        found = await list_orders(session, wanted, after=_place(query.get("cursor")), limit=_PAGE + 1)
        sent = await counts_of_orders(session, [row["id"] for row in found[:_PAGE]])
        sums = await totals(session, wanted, visit.services.settings.account_zone)
    many = tr(
        "More than {most} orders are found: what they come to is added up once they are fewer.", most=number(MOST_FOUND)
    )
    put(Markup('<p class="oc-soft">{}</p>').format(many) if sums is None else _totals(sums))
    zone = visit.services.settings.zone
    columns = [tr(name) for name in ("Order", "Status", "Total", "Contact", "Date", "Store", "Messages")]
    put(
        table(
            columns,
            [
                (
                    key(row["external_order_id"], row["id"]),
                    state(row["status"]),
                    money(row["total_cost"], row["currency"]),
                    _who(row),
                    moment(row["date"], zone),
                    row["store_id"],
                    _messages(row, sent.get(row["id"], {})),
                )
                for row in found[:_PAGE]
            ],
            empty=tr("No such orders. Post some to /api/v1/orders, or take a filter away."),
            numeric=frozenset({2}),
        ),
        older("/orders", query, _cursor(found[_PAGE - 1]) if len(found) > _PAGE else None),
    )


def _totals(sums: Sequence[OrderRow]) -> Markup:
    """Amounts by status, and the total of what is sold or about to be."""
    figures: dict[str, dict[str, tuple[int, Decimal]]] = {tr("Total"): {}}
    for row in sums:
        of = figures.setdefault(row["status"], {})
        of[row["currency"]] = (row["orders"], row["total"])
        if row["status"] in _COUNTED:
            orders, amount = figures[tr("Total")].get(row["currency"], (0, Decimal(0)))
            figures[tr("Total")][row["currency"]] = (orders + row["orders"], amount + row["total"])
    return Markup('<div class="oc-small-cards">{}</div>').format(
        cards({breakable(name): _amounts(of) for name, of in figures.items()})
    )


def _amounts(of: dict[str, tuple[int, Decimal]]) -> Markup:
    amounts = Markup("<br>").join(money(amount, currency) for currency, (_, amount) in of.items()) or "–"
    count = number(sum(orders for orders, _ in of.values()))
    return Markup("{}<br><small>{}</small>").format(amounts, tr("{count} orders", count=count))


def _who(row: OrderRow) -> Markup:
    """The contact, or what was sent where none matched."""
    name = " ".join(str(row[name]) for name in ("first_name", "last_name") if row[name])
    sent = ", ".join(str(row[name]) for name in ("email", "phone", "external_customer_id") if row[name])
    shown = name or sent or "–"
    first = link(f"/contacts/{row['contact_id']}", shown) if row["contact_id"] else Markup("{}").format(shown)
    flags = Markup("") if row["contact_id"] else Markup(' <span class="oc-pill">{}</span>').format(tr("not matched"))
    if row["identity_conflict"]:
        flags += Markup(' <span class="oc-pill oc-warn">{}</span>').format(tr("identities disagree"))
    return with_small(Markup("{}{}").format(first, flags), sent if name else "")


def _messages(row: OrderRow, sent: Mapping[str, int]) -> Markup | str:
    """How many there are in each state; all of them are one click away."""
    if not sent:
        return "–"
    pills = Markup(" ").join(state(f"{name} {count}", of=name) for name, count in sent.items())
    return Markup('<a href="/messages?text={}">{}</a>').format(quote(row["external_order_id"]), pills)


def _midnight(visit: Visit, day: str | None, *, days: int = 0) -> datetime | None:
    """When the day of the address begins in the account's zone; what is no day is no restriction."""
    try:
        found = date.fromisoformat(day or "") + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return datetime(found.year, found.month, found.day, tzinfo=visit.services.settings.zone).astimezone(UTC)


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
