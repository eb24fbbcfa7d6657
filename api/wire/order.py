"""The order of the contract as models, fields in the order of the contract's table.

They say what is right in a field, and serve the OpenAPI document. What means absent (null, empty strings) is taken out
before, and numbers in fields of text are written out (api.wire.presence), so the models do not speak of them. Unknown
fields are kept beside the model (api.wire.reading).
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Required

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, WithJsonSchema
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict  # Pydantic asks for it below Python 3.12

from api.wire.dates import read_moment
from api.wire.number import read_decimal, read_positive
from api.wire.text import Id, Long, Prose, Short
from core.document import OrderStatus

MAX_ORDERS = 1000
MAX_ITEMS = 1000


def _read_status(value: object) -> str:
    if isinstance(value, str) and value in _STATUSES:
        return value
    raise PydanticCustomError("invalid_value", f"must be one of {', '.join(OrderStatus)}.")


def _read_source(value: object) -> str:
    return "offline" if isinstance(value, str) and value.strip().lower() == "offline" else "online"


def _read_object(value: object) -> object:
    return {} if value == [] else value  # how PHP writes an empty object


_STATUSES = frozenset(map(str, OrderStatus))
_NUMBER = [{"type": "number"}, {"type": "string", "examples": ["1299.50"]}]

Amount = Annotated[Decimal, PlainValidator(read_decimal), WithJsonSchema({"anyOf": _NUMBER})]
Positive = Annotated[
    Decimal, PlainValidator(read_positive), WithJsonSchema({"anyOf": [{"minimum": 0, **_NUMBER[0]}, _NUMBER[1]]})
]
Moment = Annotated[datetime, PlainValidator(read_moment), WithJsonSchema({"type": "string"})]
Currency = Annotated[str, Field(pattern=r"^[A-Za-z]{3}$"), AfterValidator(str.upper)]
Status = Annotated[str, PlainValidator(_read_status), WithJsonSchema({"type": "string", "enum": [*OrderStatus]})]
Source = Annotated[str, PlainValidator(_read_source), WithJsonSchema({"type": "string"})]
Document = Annotated[dict[str, Any], BeforeValidator(_read_object)]  # Any: JSON, kept as it is


class ItemIn(TypedDict, total=False):
    """One product of an order. Fields that are not named here are kept too, under `extra`.

    The keys are those of the wire, because an item is stored as the JSON document that it came as.
    """

    externalItemId: Required[Annotated[Id, Field(description="The product's id in the shop.")]]
    name: Annotated[Long, Field(description="The product's name.")]
    quantity: Required[Annotated[Positive, Field(description="How many; zero or more, fractions too.")]]
    cost: Annotated[Amount, Field(description="Price of one, or of the line; both are understood.")]
    url: Annotated[Long, Field(description="The product's page.")]
    imageUrl: Annotated[
        Long, Field(description="The product's picture. Messages show it; without it there is a warning.")
    ]
    category: Annotated[Long, Field(description="The product's category.")]
    description: Annotated[Prose, Field(description="The product's description.")]


ITEM_FIELDS = frozenset(ItemIn.__annotations__)


class OrderIn(BaseModel):
    """One order. Fields that are not named here are kept too, under `extra`."""

    model_config = ConfigDict(alias_generator=to_camel)

    external_order_id: Id = Field(description="Identity of the order in the shop; the key of its events.")
    total_cost: Positive = Field(description="What the customer pays, zero or more.")
    status: Status = Field(description="Each accepted order causes the event `order<STATUS>`.")
    date: Moment = Field(
        description="When the order was made: ISO 8601, with an offset, or else in the account's time zone.",
        examples=["2026-05-14T10:11:10.7022176+03:00"],
    )
    external_customer_id: Short | None = Field(
        None, description="The customer's id in the shop. An order needs this, an e-mail or a phone."
    )
    email: Short | None = Field(None, description="The customer's e-mail address.")
    phone: Short | None = Field(None, description="The customer's phone, best as +380501234567.")
    currency: Currency | None = Field(None, description="ISO 4217; else the account's currency.", examples=["UAH"])
    first_name: Short | None = Field(None, description="The customer's first name.")
    last_name: Short | None = Field(None, description="The customer's last name.")
    shipping: Amount | None = Field(None, description="Cost of shipping.")
    discount: Amount | None = Field(None, description="Discount.")
    taxes: Amount | None = Field(None, description="Taxes.")
    restore_url: Long | None = Field(None, description="Where the customer finds the order or the cart again.")
    status_description: Long | None = Field(None, description="The shop's own words for the status.")
    store_id: Short | None = Field(None, description="The shop, for accounts with several.")
    delivery_method: Short | None = Field(None, description="How it is delivered.")
    payment_method: Short | None = Field(None, description="How it is paid.")
    delivery_address: Long | None = Field(None, description="Where it is delivered.")
    source: Source | None = Field(None, description="`offline`, or `online`, which anything else means too.")
    additional_info: Document | None = Field(
        None, description="Whatever else the shop wants to keep: up to 20 levels, 5,000 values, 100,000 characters."
    )
    status_date: Moment | None = Field(
        None,
        description="When the order came to this status. One that is older than the stored one changes no status, and "
        "the rest of such an order only fills what is not known yet.",
    )
    items: Annotated[list[ItemIn], Field(max_length=MAX_ITEMS, fail_fast=True)] | None = Field(
        None, description="The products. An array replaces the stored one as a whole."
    )


class OrdersIn(BaseModel):
    """The body of a request. It documents the shape; api.wire.body reads it, so that a bad order fails alone."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "orders": [
                        {
                            "externalOrderId": "UA-10100",
                            "externalCustomerId": "C-501",
                            "email": "iryna.kovalchuk@example.com",
                            "phone": "+380671234567",
                            "firstName": "Ірина",
                            "totalCost": 378.00,
                            "currency": "UAH",
                            "status": "DELIVERED",
                            "date": "2026-05-18T09:30:00+03:00",
                            "statusDate": "2026-05-20T17:05:00+03:00",
                            "items": [
                                {
                                    "externalItemId": "TEA-041",
                                    "name": "Чай зелений",
                                    "quantity": 2,
                                    "cost": 189,
                                    "url": "https://shop.example/tea-041",
                                    "imageUrl": "https://shop.example/tea-041.jpg",
                                }
                            ],
                        }
                    ]
                }
            ]
        }
    )

    orders: list[OrderIn] = Field(
        min_length=1, max_length=MAX_ORDERS, description="The orders, each checked on its own."
    )
