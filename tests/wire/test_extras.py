"""Fields that the contract does not know, and additionalInfo: kept as they are, within bounds."""

import tracemalloc
from decimal import Decimal
from typing import Any

import pytest

from tests.wire.orders import given, only_error, raw_item, raw_order


def nested(levels: int) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for _ in range(levels - 1):
        document = {"a": document}
    return document


FREE: dict[str, Any] = {
    "text": "Привіт\n\u202e🙂",
    "empty": "",
    "null": None,
    "yes": True,
    "integer": 10**60,
    "amount": Decimal("12.3400"),
    "list": [1, [2, {"deep": [None, ""]}]],
    "object": {"": "empty name", "$x.y[0]": 1},
}


def test_additional_info_is_kept_as_it_is() -> None:
    assert given(raw_order(additionalInfo=FREE))["additional_info"] == FREE


@pytest.mark.parametrize("value", [{}, []])
def test_an_empty_additional_info_is_given_even_as_php_writes_it(value: object) -> None:
    assert given(raw_order(additionalInfo=value))["additional_info"] == {}


def test_unknown_fields_are_kept_under_extra() -> None:
    order = given(raw_order(utm=FREE, first_name="snake", extra={"a": 1}, ExternalOrderId=5))
    assert order["extra"] == {"utm": FREE, "first_name": "snake", "extra": {"a": 1}, "ExternalOrderId": 5}
    assert "first_name" not in order


def test_unknown_fields_of_an_item_are_kept_under_its_extra() -> None:
    first, second = given(raw_order(items=[raw_item(sku=FREE, extra=1, size=None), raw_item()]))["items"]
    assert first == raw_item(cost=Decimal("50.25"), extra={"sku": FREE, "extra": 1})
    assert "extra" not in second


def test_unknown_fields_that_are_empty_are_absent() -> None:
    assert "extra" not in given(raw_order(a=None, b=""))


BAD = [
    ("a\0b", "invalid_text"),
    ("a\ud800b", "invalid_text"),
    (float("nan"), "not_a_number"),
    (float("inf"), "not_a_number"),
    (Decimal("NaN"), "not_a_number"),
    (Decimal("-Infinity"), "not_a_number"),
    (10**64, "out_of_range"),
    (Decimal("1e64"), "out_of_range"),
    (Decimal("1e-65"), "out_of_range"),
    (1e300, "out_of_range"),
]


@pytest.mark.parametrize(("value", "code"), BAD)
def test_what_the_database_cannot_hold_is_refused_with_its_place(value: object, code: str) -> None:
    assert only_error(raw_order(additionalInfo={"a": value}))[:2] == ("additionalInfo.a", code)
    assert only_error(raw_order(additionalInfo={"a": [0, {"b": value}]}))[:2] == ("additionalInfo.a[1].b", code)
    assert only_error(raw_order(utm=value))[:2] == ("utm", code)
    assert only_error(raw_order(utm={"a": [value]}))[:2] == ("utm.a[0]", code)
    assert only_error(raw_order(items=[raw_item(), raw_item(sku=value)]))[:2] == ("items[1].sku", code)


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b"])
def test_names_that_the_database_cannot_hold_are_refused(name: str) -> None:
    assert only_error(raw_order(additionalInfo={"a": {name: 1}}))[:2] == ("additionalInfo.a", "invalid_text")
    assert only_error(raw_order(**{name: 1})).code == "invalid_text"
    assert only_error(raw_order(items=[raw_item(**{name: 1})])).code == "invalid_text"


@pytest.mark.parametrize("value", [10**64 - 1, Decimal("9e63"), Decimal("1e-64"), 1e-20, True, "x" * 90_000])
def test_what_is_just_within_the_bounds_is_kept(value: object) -> None:
    assert given(raw_order(additionalInfo={"a": value}))["additional_info"] == {"a": value}


@pytest.mark.parametrize(
    "document",
    [nested(21), {"a": [[]] * 5_000}, {"a": "x" * 100_001}, {"x" * 100_001: 1}, {str(n): n for n in range(5_001)}],
)
def test_free_json_is_bounded(document: dict[str, Any]) -> None:
    assert only_error(raw_order(additionalInfo=document))[:2] == ("additionalInfo", "too_long")


def test_twenty_levels_are_kept() -> None:
    assert given(raw_order(additionalInfo=nested(20)))["additional_info"] == nested(20)


def test_the_names_of_many_and_long_fields_do_not_swell_an_answer() -> None:
    error = only_error(raw_order(**{"x" * 50_000: "\0"}))
    assert len(error.field) <= 200


def test_many_values_under_a_long_name_are_checked_without_copies_of_it() -> None:
    document = {"x" * 90_000: [*range(4_998), "\0"]}
    tracemalloc.start()
    try:
        error = only_error(raw_order(additionalInfo=document))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert error.code == "invalid_text"
    assert peak < 10_000_000
