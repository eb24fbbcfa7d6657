"""Small bodies: a list of addresses, the id of another contact."""

from typing import Annotated, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from api.problems import Problem
from api.wire.body import parse_json
from api.wire.text import Short

MAX_EMAILS = 3000
_MAX_ERRORS = 20

Model = TypeVar("Model", bound=BaseModel)


class EmailsIn(BaseModel):
    """E-mail addresses."""

    emails: Annotated[list[Short], Field(min_length=1, max_length=MAX_EMAILS)] = Field(
        description="Addresses, in any case; one that is no address is listed in the answer."
    )


class OtherIn(BaseModel):
    """Another contact."""

    model_config = ConfigDict(alias_generator=to_camel)

    contact_id: UUID = Field(description="The id of the contact that is merged into the one of the address.")


def read_model(raw: bytes, model: type[Model]) -> Model:
    """The body as this model. Raises Problem 400 not_json or invalid_request, which names each field."""
    try:
        return model.model_validate(parse_json(raw))
    except ValidationError as error:
        errors = [
            {"in": "body", "field": ".".join(map(str, one["loc"])), "message": one["msg"]}
            for one in error.errors()[:_MAX_ERRORS]
        ]
        raise Problem(
            400,
            "invalid_request",
            "The request does not fit its description.",
            remedy="Correct what `errors` names; the OpenAPI document describes each field.",
            extra={"errors": errors},
        ) from None
