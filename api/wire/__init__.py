"""The wire contract of order intake, pure: bytes → raw orders → accepted or failed ones, and the answers' models."""

from api.wire.answer import FailedOrderOut, OrdersAnswer, ProblemOut, WarningOut
from api.wire.body import read_body
from api.wire.order import MAX_ITEMS, MAX_ORDERS, ItemIn, OrderIn, OrdersIn
from api.wire.outcome import AcceptedOrder, FailedOrder, FieldError, OrderWarning
from api.wire.reading import OrderRules, read_order

__all__ = [
    "MAX_ITEMS",
    "MAX_ORDERS",
    "AcceptedOrder",
    "FailedOrder",
    "FailedOrderOut",
    "FieldError",
    "ItemIn",
    "OrderIn",
    "OrderRules",
    "OrderWarning",
    "OrdersAnswer",
    "OrdersIn",
    "ProblemOut",
    "WarningOut",
    "read_body",
    "read_order",
]
