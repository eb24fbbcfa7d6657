"""Raw orders to rows: the one way on which HTTP, connectors and imports check orders and record them."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.conflicts import in_transaction
from api.wire.outcome import AcceptedOrder, FailedOrder
from api.wire.reading import OrderRules, read_order
from store.intake import Recording, record_all
from store.merging import OrderChange
from store.session import Database

T = TypeVar("T")


@dataclass(frozen=True)
class Checked:
    """Raw orders, told apart."""

    accepted: tuple[AcceptedOrder, ...]
    failed: tuple[FailedOrder, ...]


def check_orders(rules: OrderRules, raw: Iterable[object]) -> Checked:
    """Validate each order on its own."""
    outcomes = [read_order(index, one, rules) for index, one in enumerate(raw)]
    return Checked(
        tuple(one for one in outcomes if isinstance(one, AcceptedOrder)),
        tuple(one for one in outcomes if isinstance(one, FailedOrder)),
    )


async def record_checked(
    session: AsyncSession, checked: Checked, rules: OrderRules, *, source: str, historical: bool, now: datetime
) -> UUID | None:
    """Store what was accepted. Returns the batch that ProcessEvents is to be started for; None when nothing was."""
    if not checked.accepted:
        return None
    recorded = await record_all(session, [recording_of(checked, rules, source=source, historical=historical)], now=now)
    return recorded[0].batch_id


def recording_of(checked: Checked, rules: OrderRules, *, source: str, historical: bool) -> Recording:
    """What was accepted, as store takes it."""
    changes = [
        OrderChange(one.external_order_id, one.given, one.match_external_id, one.match_email, one.match_phone)
        for one in checked.accepted
    ]
    defaults = {"source": "online", "currency": rules.default_currency}
    return Recording(changes, source, defaults, failed=len(checked.failed), historical=historical)


async def in_one_transaction(database: Database, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """Do `work` on orders and commit. Raises UnavailableError, and then nothing is stored."""
    return await in_transaction(database, work, what="orders")
