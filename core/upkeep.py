"""What crosses Temporal about deletion and retention."""

from datetime import datetime
from uuid import UUID

from core.contracts import Contract


class OrderDeletion(Contract):
    """Which orders are to be deleted: one, or those dated from `since` up to, and without, `until`."""

    actor: str
    requested_at: datetime
    """Orders that come later stay."""
    external_order_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    deleted: int = 0
    """By the executions before this one."""


class OrdersDeleted(Contract):
    """What one bounded piece of a deletion did."""

    deleted: int = 0
    more: bool = False


class Pruning(Contract):
    """Where a piece of the retention begins: a kind of row, and the last id that was looked at."""

    kind: str
    after: UUID
    now: datetime


class Pruned(Contract):
    """What one piece of the retention did; `after` is None when nothing older is left."""

    deleted: int = 0
    after: UUID | None = None
