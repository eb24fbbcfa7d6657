"""Lists that go by id, newest first: their cursor is the last id of the page before."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from api.problems import Problem

MOST_LISTED = 200

Plain = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00]*$")]
"""A value of a filter."""


class PageQuery(BaseModel):
    """Parameters of such a list. One that is not known is refused: a misspelt filter must not list everything."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")

    cursor: Plain | None = Field(None, description="`nextCursor` of the page before.")
    limit: int = Field(50, ge=1, le=MOST_LISTED, description="How many a page has at most.")

    @property
    def before(self) -> UUID | None:
        """Where the page begins. Raises Problem 400 for a cursor that is not ours."""
        if self.cursor is None:
            return None
        try:
            return UUID(bytes=urlsafe_b64decode(self.cursor))
        except ValueError:
            raise Problem(
                400, "invalid_cursor", "The cursor is not one of ours.", remedy="Use `nextCursor` as it came."
            ) from None


class PageOut(BaseModel):
    """What every such page has, for the OpenAPI document."""

    model_config = ConfigDict(alias_generator=to_camel)

    next_cursor: str | None = Field(description="Leads to the next page; null on the last one.")


def page(name: str, rows: Sequence[Mapping[str, Any]], limit: int) -> dict[str, Any]:  # Any: JSON values
    """The page of these documents; there is one more than `limit` when another page follows."""
    shown = rows[:limit]
    following = urlsafe_b64encode(UUID(str(shown[-1]["id"])).bytes).decode() if len(rows) > limit else None
    return {name: shown, "nextCursor": following}
