"""The answer's models, and what the OpenAPI document says of orders."""

from typing import Any
from uuid import uuid4

import pytest

from api.wire.answer import FailedOrderOut, OrdersAnswer, ProblemOut, WarningOut, plain_answer
from api.wire.order import OrdersIn
from core.document import ORDER_FIELDS
from tests.wire.orders import ABSENT, accepted, raw_item, raw_order, refused


def described(schema: dict[str, Any]) -> bool:
    return all("description" in field for field in schema["properties"].values())


def test_a_failed_order_is_answered_in_the_names_of_the_api() -> None:
    out = FailedOrderOut.model_validate(refused(raw_order(totalCost=-1, items=[raw_item(quantity="x")])))
    first = {"field": "totalCost", "code": "out_of_range", "message": "totalCost must be zero or more."}
    second = {
        "field": "items[0].quantity",
        "code": "not_a_number",
        "message": "items[0].quantity must be a finite number such as 1299.50, as a number or as text.",
    }
    assert out.model_dump(by_alias=True) == {
        "index": 0,
        "externalOrderId": "A-1",
        **first,
        "errors": [first, second],
    }


def test_a_warning_is_answered_in_the_names_of_the_api() -> None:
    (warning,) = accepted(raw_order(items=[raw_item(imageUrl=ABSENT)])).warnings
    assert WarningOut.model_validate(warning).model_dump(by_alias=True) == {
        "index": 0,
        "externalOrderId": "A-1",
        "code": "missing_image",
        "field": "items[0].imageUrl",
        "message": "imageUrl is missing in items 0; messages cannot show a picture of them.",
    }


def test_failed_orders_and_warnings_are_always_arrays() -> None:
    answer = OrdersAnswer(id="b", accepted=1, failed_orders=[], warnings=[])
    assert answer.model_dump_json(by_alias=True) == '{"id":"b","accepted":1,"failedOrders":[],"warnings":[]}'


def test_an_answer_with_nothing_to_tell_is_that_of_the_model() -> None:
    batch_id = uuid4()
    answer = OrdersAnswer(id=str(batch_id), accepted=7, failed_orders=[], warnings=[])
    assert plain_answer(batch_id, 7) == answer.model_dump_json(by_alias=True)


def test_the_schema_of_an_order_has_every_field_in_the_contract_s_order() -> None:
    order = OrdersIn.model_json_schema()["$defs"]["OrderIn"]
    assert list(order["properties"]) == [field for field in ORDER_FIELDS.values() if field != "extra"]
    assert order["required"] == ["externalOrderId", "totalCost", "status", "date"]


@pytest.mark.parametrize("model", [OrdersIn, OrdersAnswer, ProblemOut])
def test_every_field_is_described(model: Any) -> None:
    schema = model.model_json_schema()
    parts = {name: part for name, part in schema.get("$defs", {}).items() if "properties" in part}
    assert [name for name, part in (parts | {model.__name__: schema}).items() if not described(part)] == []
