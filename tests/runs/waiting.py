"""What tests of runs look at beside the API."""

import asyncio
from typing import Any
from uuid import UUID

from sqlalchemy import text

from tests.product import Product


async def results(product: Product, run: dict[str, Any]) -> dict[str, dict[str, Any]]:  # Any: JSON
    """What the steps of a run came to."""
    async with product.database.transaction() as session:
        found = await session.execute(
            text("SELECT step_id, result FROM step_result WHERE run_id = :id"), {"id": UUID(run["id"])}
        )
        return {row.step_id: row.result for row in found}


async def waits_for_event(product: Product, step_id: str) -> None:
    """Until some run has told the database that it waits at this step."""
    async with asyncio.timeout(60):
        while True:
            async with product.database.transaction() as session:
                if await session.scalar(text("SELECT 1 FROM run WHERE awaited_step = :id"), {"id": step_id}):
                    return
            await asyncio.sleep(0.05)
