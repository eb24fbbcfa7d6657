"""The bare bound of intake: Pydantic reads the body, asyncpg writes the same rows, and nothing is decided.

A plain model of the same fields, an upsert and an insert of events by `unnest`, one transaction, no HTTP.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Self
from uuid import UUID

import asyncpg
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from core.document import OrderStatus

_TEXTS = (
    "external_order_id", "status", "currency", "external_customer_id", "email", "phone", "first_name", "last_name",
    "delivery_method", "delivery_address",
)  # fmt: skip
_COLUMNS = {
    **dict.fromkeys(_TEXTS, "text"),
    "total_cost": "numeric",
    "date": "timestamptz",
    "status_date": "timestamptz",
    "items": "jsonb",
}
_NAMES = ", ".join(_COLUMNS)
_ARRAYS = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(_COLUMNS.values(), start=1))
_UPSERT = f"""
    INSERT INTO "order" ({_NAMES}, status_at, source, version, content_hash,
        match_external_id, match_email, match_phone)
    SELECT {_NAMES}, status_date, 'online', 1, '', external_customer_id, email, phone
    FROM unnest({_ARRAYS}) AS given({_NAMES})
    ON CONFLICT (external_order_id) DO UPDATE SET ({_NAMES}) = ROW({", ".join(f"excluded.{name}" for name in _COLUMNS)})
    RETURNING id
"""
_EVENTS = """
    INSERT INTO order_event (event_type, event_key, effect, order_id, order_version, snapshot, batch_id, occurred_at)
    SELECT 'order' || status, event_key, 'acts', order_id, 1, snapshot, $5, occurred_at
    FROM unnest($1::text[], $2::text[], $3::uuid[], $4::jsonb[], $6::timestamptz[])
        AS given(status, event_key, order_id, snapshot, occurred_at)
"""


class _Model(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class Item(_Model):
    """As the contract has it, in ordinary types."""

    external_item_id: str
    name: str | None = None
    quantity: Decimal
    cost: Decimal | None = None
    url: str | None = None
    image_url: str | None = None
    category: str | None = None
    description: str | None = None


class Order(_Model):
    """As the contract has it, in ordinary types."""

    external_order_id: str
    total_cost: Decimal
    status: OrderStatus
    date: datetime
    external_customer_id: str | None = None
    email: str | None = None
    phone: str | None = None
    currency: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    delivery_method: str | None = None
    delivery_address: str | None = None
    status_date: datetime | None = None
    items: list[Item]


class Orders(_Model):
    """The body."""

    orders: list[Order]


class Bare:
    """A connection of its own."""

    def __init__(self, connection: asyncpg.Connection, batch_id: UUID) -> None:
        self._connection = connection
        self._batch_id = batch_id

    @classmethod
    @asynccontextmanager
    async def on(cls, url: str) -> AsyncIterator[Self]:
        """Connect to a database that has the product's schema."""
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        try:
            yield cls(
                connection,
                await connection.fetchval(
                    "INSERT INTO event_batch (source, state, accepted, failed) VALUES ('bare', 'done', 0, 0) "
                    "RETURNING id"
                ),
            )
        finally:
            await connection.close()

    async def accept(self, body: bytes) -> None:
        """Durable when it returns."""
        orders = Orders.model_validate_json(body).orders
        columns = [[self._value(order, name) for order in orders] for name in _COLUMNS]
        now = datetime.now(UTC)
        async with self._connection.transaction():
            rows = await self._connection.fetch(_UPSERT, *columns)
            await self._connection.execute(
                _EVENTS,
                [order.status for order in orders],
                [order.external_order_id for order in orders],
                [row["id"] for row in rows],
                [order.model_dump_json(by_alias=True, exclude_none=True) for order in orders],
                self._batch_id,
                [order.status_date or now for order in orders],
            )

    @staticmethod
    def _value(order: Order, name: str) -> object:
        if name == "items":
            return "[" + ",".join(item.model_dump_json(by_alias=True, exclude_none=True) for item in order.items) + "]"
        return getattr(order, name)
