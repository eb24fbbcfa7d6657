"""What figures are measured with."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Self
from zoneinfo import ZoneInfo

from core.settings import Settings


@dataclass(frozen=True, slots=True)
class Account:
    """The moment, the account's zone and currency, the edges of the grid, and fixed edges of scores, if there are."""

    now: datetime
    zone: ZoneInfo
    currency: str
    recency: tuple[str, ...]
    frequency: tuple[int, ...]
    score_recency: tuple[str, ...] = ()
    score_frequency: tuple[int, ...] = ()
    score_monetary: tuple[Decimal, ...] = ()

    @classmethod
    def at(cls, settings: Settings, now: datetime) -> Self:
        """The account as it is set, at a moment."""
        return cls(
            now,
            settings.zone,
            settings.account_currency,
            settings.rfm_recency,
            settings.rfm_frequency,
            settings.rfm_score_recency,
            settings.rfm_score_frequency,
            settings.rfm_score_monetary,
        )

    def of(self, currency: str) -> Self:
        """The same with money in another currency."""
        return replace(self, currency=currency)
