"""What reading an order gives: accepted or failed."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from api.wire.warning import OrderWarning


@dataclass(frozen=True, slots=True)
class AcceptedOrder:
    """An order that can be stored. `given` is keyed by column and holds only what the request brought."""

    index: int
    external_order_id: str
    given: dict[str, Any]  # Any: text, Decimal, datetime in UTC, JSON
    warnings: tuple[OrderWarning, ...]
    match_external_id: str | None
    match_email: str | None
    match_phone: str | None


class FieldError(NamedTuple):
    """One field that is wrong."""

    field: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class FailedOrder:
    """An order that cannot be stored. `errors` has what is wrong, in the contract's order, at most 20."""

    index: int
    external_order_id: str | None
    errors: tuple[FieldError, ...]

    @property
    def field(self) -> str:
        """Of the first error."""
        return self.errors[0].field

    @property
    def code(self) -> str:
        """Of the first error."""
        return self.errors[0].code

    @property
    def message(self) -> str:
        """Of the first error."""
        return self.errors[0].message
