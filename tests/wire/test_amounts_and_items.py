"""Every field of the contract: what it takes, and under which code it refuses the rest."""

from decimal import Decimal
from typing import Any

import pytest

from api.wire.outcome import AcceptedOrder
from api.wire.reading import read_order
from core.document import ORDER_FIELDS
from tests.wire.orders import ABSENT, ANONYMOUS_RULES, RULES, accepted, given, only_error, raw_item, raw_order, refused

NUL, SURROGATE = "a\0b", "a\ud800b"
AMOUNTS = {"shipping": "shipping", "discount": "discount", "taxes": "taxes"}
ITEM_LIMITS = {
    "externalItemId": 255,
    "name": 4_000,
    "url": 4_000,
    "imageUrl": 4_000,
    "category": 4_000,
    "description": 20_000,
}
NOT_TEXT = [True, [], ["a"], {}, {"a": 1}]
NOT_A_NUMBER = [
    "12,50", "1 000", "1_000", "twelve", "0x10", "１２", "NaN", "Infinity", "1" * 101,
    True, [], {}, float("nan"), Decimal("NaN"), float("-inf"), Decimal("Infinity"),
]  # fmt: skip
OUT_OF_RANGE = [10**14, -(10**14), "100000000000000", Decimal("1e14"), Decimal("1e400"), Decimal("1e-21"), "1e9999"]


@pytest.mark.parametrize(("field", "column"), [("totalCost", "total_cost"), *AMOUNTS.items()])
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0"),
        (18, "18"),
        (Decimal("18.00"), "18.00"),
        ("18.50", "18.50"),
        (" 18.5 ", "18.5"),
        ("+.5", "0.5"),
        ("1e2", "100"),
        (Decimal("1E+2"), "100"),
        (Decimal("0.30000000000000004"), "0.30000000000000004"),
        (Decimal("1e-20"), "0.00000000000000000001"),
        (99_999_999_999_999, "99999999999999"),
        (Decimal("99999999999999.99999999999999999999"), "99999999999999.99999999999999999999"),
        (12.5, "12.5"),
    ],
)
def test_an_amount_is_kept_to_the_last_digit(field: str, column: str, value: object, expected: str) -> None:
    amount = given(raw_order(**{field: value}))[column]
    assert (type(amount), str(amount)) == (Decimal, expected) or format(amount, "f") == expected


@pytest.mark.parametrize("field", ["totalCost", *AMOUNTS])
@pytest.mark.parametrize("value", NOT_A_NUMBER)
def test_what_is_no_number_is_refused(field: str, value: object) -> None:
    assert only_error(raw_order(**{field: value}))[:2] == (field, "not_a_number")


@pytest.mark.parametrize("field", ["totalCost", *AMOUNTS])
@pytest.mark.parametrize("value", OUT_OF_RANGE)
def test_an_amount_out_of_range_is_refused(field: str, value: object) -> None:
    assert only_error(raw_order(**{field: value}))[:2] == (field, "out_of_range")


def test_a_total_must_not_be_negative() -> None:
    assert only_error(raw_order(totalCost=Decimal("-0.01")))[:2] == ("totalCost", "out_of_range")


@pytest.mark.parametrize("field", AMOUNTS)
def test_adjustments_may_be_negative(field: str) -> None:
    assert given(raw_order(**{field: "-3.10"}))[field] == Decimal("-3.10")


@pytest.mark.parametrize("status", ["INITIALIZED", "IN_PROGRESS", "DELIVERED", "CANCELLED", "ABANDONED_SHOPPING_CART"])
def test_the_five_statuses_are_taken(status: object) -> None:
    assert given(raw_order(status=status))["status"] == status


@pytest.mark.parametrize("status", ["delivered", "Delivered", " DELIVERED", "SHIPPED", 1, True, ["DELIVERED"], {}])
def test_any_other_status_is_refused_with_the_list(status: object) -> None:
    error = only_error(raw_order(status=status))
    assert error[:2] == ("status", "invalid_value")
    assert "ABANDONED_SHOPPING_CART" in error.message


@pytest.mark.parametrize(("written", "code"), [("UAH", "UAH"), ("eur", "EUR")])
def test_a_currency_is_three_letters(written: str, code: str) -> None:
    assert given(raw_order(currency=written))["currency"] == code


@pytest.mark.parametrize("currency", ["₴", "EURO", "EU", "12A", " EUR", 980, True, [], NUL])
def test_another_currency_is_refused(currency: object) -> None:
    assert only_error(raw_order(currency=currency))[:2] == ("currency", "invalid_value")


@pytest.mark.parametrize("source", ["offline", "OFFLINE", " Offline "])
def test_offline_is_offline(source: object) -> None:
    assert given(raw_order(source=source))["source"] == "offline"


@pytest.mark.parametrize("source", ["online", "pos", "off line", 0, 7, True, [1], {"a": 1}, NUL, SURROGATE])
def test_any_other_source_is_online(source: object) -> None:
    assert given(raw_order(source=source))["source"] == "online"


@pytest.mark.parametrize("value", [5, "text", True, ["a"], [[]]])
def test_additional_info_must_be_an_object(value: object) -> None:
    assert only_error(raw_order(additionalInfo=value))[:2] == ("additionalInfo", "not_an_object")


@pytest.mark.parametrize("value", [5, "text", True, {"0": raw_item()}])
def test_items_must_be_an_array(value: object) -> None:
    assert only_error(raw_order(items=value))[:2] == ("items", "invalid_value")


@pytest.mark.parametrize("item", [5, "", "text", None, True, []])
def test_an_item_must_be_an_object(item: object) -> None:
    assert only_error(raw_order(items=[raw_item(), item]))[:2] == ("items[1]", "not_an_object")


def test_an_order_may_have_a_thousand_items_and_not_one_more() -> None:
    assert len(given(raw_order(items=[raw_item()] * 1000))["items"]) == 1000
    assert only_error(raw_order(items=[raw_item()] * 1001))[:2] == ("items", "too_long")


def test_an_empty_array_of_items_is_given() -> None:
    assert given(raw_order(items=[]))["items"] == []


def test_items_keep_the_names_that_they_came_with() -> None:
    item = raw_item(
        name="Чай", url="https://e.example", category="Tea", description="Green", quantity="1.5", cost=Decimal("50.250")
    )
    assert given(raw_order(items=[item]))["items"] == [item | {"quantity": Decimal("1.5"), "cost": Decimal("50.250")}]


@pytest.mark.parametrize("field", ["externalItemId", "quantity"])
@pytest.mark.parametrize("value", [ABSENT, None, ""])
def test_an_item_needs_its_id_and_quantity(field: str, value: object) -> None:
    assert only_error(raw_order(items=[raw_item(), raw_item(**{field: value})]))[:2] == (
        f"items[1].{field}",
        "missing_field",
    )


@pytest.mark.parametrize("field", ["name", "cost", "url", "category", "description"])
@pytest.mark.parametrize("value", [None, ""])
def test_null_and_empty_mean_absent_in_items_too(field: str, value: object) -> None:
    assert field not in given(raw_order(items=[raw_item(**({"cost": 1} | {field: value}))]))["items"][0]


@pytest.mark.parametrize(("field", "limit"), ITEM_LIMITS.items())
def test_text_of_an_item_may_be_as_long_as_its_limit(field: str, limit: int) -> None:
    accepted(raw_order(items=[raw_item(**{field: "я" * limit})]))
    assert only_error(raw_order(items=[raw_item(**{field: "я" * (limit + 1)})]))[:2] == (
        f"items[0].{field}",
        "too_long",
    )


@pytest.mark.parametrize("field", ITEM_LIMITS)
@pytest.mark.parametrize("value", [NUL, SURROGATE])
def test_text_of_an_item_that_cannot_be_stored_is_refused(field: str, value: object) -> None:
    assert only_error(raw_order(items=[raw_item(**{field: value})]))[:2] == (f"items[0].{field}", "invalid_text")


@pytest.mark.parametrize("field", ITEM_LIMITS)
@pytest.mark.parametrize("value", NOT_TEXT)
def test_what_is_no_text_in_an_item_is_refused(field: str, value: object) -> None:
    assert only_error(raw_order(items=[raw_item(**{field: value})]))[:2] == (f"items[0].{field}", "invalid_value")


@pytest.mark.parametrize("field", ["quantity", "cost"])
@pytest.mark.parametrize(("values", "code"), [(NOT_A_NUMBER, "not_a_number"), (OUT_OF_RANGE, "out_of_range")])
def test_numbers_of_an_item_are_checked_like_amounts(field: str, values: list[Any], code: str) -> None:
    for value in values:
        assert only_error(raw_order(items=[raw_item(**{field: value})]))[:2] == (f"items[0].{field}", code)


def test_a_quantity_may_be_zero_or_a_fraction_but_not_negative() -> None:
    accepted(raw_order(items=[raw_item(quantity=0), raw_item(quantity="0.125")]))
    error = only_error(raw_order(items=[raw_item(), raw_item(), raw_item(quantity=-1)]))
    assert error == ("items[2].quantity", "out_of_range", "items[2].quantity must be zero or more.")


@pytest.mark.parametrize("raw", [None, 5, "order", [], [raw_order()], True])
def test_an_order_must_be_an_object(raw: object) -> None:
    assert refused(raw).errors[0][:2] == ("", "not_an_object")


def test_only_what_the_request_brought_is_given() -> None:
    assert set(given(raw_order())) == {"external_order_id", "total_cost", "status", "date", "external_customer_id"}


def test_all_that_is_wrong_is_listed_in_the_order_of_the_contract() -> None:
    failure = refused(
        {
            "items": [raw_item(quantity=-1), raw_item(), raw_item(cost="x")],
            "statusDate": "yesterday",
            "currency": "EURO",
            "externalOrderId": "A-9",
            "date": "2026-13-01",
            "extra one": "\0",
        }
    )
    assert failure.external_order_id == "A-9"
    assert [(error.field, error.code) for error in failure.errors] == [
        ("totalCost", "missing_field"),
        ("status", "missing_field"),
        ("date", "invalid_date"),
        ("externalCustomerId", "missing_identity"),
        ("currency", "invalid_value"),
        ("statusDate", "invalid_date"),
        ("items[0].quantity", "out_of_range"),
        ("items[2].cost", "not_a_number"),
        ("extra one", "invalid_text"),
    ]
    assert (failure.field, failure.code, failure.message) == failure.errors[0]


def test_at_most_twenty_errors_are_listed() -> None:
    assert len(refused(raw_order(items=[{}] * 1000), ANONYMOUS_RULES).errors) == 20


@pytest.mark.parametrize(
    ("order_id", "shown"),
    [
        ("A-1", "A-1"),
        (15, "15"),
        (True, None),
        ([], None),
        (None, None),
        ("\ud800", "\\ud800"),
        ("x" * 255, "x" * 255),
    ],
)
def test_a_failure_shows_the_order_id_if_it_can_be_read(order_id: object, shown: str | None) -> None:
    assert refused(raw_order(externalOrderId=order_id, totalCost="x")).external_order_id == shown


@pytest.mark.parametrize("field", [*ORDER_FIELDS.values()])
def test_values_nested_without_end_raise_nothing(field: str) -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    outcome = read_order(0, raw_order(**{field: deep}), RULES)
    assert isinstance(outcome, AcceptedOrder) == (field == "source")
    while deep:
        deep = deep.pop()  # Python itself would free it recursively
