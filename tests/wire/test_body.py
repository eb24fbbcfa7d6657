import json
from decimal import Decimal

import pytest

from api.problems import Problem
from api.wire.body import read_body
from api.wire.outcome import AcceptedOrder, FailedOrder
from api.wire.reading import read_order
from tests.wire.orders import RULES, raw_order


def code_of(raw: bytes) -> str:
    with pytest.raises(Problem) as caught:
        read_body(raw)
    assert caught.value.status == 400
    return caught.value.code


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"   ",
        b"{",
        b"orders=1",
        b'{"orders": [1,]}',
        b'{"orders": [}',
        b'{"orders": ["\x00"]}',
        b'{"orders": ["\xff\xfe"]}',
        b'{"orders": [1]} x',
        '{"orders": [1]}'.encode("utf-16"),
        b"\xef\xbb\xbf",
        b'{"orders": [' + b"1" * 5000 + b",}",
    ],
)
def test_what_is_no_json_is_refused_as_such(raw: bytes) -> None:
    assert code_of(raw) == "not_json"


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'{"orders":['])
def test_nesting_without_end_is_refused(opening: bytes) -> None:
    assert code_of(opening * 200_000) == "not_json"


@pytest.mark.parametrize(
    "raw", [b"null", b"[]", b'"orders"', b"1", b"{}", b'{"orders": null}', b'{"orders": {}}', b'{"Orders": [1]}']
)
def test_a_body_without_the_array_is_refused(raw: bytes) -> None:
    assert code_of(raw) == "no_orders"


def test_an_empty_array_is_refused() -> None:
    assert code_of(b'{"orders": []}') == "empty_orders"


def test_a_thousand_orders_fit_and_one_more_does_not() -> None:
    assert len(read_body(json.dumps({"orders": [1] * 1000}).encode())) == 1000
    assert code_of(json.dumps({"orders": [1] * 1001}).encode()) == "too_many_orders"


def test_a_byte_order_mark_is_ignored() -> None:
    assert read_body(b'\xef\xbb\xbf{"orders": ["\xd0\x9e"]}') == ["О"]


def test_of_a_field_that_comes_twice_the_last_one_counts() -> None:
    assert read_body(b'{"orders": [1], "orders": [{"a": 1, "a": 2}]}') == [{"a": 2}]


def test_fractions_arrive_exactly() -> None:
    assert read_body(b'{"orders": [0.30000000000000004, 1e2, 18.00, 7]}') == [
        Decimal("0.30000000000000004"),
        Decimal("1e2"),
        Decimal("18.00"),
        7,
    ]
    assert str(read_body(b'{"orders": [18.00]}')[0]) == "18.00"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("NaN", "not_a_number"),
        ("Infinity", "not_a_number"),
        ("-Infinity", "not_a_number"),
        ("1" * 5_000, "out_of_range"),
        ("1" * 1_000_000, "out_of_range"),
        ("1e400", "out_of_range"),
        ("1e999999999999", "out_of_range"),
        ("1e99999999999999999999", "not_a_number"),
        ("-1e99999999999999999999", "not_a_number"),
        ("1e-99999999999999999999", "not_a_number"),
        ('"\\u0000"', "not_a_number"),
        ('"\\ud800"', "not_a_number"),
    ],
)
def test_a_number_beyond_reason_fails_its_own_order_alone(written: str, code: str) -> None:
    good, bad = raw_order(), json.dumps(raw_order(totalCost=1)).replace('"totalCost": 1', f'"totalCost": {written}')
    body = f'{{"orders": [{json.dumps(good)}, {bad}, {json.dumps(good)}]}}'.encode()
    outcomes = [read_order(index, raw, RULES) for index, raw in enumerate(read_body(body))]
    assert [type(outcome) for outcome in outcomes] == [AcceptedOrder, FailedOrder, AcceptedOrder]
    failure = outcomes[1]
    assert isinstance(failure, FailedOrder)
    assert (failure.index, failure.external_order_id) == (1, "A-1")
    assert (failure.field, failure.code) == ("totalCost", code)


@pytest.mark.parametrize("escape", ["\\u0000", "\\ud800", "\\udc00x"])
def test_text_that_no_database_can_hold_fails_its_own_order_alone(escape: str) -> None:
    bad = json.dumps(raw_order(lastName="X")).replace('"X"', f'"{escape}"')
    body = f'{{"orders": [{bad}, {json.dumps(raw_order())}]}}'.encode()
    first, second = (read_order(index, raw, RULES) for index, raw in enumerate(read_body(body)))
    assert isinstance(first, FailedOrder)
    assert (first.field, first.code) == ("lastName", "invalid_text")
    assert isinstance(second, AcceptedOrder)


@pytest.mark.parametrize("value", [b"[]", b"{}", b"0"])
def test_millions_of_values_are_refused_before_they_are_read(value: bytes) -> None:
    body = b'{"orders": [' + b",".join([value] * 2_000_000) + b"]}"
    with pytest.raises(Problem) as refused:
        read_body(body)
    assert (refused.value.status, refused.value.code) == (400, "too_many_values")
