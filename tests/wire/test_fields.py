"""Every field of the contract: what it takes, and under which code it refuses the rest."""

from decimal import Decimal

import pytest

from tests.wire.orders import ABSENT, accepted, given, only_error, raw_order

NUL, SURROGATE = "a\0b", "a\ud800b"
SHORT = {
    "externalCustomerId": "external_customer_id",
    "email": "email",
    "phone": "phone",
    "firstName": "first_name",
    "lastName": "last_name",
    "storeId": "store_id",
    "deliveryMethod": "delivery_method",
    "paymentMethod": "payment_method",
}
LONG = {
    "restoreUrl": "restore_url",
    "statusDescription": "status_description",
    "deliveryAddress": "delivery_address",
}
AMOUNTS = {"shipping": "shipping", "discount": "discount", "taxes": "taxes"}
LIMITS = dict.fromkeys(SHORT, 255) | dict.fromkeys(LONG, 4_000) | {"externalOrderId": 255}
NOT_TEXT = [True, [], ["a"], {}, {"a": 1}]


@pytest.mark.parametrize(("field", "column"), [*SHORT.items(), *LONG.items()])
@pytest.mark.parametrize("text", ["x", " x ", "Оленка 🙂", "line\nbreak", "\u202e", "<b>&amp;"])
def test_text_is_kept_exactly(field: str, column: str, text: str) -> None:
    assert given(raw_order(**{field: text}))[column] == text


@pytest.mark.parametrize(("field", "limit"), LIMITS.items())
def test_text_may_be_as_long_as_its_limit(field: str, limit: int) -> None:
    accepted(raw_order(**{field: "я" * limit}))
    error = only_error(raw_order(**{field: "я" * (limit + 1)}))
    assert (error.field, error.code) == (field, "too_long")
    assert str(limit) in error.message


@pytest.mark.parametrize("field", LIMITS)
@pytest.mark.parametrize(("value", "code"), [(NUL, "invalid_text"), (SURROGATE, "invalid_text")])
def test_text_that_cannot_be_stored_is_refused(field: str, value: object, code: str) -> None:
    assert only_error(raw_order(**{field: value}))[:2] == (field, code)


@pytest.mark.parametrize("field", LIMITS)
@pytest.mark.parametrize("value", NOT_TEXT)
def test_what_is_no_text_is_refused(field: str, value: object) -> None:
    assert only_error(raw_order(**{field: value}))[:2] == (field, "invalid_value")


@pytest.mark.parametrize("field", ["externalOrderId", *SHORT])
@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (15, "15"), (10**30, "1" + "0" * 30), (Decimal("7.50"), "7.50")]
)
def test_a_number_is_taken_as_its_text(field: str, number: object, text: str) -> None:
    column = SHORT.get(field, "external_order_id")
    assert given(raw_order(**({"email": "a@example.com"} | {field: number})))[column] == text


@pytest.mark.parametrize("field", ["externalOrderId", *SHORT, *LONG])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), Decimal("-Infinity")])
def test_what_is_no_number_either_is_not_taken_as_text(field: str, value: object) -> None:
    assert only_error(raw_order(**{field: value}))[:2] == (field, "not_a_number")


@pytest.mark.parametrize("number", [10**300, pytest.param(10**5_000, id="huge"), Decimal(10**300)])
def test_a_number_too_long_for_a_text_is_refused(number: object) -> None:
    assert only_error(raw_order(externalOrderId=number))[:2] == ("externalOrderId", "too_long")


@pytest.mark.parametrize("field", ["externalOrderId", "totalCost", "status", "date"])
@pytest.mark.parametrize("value", [ABSENT, None, ""])
def test_a_required_field_that_is_absent_null_or_empty_is_missing(field: str, value: object) -> None:
    assert only_error(raw_order(**{field: value}))[:2] == (field, "missing_field")


@pytest.mark.parametrize("value", [" ", "\t\n", "\u00a0"])
def test_a_blank_order_id_is_refused(value: object) -> None:
    assert only_error(raw_order(externalOrderId=value))[:2] == ("externalOrderId", "invalid_text")


@pytest.mark.parametrize("value", [None, ""])
@pytest.mark.parametrize(
    "field",
    [*SHORT, *LONG, *AMOUNTS, "currency", "source", "additionalInfo", "statusDate", "items", "unknown"],
)
def test_null_and_empty_mean_absent(field: str, value: object) -> None:
    order = raw_order(email="a@example.com", phone="+380501234567")
    assert given(order | {field: value}) == given({name: kept for name, kept in order.items() if name != field})
