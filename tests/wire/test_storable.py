"""What is accepted goes into PostgreSQL and comes back as it was."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from core.document import dump_json, load_json, snapshot
from tests.wire.orders import given, raw_item, raw_order

EXTREMES: dict[str, Any] = {
    "widest integer": 10**64 - 1,
    "lowest integer": -(10**64 - 1),
    "widest fraction": Decimal("0." + "0" * 63 + "1"),
    "many digits": Decimal("9" * 64 + "." + "9" * 64),
    "exponent": Decimal("1e63"),
    "text": "\x01\x1f\x7f\u2028\ufffe\uffff\U0010ffff 🙂 \u202e\\u0000 \\ \" '",
    "": {"": [[], {}, None, True, ""]},
}
EXTREME_ORDER = raw_order(
    totalCost="99999999999999.99999999999999999999",
    shipping="-99999999999999",
    firstName=EXTREMES["text"],
    additionalInfo=EXTREMES,
    items=[raw_item(quantity="0.00000000000000000001", name="я" * 4_000, anything=EXTREMES)],
    anything=EXTREMES,
)


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url.replace("+asyncpg", ""))
    yield connection
    await connection.close()


async def test_an_order_at_every_bound_survives_jsonb(connection: asyncpg.Connection) -> None:
    document = snapshot(given(EXTREME_ORDER))
    stored = await connection.fetchval("SELECT $1::jsonb", dump_json(document).decode())
    assert load_json(stored) == document


async def test_text_and_amounts_at_their_bounds_survive_their_columns(connection: asyncpg.Connection) -> None:
    order = given(EXTREME_ORDER)
    values = [order["first_name"], order["total_cost"], order["shipping"], order["date"]]
    row = await connection.fetchrow("SELECT $1::text, $2::numeric, $3::numeric, $4::timestamptz", *values)
    assert list(row) == values
