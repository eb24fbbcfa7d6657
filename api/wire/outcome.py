"""What reading an order gives: accepted, perhaps with warnings, or failed."""

from dataclasses import dataclass
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class OrderWarning:
    """Something odd about an order that is accepted all the same; `field` is its place in the order."""

    index: int
    external_order_id: str
    code: str
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class AcceptedOrder:
    """An order that can be stored. `given` is keyed by column and holds only what the request brought.

    In `given` amounts are Decimal and dates datetimes in UTC; `items` are JSON documents with the field names of the
    API, `additional_info` and `extra` JSON documents as they came. The match_* are normalised identities, None where
    the order brought none that can be used.
    """

    index: int
    external_order_id: str
    given: dict[str, Any]  # Any: each column has its own type
    warnings: tuple[OrderWarning, ...]
    match_external_id: str | None
    match_email: str | None
    match_phone: str | None


class FieldError(NamedTuple):
    """One field that is wrong: its place in the order, a stable code, and a sentence with the remedy."""

    field: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class FailedOrder:
    """An order that cannot be stored. `errors` has what is wrong, in the contract's order, one to twenty entries."""

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
