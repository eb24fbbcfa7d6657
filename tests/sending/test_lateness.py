"""A day of `not_after` is a day on the contact's calendar, else on the account's."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from activities.last_look import LastLook
from activities.library import Library
from automation.action_steps import SendStep
from core.contracts import At
from core.settings import Settings
from store.claiming import Person
from store.run_context import RunContext

_STEP = SendStep.model_validate({"id": "hello", "channel": "email", "template": "thanks", "not_after": "1d"})


@pytest.mark.parametrize(("own", "account", "late"), [
    ("Europe/Kyiv", "UTC", True), (None, "Europe/Kyiv", True), ("Nowhere/At_All", "Europe/Kyiv", True),
    ("UTC", "Europe/Kyiv", False), (None, "UTC", False),
])  # fmt: skip
def test_on_the_day_of_23_hours_a_message_is_late_after_23_hours(own: str | None, account: str, late: bool) -> None:
    due_at, now = datetime(2027, 3, 27, 9, tzinfo=UTC), datetime(2027, 3, 28, 8, 30, tzinfo=UTC)
    look = LastLook(
        session=None, library=Library(), settings=Settings(account_zone=account), context=RunContext({}),
        step=_STEP, channel=None, at=At(run_id=uuid4(), step_id="hello", now=now, due_at=due_at),
        message_id=uuid4(), now=now,
    )  # fmt: skip
    found = look._late(Person({"timeZone": own} if own else {}, "a@example.com", None, "", store_disabled=False))
    assert (found is not None) == late
    assert found is None or found.reason == {"code": "too_late", "due_at": due_at.isoformat()}
