"""What intake answers, as models: for OpenAPI, and for the answer itself."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class _Out(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, from_attributes=True, frozen=True)


_INDEX = Field(ge=0, description="Place of the order in the request, from 0.")
_FIELD = Field(description="Place in the order, such as `items[2].quantity`.", examples=["items[2].quantity"])
_MESSAGE = Field(description="A sentence for people; it may change.")


class FieldErrorOut(_Out):
    """One field that is wrong."""

    field: str = _FIELD
    code: str = Field(
        description=(
            "Stable. One of missing_field, missing_identity, invalid_value, too_long, not_a_number, out_of_range, "
            "invalid_date, not_an_object, invalid_text."
        ),
        examples=["out_of_range"],
    )
    message: str = _MESSAGE


class FailedOrderOut(_Out):
    """One order that was not accepted. `code`, `field` and `message` are those of the first of `errors`."""

    index: int = _INDEX
    external_order_id: str | None = Field(None, description="As it was sent, if it could be read.")
    code: str = Field(description="As in `errors`.", examples=["out_of_range"])
    field: str = _FIELD
    message: str = _MESSAGE
    errors: list[FieldErrorOut] = Field(
        min_length=1, max_length=20, description="All that is wrong, in the order of the contract; at most 20 entries."
    )


class WarningOut(_Out):
    """Something odd about an order that was accepted all the same."""

    index: int = _INDEX
    external_order_id: str = Field(description="Which order.")
    code: str = Field(
        description="Stable. One of total_mismatch, unusable_email, unusable_phone, missing_image.",
        examples=["missing_image"],
    )
    field: str = _FIELD
    message: str = _MESSAGE


class OrdersAnswer(_Out):
    """Answer to orders: what was accepted is stored, the rest is listed."""

    id: str = Field(description="The batch that the accepted orders became.")
    accepted: int = Field(ge=0, description="How many orders were accepted.")
    failed_orders: list[FailedOrderOut] = Field(description="The orders that were not; always an array.")
    warnings: list[WarningOut] = Field(description="Remarks about accepted orders.")


def plain_answer(batch_id: UUID, accepted: int) -> str:
    """The JSON of an answer with nothing to tell, as nearly all are; making the model takes ten times as long."""
    return f'{{"id":"{batch_id}","accepted":{accepted},"failedOrders":[],"warnings":[]}}'


class ProblemOut(BaseModel):
    """An error, as RFC 9457 describes it. Some have further members, such as `field`, `errors` or `error_id`."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="URN of the kind of problem; it ends in `code`.")
    title: str = Field(description="The kind of problem, for people.")
    status: int = Field(description="The HTTP status.", ge=400, le=599)
    code: str = Field(description="Stable; the member to branch on.", examples=["not_json"])
    detail: str = Field(description="What is wrong here, for people.")
    remedy: str = Field(description="What helps, for people.")
