"""What is odd about an order that is accepted all the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

from api.wire.identity import Identities

_NAMED = 10
"""How many items a warning names."""

_CENT = Decimal("0.01")
_ADJUSTMENTS = (("shipping", 1), ("taxes", 1), ("discount", -1))


@dataclass(frozen=True, slots=True)
class OrderWarning:
    """One remark; `field` is its place in the order."""

    index: int
    external_order_id: str
    code: str
    field: str
    message: str


def warnings_of(index: int, given: Mapping[str, Any], identities: Identities) -> tuple[OrderWarning, ...]:
    """All remarks about one order: missing_image, total_mismatch, unusable_email, unusable_phone."""
    found: list[tuple[str, str, str]] = []
    if "email" in given and identities.email is None and given["email"].strip():
        found.append(("unusable_email", "email", "is no e-mail address; the order is kept, nothing is matched by it"))
    if "phone" in given and identities.phone is None and given["phone"].strip():
        found.append(("unusable_phone", "phone", "is no phone number; the order is kept, nothing is matched by it"))
    items = given.get("items")
    if items:
        missing = [number for number, item in enumerate(items) if "imageUrl" not in item]
        if missing:
            found.append(_missing_image(missing))
        if not _fits(given, items):
            found.append(
                ("total_mismatch", "totalCost", "matches the items' cost neither as unit price nor as line total")
            )
    return tuple(OrderWarning(index, given["external_order_id"], *each) for each in found)


def _missing_image(missing: Sequence[int]) -> tuple[str, str, str]:
    named = ", ".join(map(str, missing[:_NAMED]))
    more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
    return ("missing_image", f"items[{missing[0]}].imageUrl", f"is missing in items {named}{more}")


def _fits(given: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> bool:
    """Whether some reading of the costs gives the total: unit or line, with or without shipping, taxes, discount."""
    if any("cost" not in item for item in items):
        return True
    units = sum((item["cost"] * item["quantity"] for item in items), Decimal(0))
    total = given["total_cost"]
    if units == total:
        return True
    lines = sum((item["cost"] for item in items), Decimal(0))
    tolerance = _CENT * len(items)
    amounts = [(Decimal(0), sign * given[name]) for name, sign in _ADJUSTMENTS if name in given]
    return any(abs(base + sum(chosen) - total) <= tolerance for base in (units, lines) for chosen in product(*amounts))
