from decimal import Decimal
from typing import Any

import pytest

from tests.wire.orders import ABSENT, accepted, raw_item, raw_order


def codes(raw: dict[str, Any]) -> list[str]:
    return [warning.code for warning in accepted(raw).warnings]


def test_a_clean_order_has_no_warning() -> None:
    assert codes(raw_order(items=[raw_item()], email="a@example.com", phone="+380501234567")) == []


@pytest.mark.parametrize(
    ("total", "adjustments"),
    [
        ("100.50", {}),
        ("100.50", {"shipping": 45}),
        ("145.50", {"shipping": 45}),
        ("90.50", {"discount": 10}),
        ("90.50", {"discount": -10}),
        ("120.60", {"taxes": "20.10"}),
        ("155.60", {"shipping": 45, "taxes": "20.10", "discount": 10}),
        ("110.60", {"shipping": 45, "taxes": "20.10", "discount": 10}),
        ("50.25", {}),
        ("85.25", {"shipping": 45, "discount": 10}),
        ("100.51", {}),
        ("100.49", {}),
    ],
)
def test_a_total_that_some_reading_of_the_items_gives_is_fine(total: str, adjustments: dict[str, Any]) -> None:
    assert codes(raw_order(totalCost=total, items=[raw_item()], **adjustments)) == []


@pytest.mark.parametrize("total", ["100.52", "0", "1005.00", "75"])
def test_a_total_that_no_reading_gives_is_a_warning(total: str) -> None:
    (warning,) = accepted(raw_order(totalCost=total, items=[raw_item()], shipping=45)).warnings
    assert (warning.code, warning.field, warning.external_order_id) == ("total_mismatch", "totalCost", "A-1")


def test_each_line_may_be_rounded_on_its_own() -> None:
    thirds = [raw_item(quantity=3, cost=Decimal("3.33"))] * 3
    assert codes(raw_order(totalCost=Decimal("30.00"), items=thirds)) == []
    assert codes(raw_order(totalCost=Decimal("30.01"), items=thirds)) == ["total_mismatch"]


def test_without_every_cost_nobody_can_tell() -> None:
    assert codes(raw_order(totalCost=7, items=[raw_item(), raw_item(cost=ABSENT)])) == []


@pytest.mark.parametrize("items", [ABSENT, []])
def test_without_items_there_is_nothing_to_compare(items: object) -> None:
    assert codes(raw_order(totalCost=7, items=items)) == []


def test_missing_pictures_are_one_warning_an_order() -> None:
    items = [raw_item(cost=ABSENT), raw_item(imageUrl=""), raw_item(), raw_item(imageUrl=None)]
    (warning,) = accepted(raw_order(items=items)).warnings
    assert (warning.code, warning.field) == ("missing_image", "items[1].imageUrl")
    assert warning.message.startswith("imageUrl is missing in items 1, 3;")


def test_a_warning_names_at_most_ten_items() -> None:
    (warning,) = accepted(raw_order(items=[raw_item(imageUrl=ABSENT, cost=ABSENT)] * 1000)).warnings
    assert "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 990 more" in warning.message


def test_warnings_come_in_the_order_of_the_contract() -> None:
    order = raw_order(totalCost=7, email="x", phone="x", items=[raw_item(imageUrl=ABSENT)])
    assert codes(order) == ["total_mismatch", "unusable_email", "unusable_phone", "missing_image"]
