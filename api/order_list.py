"""The list of orders: its parameters, its cursor, its answer."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from api.problems import Problem
from api.wire.dates import in_utc
from api.wire.identity import match_phone
from api.wire.order import Moment
from api.wire.reading import OrderRules
from core.document import OrderStatus, snapshot
from store.order_search import SearchText
from store.orders import OrderFilter, OrderPlace, OrderRow

MOST_LISTED = 200

_Plain = StringConstraints(min_length=1, max_length=255, pattern=r"^[^\x00]*$")
_Searched = StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00]*$")
_PHONE = re.compile(r"\+?[\d\s().-]+", re.ASCII)


class OrderQuery(BaseModel):
    """The parameters. One that is not known is refused: a misspelt filter must not list everything."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")

    status: OrderStatus | None = Field(None, description="Only orders that have this status now.")
    contact_id: UUID | None = Field(None, description="Only orders of this contact.")
    store_id: Annotated[str, _Plain] | None = Field(None, description="Only orders of this shop.")
    since: Moment | None = Field(
        None, alias="from", description="Only orders dated then or later: ISO 8601, else in the account's time zone."
    )
    until: Moment | None = Field(None, alias="to", description="Only orders dated earlier than this.")
    text: Annotated[str, _Searched] | None = Field(
        None,
        description="The beginning, in any case, of externalOrderId, e-mail, phone or a name; or of both names.",
    )
    cursor: Annotated[str, _Plain] | None = Field(None, description="`nextCursor` of the page before.")
    limit: int = Field(50, ge=1, le=MOST_LISTED, description="How many orders a page has at most.")

    def filter(self, rules: OrderRules) -> OrderFilter:
        """What to look for. Raises Problem 400."""
        since = in_utc(self.since, rules.zone) if self.since else None
        until = in_utc(self.until, rules.zone) if self.until else None
        if since and until and since >= until:
            raise Problem(400, "empty_range", "`from` is not before `to`.", remedy="Give an earlier `from`.")
        search = SearchText(self.text, _phone(self.text, rules.phone_region)) if self.text else None
        return OrderFilter(self.status, self.contact_id, self.store_id, since, until, search)

    def place(self) -> OrderPlace | None:
        """Where the page begins. Raises Problem 400 for a cursor that is not ours."""
        if self.cursor is None:
            return None
        try:
            date, _, order_id = urlsafe_b64decode(self.cursor).decode().partition(" ")
            return OrderPlace(datetime.fromisoformat(date).astimezone(UTC), UUID(order_id))
        except (ValueError, OverflowError):
            raise Problem(
                400, "invalid_cursor", "The cursor is not one of ours.", remedy="Use `nextCursor` as it came."
            ) from None


class ListedOrder(BaseModel):
    """An order without its items, additionalInfo and unknown fields; fields that it lacks are left out."""

    model_config = ConfigDict(alias_generator=to_camel, extra="allow")

    id: UUID = Field(description="Our id.")
    external_order_id: str = Field(description="The shop's id.")
    status: OrderStatus = Field(description="The status now.")
    date: datetime = Field(description="When the order was made.")
    total_cost: float = Field(description="An exact decimal number.")
    currency: str = Field(description="ISO 4217.")
    contact_id: UUID | None = Field(description="Null until the order is matched, and when it identifies no one.")
    identity_conflict: bool = Field(description="E-mail and phone belong to different contacts.")
    version: int = Field(description="How many accepted changes it has had.")
    status_at: datetime = Field(description="When it came to its status.")
    created_at: datetime = Field(description="When it was first accepted.")
    updated_at: datetime = Field(description="When it was last changed.")


class StoredOrder(ListedOrder):
    """An order as it is now: what the requests brought, in their names, and ours; fields that it lacks are left out."""

    items: list[dict[str, Any]] | None = Field(
        None, description="The products, in the fields of the request."
    )  # Any: JSON
    additional_info: dict[str, Any] | None = Field(None, description="As it was sent.")
    extra: dict[str, Any] | None = Field(None, description="Fields that the contract does not know.")


class OrdersPage(BaseModel):
    """One page of the list, newest date first."""

    model_config = ConfigDict(alias_generator=to_camel)

    orders: list[ListedOrder] = Field(max_length=MOST_LISTED, description="Newest date first.")
    next_cursor: str | None = Field(description="Leads to the next page; null on the last one.")


def order_document(row: OrderRow) -> dict[str, Any]:  # Any: JSON values
    """An order in the fields of the request and ours."""
    return snapshot(row) | {
        "id": row["id"],
        "contactId": row["contact_id"],
        "identityConflict": row["identity_conflict"],
        "version": row["version"],
        "statusAt": row["status_at"],
        "createdAt": row["created_at"],
        "updatedAt": row["updated_at"],
    }


def page_document(rows: Sequence[OrderRow], limit: int) -> dict[str, Any]:  # Any: JSON values
    """The page that these rows make; there is one more than `limit` when another page follows."""
    shown = rows[:limit]
    following = _cursor(shown[-1]) if len(rows) > limit else None
    return {"orders": [order_document(row) for row in shown], "nextCursor": following}


def _cursor(row: OrderRow) -> str:
    return urlsafe_b64encode(f"{row['date'].isoformat()} {row['id']}".encode()).decode()


def _phone(text: str, region: str) -> str | None:
    """A phone as matching writes it, or the beginning of one that has its plus."""
    if not _PHONE.fullmatch(text):
        return None
    beginning = "+" + re.sub(r"\D", "", text) if text.startswith("+") else None
    return match_phone(text, region) or beginning
