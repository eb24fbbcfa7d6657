"""What a connector answers. Platforms look at the status alone; the rest is for the people who read their logs."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from api.wire.answer import FieldErrorOut


class ConnectorAnswer(BaseModel):
    """What came of a webhook. All four are a 200: to send it again would change nothing."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    outcome: Literal["recorded", "duplicate", "ignored", "refused"] = Field(
        description="`recorded`: the order is stored. `duplicate`: it came before. `ignored`: it brings no order. "
        "`refused`: what it brings cannot be an order; `errors` say why."
    )
    reason: str = Field("", description="Why nothing was done, for people.")
    id: UUID | None = Field(None, description="The batch that the order became.")
    external_order_id: str | None = Field(None, description="The order's id here.")
    errors: list[FieldErrorOut] = Field([], description="What is wrong with it, in the fields of an order.")
