"""An order as JSON: snapshot, exact numbers, content hash."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest

from core.document import ORDER_FIELDS, content_hash, dump_json, load_json, plain_number, snapshot
from tests.wire.orders import given, raw_item, raw_order

EVERYTHING = raw_order(
    email="olena@example.com",
    phone="+380501234567",
    currency="UAH",
    firstName="Олена",
    lastName="Шевченко",
    shipping=45,
    discount=0,
    taxes="1.10",
    restoreUrl="https://shop.example.com/cart/1",
    statusDescription="Доставлено",
    storeId="kyiv",
    deliveryMethod="Нова пошта",
    paymentMethod="card",
    deliveryAddress="Київ",
    source="offline",
    additionalInfo={"bonus": Decimal("1.50")},
    statusDate="2026-05-14T12:00:00",
    items=[raw_item(name="Чай", color="green")],
    utm="mail",
)


def test_a_snapshot_has_the_names_of_the_api() -> None:
    assert snapshot(given(EVERYTHING)) == {
        "externalOrderId": "A-1",
        "totalCost": Decimal("100.5"),
        "status": "DELIVERED",
        "date": "2026-05-14T07:11:10+00:00",
        "externalCustomerId": "C-1",
        "email": "olena@example.com",
        "phone": "+380501234567",
        "currency": "UAH",
        "firstName": "Олена",
        "lastName": "Шевченко",
        "shipping": Decimal(45),
        "discount": Decimal(0),
        "taxes": Decimal("1.10"),
        "restoreUrl": "https://shop.example.com/cart/1",
        "statusDescription": "Доставлено",
        "storeId": "kyiv",
        "deliveryMethod": "Нова пошта",
        "paymentMethod": "card",
        "deliveryAddress": "Київ",
        "source": "offline",
        "additionalInfo": {"bonus": Decimal("1.50")},
        "statusDate": "2026-05-14T09:00:00+00:00",
        "items": [raw_item(name="Чай", cost=Decimal("50.25"), extra={"color": "green"})],
        "extra": {"utm": "mail"},
    }


def test_a_snapshot_has_every_field_that_an_order_can_give() -> None:
    assert set(given(EVERYTHING)) == set(ORDER_FIELDS)


def test_a_snapshot_of_a_row_leaves_out_what_is_absent_and_what_is_not_the_api_s() -> None:
    row = {"id": 1, "contact_id": 2, "external_order_id": "A-1", "email": None, "items": []}
    assert snapshot(row) == {"externalOrderId": "A-1", "items": []}


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("18.00", b"18.00"),
        ("0.30000000000000004", b"0.30000000000000004"),
        ("1E+3", b"1000"),
        ("1E-7", b"0.0000001"),
        ("-0.10", b"-0.10"),
        ("123456789012345678901234567890.12", b"123456789012345678901234567890.12"),
    ],
)
def test_decimals_pass_through_json_exactly(number: str, written: bytes) -> None:
    assert dump_json({"a": Decimal(number)}) == b'{"a":' + written + b"}"
    assert load_json(dump_json([Decimal(number)])) == [Decimal(number)]


@pytest.mark.parametrize("number", [0, -1, 2**63, 2**64, -(2**70), 10**60])
def test_integers_of_any_size_pass_through_json(number: int) -> None:
    document = {"a": [number, {"b": number, "c": Decimal("0.10")}], "d": "я"}
    assert load_json(dump_json(document)) == document


def test_dates_and_ids_are_written() -> None:
    moment = datetime(2026, 5, 14, 10, 11, 10, 702217, tzinfo=timezone(timedelta(hours=3)))
    assert dump_json([moment, UUID(int=1)]) == (
        b'["2026-05-14T10:11:10.702217+03:00","00000000-0000-0000-0000-000000000001"]'
    )


def test_the_driver_s_own_kind_of_id_is_written() -> None:
    class DriverUuid(UUID):
        """asyncpg hands out a subclass, which orjson does not take by itself."""

    assert dump_json(DriverUuid(int=1)) == dump_json(UUID(int=1))


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), object(), {1, 2}, "\ud800"])
def test_what_json_cannot_hold_is_a_type_error(value: object) -> None:
    with pytest.raises(TypeError):
        dump_json({"a": value})


def test_a_plain_number_has_no_exponent() -> None:
    assert plain_number(Decimal("1E+2")) == "100"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": Decimal("18.0")}, {"a": Decimal("18.00")}),
        ({"a": Decimal(18)}, {"a": 18}),
        ({"a": Decimal("1E+2")}, {"a": Decimal(100)}),
        ({"a": Decimal("-0.00")}, {"a": 0}),
        ({"a": 10**30}, {"a": Decimal("1E+30")}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": 1, "b": None}, {"a": 1}),
        ({"a": {"x": 1, "y": [Decimal("1.0")]}}, {"a": {"y": [1], "x": Decimal("1.00")}}),
        (
            {"a": datetime(2026, 5, 14, 10, tzinfo=timezone(timedelta(hours=3)))},
            {"a": datetime(2026, 5, 14, 7, tzinfo=UTC)},
        ),
    ],
)
def test_equal_content_has_equal_hashes(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert content_hash(one) == content_hash(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 18}, {"a": "18"}),
        ({"a": 1}, {"b": 1}),
        ({"a": [1, 2]}, {"a": [2, 1]}),
        ({"a": Decimal("0.1")}, {"a": Decimal("0.10000000000000001")}),
        ({"a": ""}, {}),
        ({"a": "я"}, {"a": "Я"}),
        ({"a": 10**30}, {"a": 10**30 + 1}),
        ({"a": datetime(2026, 5, 14, tzinfo=UTC)}, {"a": datetime(2026, 5, 14, microsecond=1, tzinfo=UTC)}),
    ],
)
def test_other_content_has_another_hash(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert content_hash(one) != content_hash(other)


@pytest.mark.parametrize("total", [18, "18", "18.00", Decimal("18.0"), " 18 ", "1.8e1"])
def test_one_amount_in_any_writing_is_one_content(total: object) -> None:
    assert content_hash(given(raw_order(totalCost=total))) == content_hash(given(raw_order(totalCost=Decimal(18))))


def test_a_hash_is_that_of_the_canonical_text_so_that_releases_agree() -> None:
    order = {
        "total_cost": Decimal("18.00"),
        "status": "DELIVERED",
        "email": None,
        "date": datetime(2026, 5, 14, tzinfo=UTC),
    }
    canonical = b'{"date":"2026-05-14T00:00:00+00:00","status":"DELIVERED","total_cost":18}'
    assert content_hash(order) == sha256(canonical).hexdigest()
