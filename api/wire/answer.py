"""What intake answers, as models for OpenAPI."""

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class _Out(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


class FieldErrorOut(_Out):
    """One field that is wrong."""

    field: str
    code: str
    message: str


class FailedOrderOut(_Out):
    """One order that was not accepted."""

    index: int
    external_order_id: str | None = None
    code: str
    field: str
    message: str
    errors: list[FieldErrorOut]


class WarningOut(_Out):
    """Something odd about an order that was accepted."""

    index: int
    external_order_id: str
    code: str
    field: str
    message: str


class OrdersAnswer(_Out):
    """Answer to POST /api/v1/orders."""

    id: str
    accepted: int
    failed_orders: list[FailedOrderOut]
    warnings: list[WarningOut]


class ProblemOut(BaseModel):
    """An error, RFC 9457."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str = Field(description="Stable; the member to branch on.")
    detail: str
    remedy: str
