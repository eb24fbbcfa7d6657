"""Orders of one request: each checked on its own, the good ones stored and handed on in one transaction."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from api.once import once_problem
from api.services import Services
from api.wire.answer import FailedOrderOut, OrdersAnswer, WarningOut
from api.wire.outcome import AcceptedOrder, FailedOrder
from api.wire.reading import OrderRules, read_order
from core.errors import UnavailableError
from store.idempotency import Claim, KeyInUseError, KeyReusedError, claim, keep
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


@dataclass(frozen=True)
class Accepted:
    """What a request gets; `replayed` when it was done before and nothing happened now."""

    answer: OrdersAnswer
    replayed: bool = False


def check_orders(services: Services, raw: list[object]) -> Checked:
    """Validate each order on its own."""
    outcomes = [read_order(index, one, services.rules) for index, one in enumerate(raw)]
    return Checked(
        tuple(one for one in outcomes if isinstance(one, AcceptedOrder)),
        tuple(one for one in outcomes if isinstance(one, FailedOrder)),
    )


async def accept_orders(
    services: Services, raw: list[object], *, source: str, historical: bool = False, once: Claim | None = None
) -> Accepted:
    """Store what is valid, durably, then have it processed. Raises UnavailableError, and then nothing is stored.

    `historical` orders are matched to contacts and counted, but start and stop nothing. A request that is to be done
    `once` and was done before gets the answer of then. Raises Problem 409 for a claim that cannot be met.
    """
    checked = check_orders(services, raw)
    if not checked.accepted and once is None:
        return Accepted(_answer(uuid4(), checked))
    accepted = await _store(services, checked, source=source, historical=historical, once=once)
    if checked.accepted and not accepted.replayed:
        services.starter.start(UUID(accepted.answer.id))
    return accepted


async def _store(
    services: Services, checked: Checked, *, source: str, historical: bool, once: Claim | None
) -> Accepted:
    for _ in range(_TRIES):
        try:
            async with services.database.transaction() as session:
                now = datetime.now(UTC)
                stored = await claim(session, once, now) if once else None
                if stored is not None:
                    return Accepted(OrdersAnswer.model_validate_json(stored), replayed=True)
                batch_id = await _record(
                    session, checked, services.rules, source=source, historical=historical, now=now
                )
                answer = _answer(batch_id, checked)
                if once:
                    await keep(session, once, answer.model_dump_json(by_alias=True))
        except (KeyReusedError, KeyInUseError) as error:
            raise once_problem(error) from error
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _LOCK_CONFLICTS:
                raise
        else:
            return Accepted(answer)
    raise UnavailableError("the same orders are being written by others; try again")


async def _record(
    session: AsyncSession, checked: Checked, rules: OrderRules, *, source: str, historical: bool, now: datetime
) -> UUID:
    """The batch; of orders that all failed there is none, but the answer has an id all the same."""
    if not checked.accepted:
        return uuid4()
    recorded = await record_orders(
        session,
        [
            OrderChange(one.external_order_id, one.given, one.match_external_id, one.match_email, one.match_phone)
            for one in checked.accepted
        ],
        source=source,
        defaults={"source": "online", "currency": rules.default_currency},
        now=now,
        failed=len(checked.failed),
        historical=historical,
    )
    return recorded.batch_id


def _answer(batch_id: UUID, checked: Checked) -> OrdersAnswer:
    return OrdersAnswer(
        id=str(batch_id),
        accepted=len(checked.accepted),
        failed_orders=[FailedOrderOut.model_validate(one) for one in checked.failed],
        warnings=[WarningOut.model_validate(one) for order in checked.accepted for one in order.warnings],
    )
