"""What ships under examples/ is true."""

import re
from pathlib import Path
from typing import Any

import pytest

from api.problems import Problem
from api.wire.body import read_body
from api.wire.order import ITEM_FIELDS
from api.wire.outcome import AcceptedOrder, FailedOrder
from api.wire.reading import read_order
from core.document import ORDER_FIELDS, OrderStatus
from tests.wire.orders import RULES

EXAMPLES = Path(__file__).parents[2] / "examples"
REQUESTS = (EXAMPLES / "http" / "orders.http").read_text(encoding="utf-8").split("\n### ")[1:]
BODIES = {
    request.partition("\n")[0]: body
    for request in REQUESTS
    if "\n\n" in request and (body := request.partition("\n\n")[2].strip())
}


def read(raw: bytes) -> list[AcceptedOrder | FailedOrder]:
    return [read_order(index, order, RULES) for index, order in enumerate(read_body(raw))]


def all_orders() -> list[dict[str, Any]]:
    return [order.given for order in read((EXAMPLES / "orders.json").read_bytes()) if isinstance(order, AcceptedOrder)]


def test_every_order_of_the_example_is_accepted_without_a_warning() -> None:
    outcomes = read((EXAMPLES / "orders.json").read_bytes())
    assert [each for each in outcomes if isinstance(each, FailedOrder) or each.warnings] == []


def test_the_example_shows_every_status_and_field() -> None:
    orders = all_orders()
    assert {order["status"] for order in orders} == set(OrderStatus)
    assert set().union(*orders) == set(ORDER_FIELDS) - {"extra"}
    assert {name for order in orders for item in order["items"] for name in item} == ITEM_FIELDS
    assert {order.get("source") for order in orders} == {"online", "offline"}


def test_the_example_names_nobody_who_could_exist() -> None:
    text = (EXAMPLES / "orders.json").read_text(encoding="utf-8")
    assert set(re.findall(r"@([\w.]+)", text)) == {"example.com"}
    assert set(re.findall(r"https?://([^/\"]+)", text)) == {"shop.example.com"}
    assert all(re.fullmatch(r"\+120255501\d\d", order.get("phone", "+12025550100")) for order in all_orders())


@pytest.mark.parametrize(
    "title", [title for title, body in BODIES.items() if "bad order" not in title and "No" not in title]
)
def test_requests_of_the_http_file_are_accepted(title: str) -> None:
    body = BODIES[title]
    raw = (EXAMPLES / "http" / body[2:]).read_bytes() if body.startswith("< ") else body.encode()
    assert all(isinstance(outcome, AcceptedOrder) for outcome in read(raw))


def test_the_http_file_s_bad_order_fails_as_it_says() -> None:
    ((_, body),) = [(title, body) for title, body in BODIES.items() if "bad order" in title]
    good, bad = read(body.encode())
    assert isinstance(good, AcceptedOrder)
    assert isinstance(bad, FailedOrder)
    assert (bad.index, bad.field, bad.code) == (1, "items[0].quantity", "out_of_range")


def test_the_http_file_s_broken_body_is_refused_as_it_says() -> None:
    ((_, body),) = [(title, body) for title, body in BODIES.items() if title.startswith("No JSON")]
    with pytest.raises(Problem) as caught:
        read_body(body.encode())
    assert caught.value.code == "not_json"
