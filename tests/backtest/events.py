# ruff: noqa: ARG002 (a watcher is told more than this one keeps)
"""Past events, and a watcher that keeps what it is told."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from automation.backtest import Backtest
from automation.backtest_event import PastEvent
from automation.backtest_run import Watcher
from automation.backtest_time import Account
from automation.definition import load_definition
from automation.interpreter import Flow
from store.backtest import past_event_facts

BEGIN = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)  # a Monday


def an_event(
    number: int,
    event_type: str = "orderDELIVERED",
    *,
    hours: float = 0,
    order: int | None = 1,
    contact: int | None = 1,
    effect: str = "acts",
    **fields: Any,
) -> PastEvent:
    """An event so many hours after BEGIN; numbers stand for ids."""
    at = BEGIN + timedelta(hours=hours)
    key = f"order-{order}"
    return PastEvent(
        at=at,
        seq=number,
        type=event_type,
        key=key,
        effect=effect,
        id=UUID(int=number + 1_000_000),
        order_id=UUID(int=order) if order is not None else None,
        contact_id=UUID(int=contact + 1000) if contact is not None else None,
        snapshot={"externalOrderId": key, "totalCost": 100, "status": event_type.removeprefix("order")} | fields,
        params=None,
        occurred_at=at,
        contact={"email": "someone@example.com", "timeZone": "Europe/Kyiv"} if contact is not None else None,
    )


class Kept(Watcher):
    """What happened, in order."""

    def __init__(self) -> None:
        self.launches: list[Any] = []
        self.sends: list[tuple[str, str, datetime]] = []
        self.contacts: list[tuple[UUID | None, datetime]] = []
        self.stops: list[tuple[str, datetime]] = []
        self.kept_back: list[tuple[str, str]] = []
        self.refused: list[str] = []
        self.skips: list[tuple[str, str]] = []
        self.moved: list[tuple[str, datetime, datetime]] = []
        self.unmatched = 0
        self.by_run: dict[int, list[tuple[str, datetime]]] = {}

    def not_matched(self, event: Any, match: Any) -> None:
        self.unmatched += 1

    def suppressed(self, event: Any, rule: str) -> None:
        self.refused.append(rule)

    def launched(self, run: Any, because: Any) -> None:
        self.launches.append(run)
        self.by_run[run.number] = []

    def stopped(self, run: Any, at: datetime, why: str) -> None:
        self.stops.append((run.event.key, at))
        self.by_run[run.number].append(("stopped", at))

    def sent(self, run: Any, step: Any, at: datetime, facts: Any) -> None:
        self.sends.append((run.event.key, step.id, at))
        self.contacts.append((run.event.contact_id, at))
        self.by_run[run.number].append(("sent", at))

    def prevented(self, run: Any, step: Any, at: datetime) -> None:
        self.kept_back.append((run.event.key, step.id))

    def skipped(self, run: Any, step: Any, at: datetime, code: str) -> None:
        self.skips.append((step.id, code))

    def shifted(self, run: Any, step_id: str, cause: str, wanted: datetime, at: datetime) -> None:
        self.moved.append((cause, wanted, at))


def played(
    yaml: str, events: Iterable[PastEvent], *, until: datetime | None = None, account: Account | None = None
) -> Kept:
    """Everything that a backtest finds until the end of time."""
    kept = Kept()
    engine = Backtest(Flow(load_definition(yaml)), kept, past_event_facts, account=account)
    engine.take(events)
    engine.run_until(until or datetime.max.replace(tzinfo=UTC))
    return kept
