"""Orders of one request: each checked on its own, the good ones stored and handed on in one transaction."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy.exc import DBAPIError

from api.services import Services
from api.wire.answer import FailedOrderOut, OrdersAnswer, WarningOut
from api.wire.outcome import AcceptedOrder, FailedOrder
from api.wire.reading import read_order
from core.errors import UnavailableError
from store.intake import record_orders
from store.merging import OrderChange

_TRIES = 3
_LOCK_CONFLICTS = {"40P01", "40001"}
"""Deadlock detected, serialization failure: the transaction did nothing and may be tried again."""


@dataclass(frozen=True)
class Checked:
    """The orders of a request, told apart."""

    accepted: tuple[AcceptedOrder, ...]
    failed: tuple[FailedOrder, ...]


def check_orders(services: Services, raw: list[object]) -> Checked:
    """Validate each order on its own."""
    outcomes = [read_order(index, one, services.rules) for index, one in enumerate(raw)]
    return Checked(
        tuple(one for one in outcomes if isinstance(one, AcceptedOrder)),
        tuple(one for one in outcomes if isinstance(one, FailedOrder)),
    )


async def accept_orders(
    services: Services, raw: list[object], *, source: str, historical: bool = False
) -> OrdersAnswer:
    """Store what is valid, durably, then have it processed. Raises UnavailableError, and then nothing is stored.

    `historical` orders are matched to contacts and counted, but start and stop nothing.
    """
    checked = check_orders(services, raw)
    batch_id = uuid4()
    if checked.accepted:
        batch_id = await _store(services, checked, source=source, historical=historical)
        services.starter.start(batch_id)
    return OrdersAnswer(
        id=str(batch_id),
        accepted=len(checked.accepted),
        failed_orders=[FailedOrderOut.model_validate(one) for one in checked.failed],
        warnings=[WarningOut.model_validate(one) for order in checked.accepted for one in order.warnings],
    )


async def _store(services: Services, checked: Checked, *, source: str, historical: bool) -> UUID:
    changes = [
        OrderChange(one.external_order_id, one.given, one.match_external_id, one.match_email, one.match_phone)
        for one in checked.accepted
    ]
    for _ in range(_TRIES):
        try:
            async with services.database.transaction() as session:
                recorded = await record_orders(
                    session,
                    changes,
                    source=source,
                    defaults={"source": "online", "currency": services.rules.default_currency},
                    now=datetime.now(UTC),
                    failed=len(checked.failed),
                    historical=historical,
                )
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _LOCK_CONFLICTS:
                raise
        else:
            return recorded.batch_id
    raise UnavailableError("the same orders are being written by others; try again")
