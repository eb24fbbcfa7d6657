"""What holds for every definition and every past."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automation.action_steps import WaitStep
from automation.backtest import Backtest
from automation.backtest_event import PastEvent
from automation.backtest_time import Account, Planner
from automation.definition import Definition
from automation.interpreter import Flow
from automation.waits import due
from store.backtest import past_event_facts
from tests.automation.documents import DOCUMENTS
from tests.backtest.events import Kept, an_event

_TYPES = st.sampled_from(["orderDELIVERED", "orderDELIVERED", "orderCANCELLED", "clicked", "a"])
_PASTS = st.lists(
    st.tuples(_TYPES, st.integers(0, 400), st.integers(1, 4), st.integers(1, 3), st.integers(0, 200)), max_size=25
).map(
    lambda found: [
        an_event(n, kind, hours=hours, order=order, contact=contact, totalCost=cost)
        for n, (kind, hours, order, contact, cost) in enumerate(sorted(found, key=lambda one: one[1]))
    ]
)
_UNIQUE = st.sampled_from(["once_per_status", "once_per_order", "once_per_contact", "each_time"])


def _play(document: dict[str, object], events: list[PastEvent]) -> Kept:
    kept = Kept()
    engine = Backtest(Flow(Definition.model_validate(document)), kept, past_event_facts)
    engine.take(events)
    engine.run_until(datetime.max.replace(tzinfo=UTC))
    return kept


def _with(document: dict[str, object], unique: str) -> dict[str, object]:
    return document | {"start": {**document["start"], "unique": unique}}  # type: ignore[dict-item] # a mapping


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DOCUMENTS, _PASTS, _UNIQUE)
def test_nothing_is_sent_after_a_stop_and_no_launch_is_made_twice(
    document: dict[str, object], events: list[PastEvent], unique: str
) -> None:
    kept = _play(_with(document, unique), events)
    for found in kept.by_run.values():
        names = [name for name, _ in found]
        assert "stopped" not in names[:-1]
    owners = {
        "once_per_status": lambda run: (run.event.order_id, run.event.type),
        "once_per_order": lambda run: run.event.order_id,
        "once_per_contact": lambda run: run.event.contact_id,
        "each_time": lambda run: run.event.id,
    }
    keys = [owners[unique](run) for run in kept.launches]
    assert len(keys) == len(set(keys))
    moments = [at for _, _, at in kept.sends]
    assert moments == sorted(moments)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DOCUMENTS, _PASTS, _UNIQUE, st.integers(0, 25))
def test_pages_and_forgotten_keys_change_nothing(
    document: dict[str, object], events: list[PastEvent], unique: str, cut: int
) -> None:
    document = _with(document, unique)
    later = [
        event._replace(
            alone=not any(
                other.seq > event.seq
                and (
                    other.contact_id == event.contact_id
                    if unique == "once_per_contact"
                    else other.order_id == event.order_id
                )
                for other in events
            )
        )
        for event in events
    ]
    whole = _play(document, events)
    kept = Kept()
    engine = Backtest(Flow(Definition.model_validate(document)), kept, past_event_facts)
    engine.take(later[:cut])
    engine.take(later[cut:])
    engine.run_until(datetime.max.replace(tzinfo=UTC))
    assert (kept.sends, kept.stops, kept.refused) == (whole.sends, whole.stops, whole.refused)


@settings(max_examples=400, deadline=None)
@given(
    st.integers(0, 3 * 365 * 24 * 60).map(
        lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    st.lists(st.integers(-60 * 48, 60 * 48), min_size=1, max_size=6),
    st.sampled_from(
        ["Europe/Kyiv", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", None]
    ),
    st.sampled_from(["10:00", "02:30", "00:00", "03:00", "23:59"]),
    st.builds(
        lambda length, days: length | days,
        st.sampled_from([{}, {"for": "10d"}, {"for": "1d"}, {"for": "36h"}, {"for": "1mo"}]),
        st.sampled_from([{}, {"not_on": ["sat", "sun"]}, {"on": ["mon"]}, {"holidays": "DE"}]),
    ),
)
def test_a_remembered_due_moment_is_the_one_that_runs_compute(
    start: datetime, minutes: list[int], zone: str | None, at: str, rest: dict[str, object]
) -> None:
    step = WaitStep.model_validate({"wait": {"id": "w", "at": at} | rest})
    planner = Planner(Account(zone="Europe/Kyiv"))
    for shift in minutes:
        moment = start + timedelta(minutes=shift)
        wanted = due(step, moment, contact_zone=zone, account_zone="Europe/Kyiv", facts={})
        found = planner.plan(step, moment, zone, {})
        assert found.at == wanted.at, moment.astimezone(ZoneInfo(zone or "Europe/Kyiv"))
