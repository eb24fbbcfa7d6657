"""Allowed send time."""

from datetime import datetime

import pytest

from automation.schedule import SendWindow
from automation.windows import allowed


@pytest.mark.parametrize(("window", "at", "expected"), [
    ({"from": "09:00", "to": "21:00"}, "2026-11-02T08:00+02:00", "2026-11-02T07:00:00+00:00"),
    ({"from": "09:00", "to": "21:00"}, "2026-11-02T09:00+02:00", "2026-11-02T07:00:00+00:00"),
    ({"from": "09:00", "to": "21:00"}, "2026-11-02T20:59+02:00", "2026-11-02T18:59:00+00:00"),
    ({"from": "09:00", "to": "21:00"}, "2026-11-02T21:00+02:00", "2026-11-03T07:00:00+00:00"),
    ({"from": "00:00", "to": "24:00"}, "2026-11-02T23:59+02:00", "2026-11-02T21:59:00+00:00"),
    ({"from": "09:00", "to": "24:00"}, "2026-11-03T00:00+02:00", "2026-11-03T07:00:00+00:00"),
    # Saturday evening is held until Monday
    ({"from": "09:00", "to": "21:00", "days": ["mon", "fri"]}, "2026-11-07T20:00+02:00", "2026-11-09T07:00:00+00:00"),
    # over midnight: it opens on Friday and is open until Saturday morning
    ({"from": "21:00", "to": "06:00", "days": ["fri"]}, "2026-11-07T05:00+02:00", "2026-11-07T03:00:00+00:00"),
    ({"from": "21:00", "to": "06:00", "days": ["fri"]}, "2026-11-07T06:00+02:00", "2026-11-13T19:00:00+00:00"),
    # the hour that the spring takes away
    ({"from": "03:30", "to": "12:00"}, "2026-03-29T02:00+02:00", "2026-03-29T01:00:00+00:00"),
    ({"from": "03:10", "to": "03:50"}, "2026-03-29T02:00+02:00", "2026-03-30T00:10:00+00:00"),
])  # fmt: skip
def test_a_message_is_sent_when_the_window_is_open(window, at, expected):
    found = allowed(SendWindow.model_validate(window), datetime.fromisoformat(at), "Europe/Kyiv")
    assert found.isoformat() == expected
