"""What an automation is tried on: a stored order, or an event that somebody pasted."""

from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from core.document import dump_json, load_json
from store.test_launches import Pasted

_MOST_BYTES = 256 * 1024
_Key = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00]*$")]
_Address = Annotated[str, StringConstraints(min_length=3, max_length=320, pattern=r"^[^\s\x00]+$")]


def _storable(document: dict[str, Any] | None) -> dict[str, Any] | None:  # JSON
    """Exact numbers, as orders have them. Raises for what PostgreSQL cannot keep."""
    if document is None:
        return None
    written = dump_json(document)
    if len(written) > _MOST_BYTES or b"\\u0000" in written:
        raise PydanticCustomError("document", "at most 256 KiB, and no NUL characters")
    found: dict[str, Any] = load_json(written)
    return found


_Document = Annotated[dict[str, Any], AfterValidator(_storable)]  # JSON


class _Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class PastedEvent(_Body):
    """An event as it could come."""

    type: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00]*$")] = Field(
        description="Such as orderDELIVERED."
    )
    key: _Key = Field("test", description="Such as an externalOrderId.")
    params: _Document = Field(default_factory=dict, description="What conditions and templates find in `event`.")
    order: _Document | None = Field(
        None, description="The order after the event, in the fields of POST /api/v1/orders."
    )
    contact_id: UUID | None = Field(None, description="Whose name, address and time zone are used.")

    @property
    def pasted(self) -> Pasted:
        """As the store takes it."""
        return Pasted(self.type, self.key, self.params, self.order, self.contact_id)


class TrialIn(_Body):
    """Either a stored order or a pasted event."""

    order: _Key | None = Field(None, description="externalOrderId: its newest event that starts the automation.")
    event: PastedEvent | None = Field(None, description="An event that did not happen.")
    version: int | None = Field(None, ge=1, description="Default: the live one.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.order is None) == (self.event is None):
            raise PydanticCustomError("trial", "write either order, an externalOrderId, or event")
        return self


class TestIn(TrialIn):
    """How a test launch is to be."""

    __test__ = False  # no test of pytest's

    to: _Address | None = Field(None, description="Where all messages go; default: the contact's own address.")
    skip_waits: bool = Field(False, description="Waits are planned, shown and passed at once.")


class SimulateIn(TrialIn):
    """What a simulation supposes."""

    at: AwareDatetime | None = Field(
        None, description="When it begins; default: when the event came, now for a pasted one."
    )
    assume: dict[str, Annotated[str, StringConstraints(max_length=100)]] = Field(
        default_factory=dict,
        max_length=200,
        description="Step id → branch (then, else) of a wait_for or check_message, which only the future can tell.",
    )
    definition: dict[str, Any] | None = Field(  # JSON, read by build_definition
        None, description="A draft to simulate instead of a published version."
    )
