"""Allowed send time: when a message that may not go out now may go."""

from datetime import datetime

from automation.action_steps import SendStep
from automation.moments import clock_of
from automation.schedule import SendWindow
from automation.windows import allowed
from core.settings import Settings


def opening(step: SendStep, settings: Settings, contact_zone: str | None, now: datetime) -> datetime | None:
    """When the step's window opens, in UTC, on the contact's clock; None when it is open.

    What must be told (`obligatory`) does not wait for the account's window, only for one of its own.
    """
    window = step.window if isinstance(step.window, SendWindow) else None
    if step.window == "account" and settings.account_window and not step.obligatory:
        start, _, end = settings.account_window.partition("-")
        window = SendWindow.model_validate({"from": start, "to": end})
    if window is None:
        return None
    opens = allowed(window, now, clock_of(contact_zone, settings.account_zone))
    return opens if opens > now else None
