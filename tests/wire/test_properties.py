"""What holds for any input at all."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from api.problems import Problem
from api.wire.body import read_body
from api.wire.order import ITEM_FIELDS
from api.wire.outcome import AcceptedOrder, FailedOrder
from api.wire.reading import read_order
from core.document import ORDER_FIELDS, OrderStatus, content_hash, dump_json, load_json, snapshot
from tests.wire.orders import RULES, accepted

without_deadline = settings(deadline=None)

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text(st.characters())
    | st.text(st.sampled_from("\0\ud800aя0 "), max_size=5)
)
NAMES = st.sampled_from([*ORDER_FIELDS.values(), *sorted(ITEM_FIELDS)]) | st.text(st.characters(), max_size=5)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6))


def texts(size: int) -> st.SearchStrategy[str]:
    return st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=size)


IDS = texts(255).filter(str.strip)
NUMBERS = st.decimals(-(10**13), 10**13, allow_nan=False, places=4)
AMOUNTS = NUMBERS | NUMBERS.map(str) | st.integers(-(10**13), 10**13)
POSITIVES = st.decimals(0, 10**13, allow_nan=False, places=4) | st.integers(0, 10**13)
DATES = st.datetimes(datetime(1970, 1, 2), datetime(2199, 12, 31)).map(datetime.isoformat)  # noqa: DTZ001
FREE = st.dictionaries(texts(20), st.none() | st.booleans() | st.integers(-(10**9), 10**9) | texts(20), max_size=4)
ITEMS = st.fixed_dictionaries(
    {"externalItemId": IDS, "quantity": POSITIVES},
    optional={
        "name": texts(50),
        "cost": AMOUNTS,
        "url": texts(50),
        "imageUrl": texts(50),
        "category": texts(50),
        "description": texts(50),
        "somethingElse": FREE,
    },
)
ORDERS = st.fixed_dictionaries(
    {
        "externalOrderId": IDS,
        "totalCost": POSITIVES,
        "status": st.sampled_from([*OrderStatus]).map(str),
        "date": DATES,
        "externalCustomerId": IDS.filter(lambda text: text.strip().casefold() not in RULES.guest_ids),
    },
    optional={
        "email": texts(60) | st.emails(),
        "phone": texts(30),
        "currency": st.sampled_from(["UAH", "eur"]),
        "firstName": texts(255),
        "lastName": texts(255),
        "shipping": AMOUNTS,
        "discount": AMOUNTS,
        "taxes": AMOUNTS,
        "restoreUrl": texts(255),
        "statusDescription": texts(255),
        "storeId": texts(255),
        "deliveryMethod": texts(255),
        "paymentMethod": texts(255),
        "deliveryAddress": texts(255),
        "source": JSON,
        "additionalInfo": FREE,
        "statusDate": DATES,
        "items": st.lists(ITEMS, max_size=3),
        "somethingElse": FREE,
    },
)


def every_text(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for key, inner in value.items():
                yield key
                yield from every_text(inner)
        case list():
            for inner in value:
                yield from every_text(inner)


@without_deadline
@for_all(st.binary(max_size=200) | JSON.map(lambda value: json.dumps({"orders": value}, default=str).encode()))
def test_any_bytes_are_orders_or_a_problem(raw: bytes) -> None:
    try:
        count = len(read_body(raw))
    except Problem as problem:
        count, code = 0, problem.code
    assert 1 <= count <= 1000 or code in {"not_json", "no_orders", "empty_orders", "too_many_orders"}


@without_deadline
@for_all(JSON | st.dictionaries(NAMES, JSON, max_size=12))
def test_any_value_is_accepted_or_fails_and_never_raises(raw: Any) -> None:
    outcome = read_order(3, raw, RULES)
    assert outcome.index == 3
    if isinstance(outcome, FailedOrder):
        assert 1 <= len(outcome.errors) <= 20
        dump_json([outcome.external_order_id, outcome.errors])
    else:
        dump_json(outcome.given)


@without_deadline
@for_all(ORDERS, st.dictionaries(NAMES, JSON, max_size=3))
def test_whatever_is_accepted_can_be_stored(order: dict[str, Any], noise: dict[str, Any]) -> None:
    outcome = read_order(0, order | noise, RULES)
    if isinstance(outcome, AcceptedOrder):
        assert "\0" not in "".join(every_text(outcome.given))
        "".join(every_text(outcome.given)).encode()
        assert b"NaN" not in dump_json({"amounts": [v for v in outcome.given.values() if isinstance(v, Decimal)]})


@without_deadline
@for_all(ORDERS)
def test_a_valid_order_is_accepted_and_nothing_of_it_is_lost(order: dict[str, Any]) -> None:
    document = snapshot(accepted(order).given)
    present = {name for name, value in order.items() if value is not None and value != ""}
    assert set(document) == {"extra" if name == "somethingElse" else name for name in present}
    for name in ("externalOrderId", "firstName", "deliveryAddress", "additionalInfo", "status", "email", "phone"):
        assert document.get(name) == order.get(name)
    for name in ("totalCost", "shipping", "discount", "taxes"):
        assert name not in order or document[name] == Decimal(order[name])
    assert len(document.get("items", [])) == len(order.get("items", []))


@without_deadline
@for_all(ORDERS)
def test_an_order_means_the_same_however_often_it_goes_through_json(order: dict[str, Any]) -> None:
    first = accepted(order)
    document = {name: value for name, value in snapshot(first.given).items() if name != "extra"}
    for item in document.get("items", []):
        item.pop("extra", None)
    again = accepted(load_json(dump_json(document)))
    kept = {name: value for name, value in first.given.items() if name != "extra"}
    assert content_hash(again.given) == content_hash(kept)
    assert again.given["date"] - first.given["date"] == timedelta()
