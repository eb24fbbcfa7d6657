"""Raw orders as a client would send them, and what reading them gives."""

from typing import Any

from api.wire.outcome import AcceptedOrder, FailedOrder, FieldError
from api.wire.reading import OrderRules, read_order
from core.settings import Settings

RULES = OrderRules.of(Settings(account_zone="Europe/Kyiv", phone_region="UA"))
ANONYMOUS_RULES = OrderRules.of(Settings(accept_anonymous_orders=True))

ABSENT = object()
"""As the value of a field: leave it out."""


def raw_item(**fields: object) -> dict[str, Any]:
    """A valid item of 2 × 50.25."""
    item = {"externalItemId": "SKU-1", "quantity": 2, "cost": 50.25, "imageUrl": "https://shop.example.com/1.jpg"}
    return _with(item, fields)


def raw_order(**fields: object) -> dict[str, Any]:
    """A valid order with what is required; `fields` replace and add."""
    order = {
        "externalOrderId": "A-1",
        "totalCost": 100.5,
        "status": "DELIVERED",
        "date": "2026-05-14T10:11:10+03:00",
        "externalCustomerId": "C-1",
    }
    return _with(order, fields)


def accepted(raw: object, rules: OrderRules = RULES) -> AcceptedOrder:
    """The order, which must be accepted."""
    outcome = read_order(0, raw, rules)
    assert isinstance(outcome, AcceptedOrder), outcome
    return outcome


def given(raw: object, rules: OrderRules = RULES) -> dict[str, Any]:
    """What an accepted order gave, by column."""
    return accepted(raw, rules).given


def refused(raw: object, rules: OrderRules = RULES) -> FailedOrder:
    """The failure of an order that must be refused."""
    outcome = read_order(0, raw, rules)
    assert isinstance(outcome, FailedOrder), outcome
    return outcome


def only_error(raw: object, rules: OrderRules = RULES) -> FieldError:
    """The one error of an order that must be refused for one reason."""
    (error,) = refused(raw, rules).errors
    return error


def _with(base: dict[str, Any], fields: dict[str, object]) -> dict[str, Any]:
    return {name: value for name, value in (base | fields).items() if value is not ABSENT}
