"""What can be done with an order: end its runs, try an automation on it, post a change of it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from nicegui import ui

from api.recording import check_orders, record_checked
from api.test_launch import launch_test
from api.trial_body import TestIn
from api.wire.reading import OrderRules
from console.asking import Field, Given, asking
from console.text import tr
from console.told import go
from console.visit import Visit
from core.contracts import Stop, StopKind
from core.document import OrderStatus, load_json, snapshot
from core.errors import InvalidError
from core.process import signal_stops, start_processing
from store.orders import order_columns
from store.run_stops import stop_runs_of_orders
from store.tables import Order
from store.tables.run import OPEN_STATES
from store.tables.user import Role

_SKIP = ("wait as written", "skip all waits")


def offer(visit: Visit, order: Order, runs: Sequence[str], automations: Sequence[str]) -> None:
    """The buttons that this person may press; `automations` are those that can be tried."""
    with ui.element("div").classes("oc-row"):
        if visit.may(Role.OPERATOR):
            _offer_change(visit, order)
            if set(runs) & set(OPEN_STATES):

                async def stop(_given: Given) -> str:
                    return await _stop(visit, order)

                text = tr("Every run of this order ends and sends nothing more.")
                asking(tr("Stop its runs"), text, stop, {}, danger=True)
        if automations and visit.may(Role.MARKETER):

            async def launch(given: Given) -> str:
                return await _launch(visit, order, given)

            fields = {
                "automation": Field(tr("Automation"), value=automations[0], choices=automations),
                "to": Field(tr("Send the messages to"), value=visit.user.email),
                "waits": Field(tr("Waits"), value=_SKIP[1], choices=_SKIP),
            }
            text = tr("One run beside all others, marked TEST and counted nowhere.")
            asking(tr("Test launch"), text, launch, fields)


def _offer_change(visit: Visit, order: Order) -> None:
    async def change(given: Given) -> str:
        return await _change(visit, order, given)

    fields = {
        "status": Field(tr("Status"), value=order.status, choices=[str(each) for each in OrderStatus]),
        "more": Field(tr("Other fields, as JSON"), value="{}", long=True),
    }
    text = tr("As if the shop had posted it: an event comes of it, and automations act on it.")
    asking(tr("Post a change"), text, change, fields)


async def _stop(visit: Visit, order: Order) -> str:
    why = Stop(kind=StopKind.OPERATOR, reason=f"by {visit.user.role} in the console")
    async with visit.act(Role.OPERATOR, "order.stop_runs", f"order:{order.id}") as session:
        signals = await stop_runs_of_orders(session, [order.id], why)
    await signal_stops(visit.services.client, signals)
    return go(visit, f"/orders/{order.id}", tr("The runs are stopped; they send nothing more."))


async def _launch(visit: Visit, order: Order, given: Given) -> str:
    user = await visit.acting(Role.MARKETER)
    wanted = TestIn(order=order.external_order_id, to=given["to"] or None, skip_waits=given["waits"] == _SKIP[1])
    services = visit.services
    actor = f"user:{user.email}"
    launched = await launch_test(services.database, services.client, given["automation"], wanted, actor=actor)
    return go(visit, f"/runs/{launched.run_id}", tr("The test runs."))


async def _change(visit: Visit, order: Order, given: Given) -> str:
    try:
        more = load_json(given["more"] or "{}")
    except ValueError as error:
        raise InvalidError(tr("This is not JSON: {error}", error=error), field="more") from error
    if not isinstance(more, dict):
        raise InvalidError(tr("Write an object: the fields of the order that change."), field="more")
    kept = snapshot(order_columns(order))
    required = ("totalCost", "date", "externalCustomerId", "email", "phone", "currency")
    raw = {name: kept[name] for name in required if name in kept} | more
    raw |= {"externalOrderId": order.external_order_id, "status": given["status"]}
    rules = OrderRules.of(visit.services.settings)
    checked = check_orders(rules, [raw])
    if checked.failed:
        raise InvalidError(f"{checked.failed[0].field}: {checked.failed[0].message}", field="more")
    async with visit.act(Role.OPERATOR, "order.change", f"order:{order.id}", status=given["status"]) as session:
        source = f"console:{visit.user.id}"
        batch = await record_checked(session, checked, rules, source=source, historical=False, now=datetime.now(UTC))
    await start_processing(visit.services.client, [batch] if batch else [])
    said = tr("The change is posted. What automations decide of it stands here soon: load the page again.")
    return go(visit, f"/orders/{order.id}", said)
