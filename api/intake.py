"""Orders of one request: each checked on its own, the good ones stored and handed on in one transaction."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api.once import once_problem
from api.recording import Checked, check_orders, in_one_transaction, record_checked, recording_of
from api.services import Services
from api.wire.answer import FailedOrderOut, OrdersAnswer, WarningOut, plain_answer
from store.idempotency import Claim, KeyInUseError, KeyReusedError, claim, keep


@dataclass(frozen=True)
class Accepted:
    """What a request gets: `answer` is the JSON of an OrdersAnswer."""

    answer: str
    all_accepted: bool
    replayed: bool = False
    """It was done before, and nothing happened now."""


async def accept_orders(
    services: Services, raw: list[object], *, source: str, historical: bool = False, once: Claim | None = None
) -> Accepted:
    """Store what is valid, durably, then have it processed. Raises UnavailableError, and then nothing is stored.

    `historical` orders are matched to contacts and counted, but start and stop nothing. A request that is to be done
    `once` and was done before gets the answer of then. Raises Problem 409 for a claim that cannot be met.
    """
    checked = check_orders(services.rules, raw)
    if once is not None:
        return await _store_once(services, checked, source=source, historical=historical, once=once)
    if not checked.accepted:
        return _accepted(uuid4(), checked)
    batch_id = await services.commits.record(
        recording_of(checked, services.rules, source=source, historical=historical)
    )
    services.starter.start(batch_id)
    return _accepted(batch_id, checked)


async def _store_once(services: Services, checked: Checked, *, source: str, historical: bool, once: Claim) -> Accepted:
    """In a transaction of its own: it may wait for another request with the same key, and nobody waits with it."""

    async def work(session: AsyncSession) -> tuple[Accepted, UUID | None]:
        now = datetime.now(UTC)
        stored = await claim(session, once, now)
        if stored is not None:
            failed = OrdersAnswer.model_validate_json(stored).failed_orders
            return Accepted(stored, all_accepted=not failed, replayed=True), None
        batch_id = await record_checked(session, checked, services.rules, source=source, historical=historical, now=now)
        # of orders that all failed there is no batch, but the answer has an id all the same
        accepted = _accepted(batch_id or uuid4(), checked)
        await keep(session, once, accepted.answer)
        return accepted, batch_id

    try:
        accepted, batch_id = await in_one_transaction(services.database, work)
    except (KeyReusedError, KeyInUseError) as error:
        raise once_problem(error) from error
    if batch_id is not None:
        services.starter.start(batch_id)
    return accepted


def _accepted(batch_id: UUID, checked: Checked) -> Accepted:
    failed = [FailedOrderOut.model_validate(one) for one in checked.failed]
    warnings = [WarningOut.model_validate(one) for order in checked.accepted for one in order.warnings]
    if not failed and not warnings:
        return Accepted(plain_answer(batch_id, len(checked.accepted)), all_accepted=True)
    answer = OrdersAnswer(id=str(batch_id), accepted=len(checked.accepted), failed_orders=failed, warnings=warnings)
    return Accepted(answer.model_dump_json(by_alias=True), all_accepted=not failed)
