"""Deleting orders: runs are ended with that reason, then orders and events go, messages keep their ledger rows."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity
from temporalio.client import Client

from core.contracts import Stop, StopKind
from core.process import signal_stops
from core.upkeep import OrderDeletion, OrdersDeleted
from store import order_deletion
from store.audit import record_audit
from store.run_stops import stop_runs_of_orders
from store.session import Database

_AT_ONCE = 200
"""Orders of one transaction."""

_WHY = Stop(kind=StopKind.ORDER_DELETED, reason="the order was deleted")


@dataclass(frozen=True)
class DeletionActivities:
    """A piece of a deletion. Each may run twice: what is gone is not found again."""

    database: Database
    client: Client

    @activity.defn
    async def delete_some_orders(self, wanted: OrderDeletion) -> OrdersDeleted:
        """Stop the runs of some orders, wake them, delete the orders. `more` asks to be called again."""
        async with self.database.transaction() as session:
            order_ids = await self._choose(session, wanted)
            signals = await stop_runs_of_orders(session, order_ids, _WHY)
        if not order_ids:
            return OrdersDeleted()
        await signal_stops(self.client, signals)
        async with self.database.transaction() as session:
            deleted = await order_deletion.delete_orders(session, order_ids)
            if deleted:
                subject = "orders" if wanted.external_order_id is None else f"order:{wanted.external_order_id}"
                await record_audit(
                    session, actor=wanted.actor, action="orders.delete", subject=subject, details={"orders": deleted}
                )
        return OrdersDeleted(deleted=deleted or 0, more=deleted is None or len(order_ids) == _AT_ONCE)

    async def _choose(self, session: AsyncSession, wanted: OrderDeletion) -> list[UUID]:
        if wanted.external_order_id is not None:
            return await order_deletion.choose_order(
                session, wanted.external_order_id, requested_at=wanted.requested_at
            )
        if wanted.since is None or wanted.until is None:
            return []
        return await order_deletion.choose_orders(
            session, wanted.since, wanted.until, requested_at=wanted.requested_at, limit=_AT_ONCE
        )
