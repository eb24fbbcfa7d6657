"""What the routes of messages answer, for the OpenAPI document."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from api.paging import MOST_LISTED, PageOut
from api.run_document import RunMessage


class MessageOut(RunMessage):
    """A message, without its contents and address."""

    run_id: UUID = Field(description="The run that wanted to send it.")
    automation: str
    test: bool = Field(description="Of a test launch, counted nowhere.")
    order_id: UUID | None = Field(description="Our id of the order that it is about.")
    contact_id: UUID | None = Field(description="To whom it is.")
    subject: str | None = Field(description="As it was sent; null before, and where a channel has none.")
    provider: str | None = Field(description="Who was asked to send it; null before.")
    created_at: datetime
    updated_at: datetime = Field(description="When it last changed.")


class MessageDetail(MessageOut):
    """A message, with its address and what was sent."""

    address: str | None = Field(description="Where it goes; null until that is known, and once it is erased.")
    provider_id: str | None = Field(description="The provider's id of it; null until it told one.")
    claimed_at: datetime | None = Field(description="When the last attempt began; null before the first.")
    due_at: datetime | None = Field(description="When its step was due.")
    content: dict[str, Any] | None = Field(
        description="What was sent, by part, such as `subject`, `html`, `text`; null before, and once it is erased."
    )  # Any: JSON


class MessagesPage(PageOut):
    """One page of the list, newest first."""

    messages: list[MessageOut] = Field(max_length=MOST_LISTED, description="Newest first.")
