"""The order of the contract as models, fields in the order of the contract's table."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Required

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, WithJsonSchema
from pydantic.alias_generators import to_camel
from typing_extensions import TypedDict  # Pydantic asks for it below Python 3.12

from api.wire.dates import read_moment
from api.wire.number import read_decimal, read_positive
from api.wire.text import Long, Prose, Short
from core.document import OrderStatus

MAX_ITEMS = 1000

_NUMBER = {"anyOf": [{"type": "number"}, {"type": "string"}]}

Amount = Annotated[Decimal, PlainValidator(read_decimal), WithJsonSchema(_NUMBER)]
Positive = Annotated[Decimal, PlainValidator(read_positive), WithJsonSchema(_NUMBER)]
Moment = Annotated[datetime, PlainValidator(read_moment), WithJsonSchema({"type": "string"})]


def _read_source(value: object) -> str:
    return "offline" if isinstance(value, str) and value.strip().lower() == "offline" else "online"


def _empty_object(value: object) -> object:
    return {} if value == [] else value  # how PHP writes an empty object


Source = Annotated[str, PlainValidator(_read_source), WithJsonSchema({"type": "string"})]
Currency = Annotated[str, Field(pattern=r"^[A-Za-z]{3}$"), AfterValidator(str.upper)]
Free = Annotated[dict[str, Any], BeforeValidator(_empty_object)]  # Any: JSON, kept as it is

_CONFIG = ConfigDict(extra="allow", coerce_numbers_to_str=True)


class ItemIn(TypedDict, total=False):
    """One product of an order: a JSON document, stored with the field names that it came with."""

    __pydantic_config__ = _CONFIG  # type: ignore[misc] # how Pydantic configures a TypedDict

    externalItemId: Required[Short]
    name: Long
    quantity: Required[Positive]
    cost: Amount
    url: Long
    imageUrl: Long
    category: Long
    description: Prose


class OrderIn(BaseModel):
    """One order as a client sends it. Empty strings and null are taken out before, they mean absent."""

    model_config = _CONFIG | ConfigDict(alias_generator=to_camel)

    external_order_id: Short
    total_cost: Positive
    status: OrderStatus
    date: Moment
    external_customer_id: Short | None = None
    email: Short | None = None
    phone: Short | None = None
    currency: Currency | None = None
    first_name: Short | None = None
    last_name: Short | None = None
    shipping: Amount | None = None
    discount: Amount | None = None
    taxes: Amount | None = None
    restore_url: Long | None = None
    status_description: Long | None = None
    store_id: Short | None = None
    delivery_method: Short | None = None
    payment_method: Short | None = None
    delivery_address: Long | None = None
    source: Source | None = None
    additional_info: Free | None = None
    status_date: Moment | None = None
    items: Annotated[list[ItemIn], Field(max_length=MAX_ITEMS, fail_fast=True)] | None = None
