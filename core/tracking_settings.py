"""Settings of our own links in messages, and of which message an order is put down to."""

from pydantic import Field
from pydantic_settings import BaseSettings

from core.tracking import Track


class TrackingSettings(BaseSettings):
    """A part of `core.settings.Settings`."""

    track: Track = Field(
        default=Track.NONE, description="What is followed of e-mails whose step does not say; see tracking.md."
    )
    track_scan_seconds: float = Field(
        default=5.0,
        ge=0,
        le=60,
        description="Three links of a new mail followed within this time were followed by a scanner; 0: all count.",
    )
    attribution_click_days: int = Field(
        default=7, ge=1, le=90, description="An order is put down to the message clicked last in so many days before."
    )
    attribution_open_days: int = Field(
        default=0, ge=0, le=90, description="Else to the one opened last in so many days; 0: opens lead to no order."
    )
    attribution_lift_days: int = Field(
        default=30, ge=1, le=365, description="Arms of a split are compared by orders in so many days after it."
    )
