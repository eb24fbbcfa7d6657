"""What is odd about an order that is accepted all the same."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import product
from typing import Any, NamedTuple

from api.wire.identity import Identities
from api.wire.outcome import OrderWarning

_NAMED = 10
"""How many items a warning names."""

_ZERO = Decimal(0)
_CENT = Decimal("0.01")


class _Remark(NamedTuple):
    code: str
    field: str
    message: str


_UNUSABLE_EMAIL = _Remark(
    "unusable_email", "email", "email is no valid address; the order is kept, but no customer is found by it."
)
_UNUSABLE_PHONE = _Remark(
    "unusable_phone", "phone", "phone is no valid number; the order is kept, but no customer is found by it."
)
_TOTAL_MISMATCH = _Remark(
    "total_mismatch",
    "totalCost",
    "totalCost is not what the items cost, be their cost the price of one or of the line, "
    "with or without shipping, taxes and discount.",
)


def warnings_of(index: int, given: Mapping[str, Any], identities: Identities) -> tuple[OrderWarning, ...]:
    """All remarks about one order, in the contract's order."""
    remarks: list[_Remark] = []
    items = given.get("items")
    if items and not _total_fits(given, items):
        remarks.append(_TOTAL_MISMATCH)
    if identities.email is None and given.get("email", "").strip():
        remarks.append(_UNUSABLE_EMAIL)
    if identities.phone is None and given.get("phone", "").strip():
        remarks.append(_UNUSABLE_PHONE)
    if items and (missing := [number for number, item in enumerate(items) if "imageUrl" not in item]):
        remarks.append(_missing_image(missing))
    if not remarks:
        return ()
    return tuple(OrderWarning(index, given["external_order_id"], *remark) for remark in remarks)


def _total_fits(given: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> bool:
    """Whether some reading of the costs gives the total; true when an item has no cost, for then nobody can tell."""
    units = lines = _ZERO
    for item in items:
        cost = item.get("cost")
        if cost is None:
            return True
        units += cost * item["quantity"]
        lines += cost
    total = given["total_cost"]
    discount = given.get("discount")
    amounts = [amount for amount in (given.get("shipping"), given.get("taxes"), discount and -abs(discount)) if amount]
    if total in (units, sum(amounts, units)):  # nearly always
        return True
    tolerance = _CENT * len(items)  # each line may have been rounded on its own
    return any(
        abs(sum(chosen, base) - total) <= tolerance
        for base in (units, lines)
        for chosen in product(*((amount, _ZERO) for amount in amounts))
    )


def _missing_image(missing: Sequence[int]) -> _Remark:
    named = ", ".join(map(str, missing[:_NAMED]))
    more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
    message = f"imageUrl is missing in items {named}{more}; messages cannot show a picture of them."
    return _Remark("missing_image", f"items[{missing[0]}].imageUrl", message)
