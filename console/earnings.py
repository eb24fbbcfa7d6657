"""What automations led to in the last days, for the list of them."""

from collections.abc import Hashable
from datetime import date, timedelta
from decimal import Decimal

from console.counted import Counted
from console.services import Services
from store.attribution import Period, revenue_of_automations

DAYS = 30
Earned = dict[str, dict[str, Decimal]]
"""Revenue by the automation's name and currency."""


def kept_earnings(services: Services, today: date) -> Counted[Earned] | None:
    """As it was counted last."""
    return services.counts.kept(_key(today))


async def count_earnings(services: Services, today: date) -> Counted[Earned]:
    """Of today and the days before it, in the account's zone."""

    async def count() -> Earned:
        period = Period.of(services.settings, today - timedelta(days=DAYS - 1), today)
        async with services.database.transaction() as session:
            found = await revenue_of_automations(session, period)
        return {name: {row["currency"]: row["revenue"] for row in rows} for name, rows in found.items()}

    return await services.counts.anew(_key(today), count)


def _key(today: date) -> Hashable:
    return "earnings", today
