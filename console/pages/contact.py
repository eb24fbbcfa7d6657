"""One contact: a card with figures and consent, and everything that happened to the person."""

from collections.abc import Mapping
from datetime import UTC, datetime

from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from console.contact_actions import offer
from console.markup import cards, facts, heading, hero, link, moment, money, panel, put, state, table, tabs, with_small
from console.pages.contacts import name_of
from console.pages.messages import listing
from console.place import id_of
from console.shell import page
from console.text import number, tr
from console.visit import Visit
from core.segments.rfm import frequency_labels, recency_labels
from store.contact_card import Card, load_card
from store.contacts import find_contact
from store.event_list import EventFilter, list_events
from store.message_list import MessageFilter, Row, list_messages
from store.orders import OrderFilter, list_orders
from store.run_list import RunFilter, list_runs
from store.segment_sql import Account

_RECENT = 50
_VIEWS = {"orders": "Orders", "events": "Events", "runs": "Runs", "messages": "Messages", "segments": "Segments"}


@page("/contacts/{contact_id}", title="Contact", own_heading=True)
async def contact(visit: Visit) -> None:
    """Who it is, what may be sent, and what came of it."""
    view = visit.query.get("view", "orders")
    account = Account.at(visit.services.settings, datetime.now(UTC))
    async with visit.read() as session:
        found = await find_contact(session, id_of("contact", visit.path("contact_id")))
        card = await load_card(session, found["id"], account)
        shown = await _view(visit, session, found, card, view)
    put(hero(name_of(found), _conflict(found), above=("/contacts", tr("Contacts"))))
    await offer(visit, found["id"], found["merged"])
    put(
        cards(_figures(visit, card, account)),
        Markup('<div class="oc-split"><div>{}</div><div>{}</div></div>').format(
            panel(heading(tr("Known by")), _identities(visit, found), _more(visit, found)),
            panel(heading(tr("What may be sent")), _consent(visit, card)),
        ),
        tabs(f"/contacts/{found['id']}", visit.query, "view", {name: tr(one) for name, one in _VIEWS.items()}, view),
        shown,
    )


def _conflict(found: Row) -> Markup:
    if not found["identity_conflict"]:
        return Markup("")
    return Markup('<span class="oc-pill oc-warn">{}</span>').format(tr("identities disagree in an order"))


def _figures(visit: Visit, card: Card, account: Account) -> Mapping[str, object]:
    figures = card.figures
    zone = visit.services.settings.zone
    recency, frequency = recency_labels(account.recency), frequency_labels(account.frequency)
    cell = f"{recency[figures.recency]} · {frequency[figures.frequency]}"
    return {
        tr("delivered orders"): Markup("{}<br><small>{}</small>").format(
            number(figures.orders), tr("of {count}", count=number(figures.all_orders))
        ),
        tr("revenue"): money(figures.revenue, account.currency),
        tr("average check"): money(figures.average, account.currency),
        tr("last order"): moment(figures.last, zone),
        tr("recency · frequency"): link(f"/rfm/{figures.recency}/{figures.frequency}", cell),
    }


def _identities(visit: Visit, found: Row) -> Markup:
    zone = visit.services.settings.zone
    return table(
        [tr(name) for name in ("Value", "Came from")],
        [
            (
                with_small(one["value"], one["kind"]),
                with_small(
                    tr("{where}, with a merged contact", where=one["provenance"])
                    if one["merged_from"]
                    else one["provenance"],
                    moment(datetime.fromisoformat(one["since"]), zone),
                ),
            )
            for one in found["identities"]
        ],
        empty=tr("Nothing: the contact was erased."),
    )


def _more(visit: Visit, found: Row) -> Markup:
    own = {str(name): value for name, value in (found["fields"] or {}).items()}
    known = {tr("Language"): found["language"], tr("Time zone"): found["time_zone"], tr("From"): found["source"]}
    return Markup('<div class="oc-more">{}</div>').format(
        facts(known | {tr("Since"): moment(found["created_at"], visit.services.settings.zone)} | own)
    )


def _consent(visit: Visit, card: Card) -> Markup:
    """Each address by channel: whether it gets messages, why not, and what was last said of it."""
    zone = visit.services.settings.zone
    rows = []
    for one in card.consent:
        held = ", ".join(one["reasons"] or ())
        may = Markup('<span class="oc-pill oc-{}">{}</span>').format(
            "bad" if held else "good", held or tr("gets messages")
        )
        said = Markup("{} ({}) {}").format(one["said"], one["provenance"], moment(one["changed_at"], zone))
        rows.append((with_small(one["address"], one["channel"]), with_small(may, said if one["said"] else "")))
    columns = [tr(name) for name in ("Address", "State")]
    return table(columns, rows, empty=tr("No address that a message could go to."))


async def _view(visit: Visit, session: AsyncSession, found: Row, card: Card, view: str) -> Markup:
    """One of the lists, the newest of each, with the way to all of them."""
    zone = visit.services.settings.zone
    contact_id = found["id"]
    if view == "events":
        wanted = EventFilter(contact_id=contact_id)
        events = await list_events(session, wanted, before=None, limit=_RECENT)
        rows: list[tuple[object, ...]] = [
            (link(f"/events/{row['id']}", row["event_type"]), row["event_key"], row["effect"],
             moment(row["received_at"], zone))
            for row in events
        ]  # fmt: skip
        more = link(f"/events?contact={contact_id}", tr("All events of this contact"))
        return table([tr(name) for name in ("Event", "Key", "Effect", "Came")], rows, empty=tr("No events.")) + more
    if view == "runs":
        runs = await list_runs(session, RunFilter(contact_id=contact_id), limit=_RECENT)
        rows = [
            (link(f"/runs/{row['id']}", row["automation"]), row["event_key"], state(row["state"]), row["step_id"],
             moment(row["created_at"], zone))
            for row in runs
        ]  # fmt: skip
        columns = [tr(name) for name in ("Run", "Event", "State", "Step", "Started")]
        return table(columns, rows, empty=tr("No automation ran for this contact."))
    if view == "messages":
        messages = await list_messages(session, MessageFilter(contact_id=contact_id), limit=_RECENT)
        more = link(f"/messages?contact={contact_id}", tr("All messages to this contact"))
        return listing(visit, messages, empty=tr("No messages.")) + more
    if view == "segments":
        rows = [(row["name"], row["source"], moment(row["added_at"], zone)) for row in card.segments]
        return table([tr(name) for name in ("Segment", "Put in by", "Since")], rows, empty=tr("In no segment."))
    orders = await list_orders(session, OrderFilter(contact_id=contact_id), after=None, limit=_RECENT)
    rows = [
        (link(f"/orders/{row['id']}", row["external_order_id"]), state(row["status"]),
         money(row["total_cost"], row["currency"]), moment(row["date"], zone))
        for row in orders
    ]  # fmt: skip
    columns = [tr(name) for name in ("Order", "Status", "Total", "Date")]
    return table(columns, rows, empty=tr("No orders."), numeric=frozenset({2}))
