"""The wire contract of order intake, pure: bytes → raw orders → accepted or failed ones, and the answers' models."""

from api.wire.answer import FailedOrderOut, OrdersAnswer, ProblemOut, WarningOut
from api.wire.body import MAX_ORDERS, read_body
from api.wire.order import ItemIn, OrderIn
from api.wire.outcome import AcceptedOrder, FailedOrder, FieldError
from api.wire.reading import OrderRules, read_order
from api.wire.warning import OrderWarning

__all__ = [
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
    "ProblemOut",
    "WarningOut",
    "read_body",
    "read_order",
]
