"""Attribution against a second, naive computation in plain Python over any history of messages and orders."""

import asyncio
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.lift import Amounts, amount_lift, conversion_lift
from core.settings import Settings
from store.arms import arms
from store.attribution import By, Period, attribution, led_orders
from store.session import Database, open_database
from tests.tracking.rows import Rows

_ZONE = ZoneInfo("Europe/Kyiv")
_FIRST, _LAST = date(2026, 10, 20), date(2026, 10, 31)
"""The clocks go back in between."""
_PERIOD = Period(_FIRST, _LAST, "Europe/Kyiv", click_days=3, open_days=2, lift_days=5)
_NOON = datetime(2026, 10, 25, 12, tzinfo=UTC)
_MOMENTS = st.one_of(
    st.integers(-20 * 24, 10 * 24).map(lambda hours: _NOON + timedelta(hours=hours)),
    st.sampled_from([_NOON, _NOON - timedelta(days=2), _NOON - timedelta(days=3)]),
)
_MESSAGES = st.fixed_dictionaries(
    {
        "who": st.integers(0, 2),
        "automation": st.integers(0, 1),
        "step": st.sampled_from(["one", "two"]),
        "sent": _MOMENTS,
        "touches": st.lists(st.tuples(st.sampled_from(["clicked", "opened", "delivered"]), _MOMENTS), max_size=3),
        "test": st.sampled_from([False, False, False, True]),
    }
)
_ORDERS = st.fixed_dictionaries(
    {
        "who": st.sampled_from([0, 1, 2, None]),
        "date": _MOMENTS,
        "status": st.sampled_from(["DELIVERED", "DELIVERED", "CANCELLED", "IN_PROGRESS"]),
        "currency": st.sampled_from(["UAH", "UAH", "EUR"]),
        "total": st.decimals(0, 1000, places=2),
        "cart_until": st.one_of(st.none(), _MOMENTS),
    }
)
_HISTORIES = st.fixed_dictionaries(
    {"messages": st.lists(_MESSAGES, max_size=6), "orders": st.lists(_ORDERS, max_size=8)}
)
_SPEED = settings(max_examples=15, deadline=None, database=None, suppress_health_check=[*HealthCheck])
History = dict[str, list[Any]]  # Any: columns


async def _fill(session: AsyncSession, history: History) -> None:
    """Write it, and each row's id into it."""
    rows = Rows(session)
    people = [await rows.contact() for _ in range(3)]
    automations = [await rows.automation(f"automation {number}") for number in range(2)]
    for one in history["messages"]:
        run = await rows.run(automations[one["automation"]], people[one["who"]], one["sent"], test=one["test"])
        first = {kind: min((at for k, at in one["touches"] if k == kind), default=None) for kind in _COUNTED}
        one["id"] = await rows.message(run, one["sent"], step=one["step"], **first)
        for kind, at in one["touches"]:
            await rows.feedback(one["id"], kind, at)
    for one in history["orders"]:
        more = {name: one[name] for name in ("status", "currency", "total")}
        cart = {"status": "ABANDONED_SHOPPING_CART"} if one["cart_until"] else {}
        who = None if one["who"] is None else people[one["who"]]
        one["id"] = await rows.order(who, one["date"], **more | cart)
        if one["cart_until"]:  # as intake writes it
            await session.execute(
                text('UPDATE "order" SET status = :status, status_at = :at WHERE id = :id'),
                {"status": one["status"], "at": one["cart_until"], "id": one["id"]},
            )


_COUNTED = ("opened", "clicked")


def _day(moment: datetime) -> date:
    return moment.astimezone(_ZONE).date()


def _placed(order: dict[str, Any]) -> datetime:
    return max(order["date"], order["cart_until"] or order["date"])


def _message_of(history: History, order: dict[str, Any]) -> dict[str, Any] | None:
    """The last click in three days before, else the last opening in two."""
    placed = _placed(order)
    for kind, days in (("clicked", 3), ("opened", 2)):
        touches = [
            (at, message["id"], message)
            for message in history["messages"]
            if message["who"] == order["who"] and not message["test"]
            for told, at in message["touches"]
            if told == kind and at <= placed < at + timedelta(days=days)
        ]
        if touches:
            return max(touches, key=lambda one: one[:2])[2]
    return None


def _expected(history: History, key: Any) -> dict[Any, list[Any]]:  # Any: keys of groups
    """Sent, delivered, opened, clicked of each group; then by group and currency orders, revenue and what may come."""
    counts: dict[Any, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    money: dict[Any, list[Any]] = defaultdict(lambda: [0, Decimal(), 0, Decimal()])
    for one in history["messages"]:
        if not one["test"] and _FIRST <= _day(one["sent"]) <= _LAST:
            told = {kind for kind, _ in one["touches"]}
            came = (True, bool(told & {"opened", "clicked"}), bool(told & {"opened", "clicked"}), "clicked" in told)
            counts[key(one)] = [was + is_ for was, is_ in zip(counts[key(one)], came, strict=True)]
    for order in history["orders"]:
        message = _message_of(history, order)
        if message and order["status"] != "CANCELLED" and _FIRST <= _day(_placed(order)) <= _LAST:
            sums = money[key(message), order["currency"]]
            place = 0 if order["status"] == "DELIVERED" else 2
            sums[place] += 1
            sums[place + 1] += order["total"]
    groups = counts.keys() | {group for group, _ in money}
    return {
        (group, currency): [*counts[group], *money[group, currency]]
        for group in groups
        for currency in ({c for g, c in money if g == group} or {None})
    }


async def test_attribution_counts_as_plain_python_does(settings: Settings) -> None:
    database = open_database(settings.database_url, pool_size=2)
    keys: dict[By, Any] = {
        "automation": lambda one: (f"automation {one['automation']}",),
        "version": lambda one: (f"automation {one['automation']}", 1),
        "step": lambda one: (f"automation {one['automation']}", one["step"]),
        "message": lambda one: ("email", one["step"]),
    }

    async def check(history: History) -> None:
        async with database.transaction() as session:
            await _fill(session, history)
            for by, key in keys.items():
                found = {}
                for row in await attribution(session, _PERIOD, by):
                    *group, sent, delivered, opened, clicked, currency, orders, revenue, more, expected = row.values()
                    figures = [sent, delivered, opened, clicked, orders, revenue, more, expected]
                    found[tuple(group), currency] = figures
                assert found == _expected(history, key), by
            led = await led_orders(session, _PERIOD)
            first = await led_orders(session, _PERIOD, limit=1)
            rest = await led_orders(session, _PERIOD, before=first[0]["id"]) if first else []
            await session.rollback()  # the next history begins with nothing
        assert [*first, *rest] == led
        assert {row["id"]: row["message_id"] for row in led} == {
            order["id"]: message["id"]
            for order in history["orders"]
            if order["status"] != "CANCELLED" and _FIRST <= _day(_placed(order)) <= _LAST
            if (message := _message_of(history, order))
        }

    await _hypothetically(_HISTORIES, check)
    await database.close()


_SPLIT = {
    "name": "Split",
    "steps": [
        {
            "if": {
                "id": "big",
                "then": [
                    {
                        "split": {
                            "id": "half",
                            "arms": [
                                {"name": "mail", "weight": 1, "steps": []},
                                {"name": "none", "weight": 1, "holdout": True},
                            ],
                        }
                    }
                ],
            }
        }
    ],
}
_PASSED = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(["mail", "none"]), _MOMENTS, st.sampled_from([False, False, True])),
    max_size=6,
    unique_by=lambda one: (one[0], one[2]),
)


class _Divided:
    """What plain Python makes of who took which arm, and what they bought."""

    def __init__(self, history: History) -> None:
        self.entered: dict[int, tuple[str, datetime]] = {}
        for who, arm, at, test in sorted(history["passed"], key=lambda one: one[2], reverse=True):
            if not test and _FIRST <= _day(at) <= _LAST:
                self.entered[who] = (arm, at)
        self.bought = {
            who: [
                one
                for one in history["orders"]
                if (one["who"], one["status"]) == (who, "DELIVERED") and at <= one["date"] < at + timedelta(days=5)
            ]
            for who, (_, at) in self.entered.items()
        }
        currencies = {one["currency"] for orders in self.bought.values() for one in orders}
        self.currencies: list[str | None] = [*sorted(currencies)] or [None]

    def of(self, arm: str) -> list[int]:
        return [who for who, (taken, _) in self.entered.items() if taken == arm]

    def converted(self, arm: str) -> int:
        return sum(bool(self.bought[who]) for who in self.of(arm))

    def sums(self, arm: str, currency: str | None) -> list[Decimal]:
        return [
            sum((one["total"] for one in self.bought[who] if one["currency"] == currency), Decimal())
            for who in self.of(arm)
        ]

    def amounts(self, arm: str, currency: str | None) -> Amounts:
        sums = [float(one) for one in self.sums(arm, currency)]
        return Amounts(len(sums), sum(sums), sum(each * each for each in sums))


async def _arms(database: Database, history: History) -> list[dict[str, Any]]:
    async with database.transaction() as session:
        rows = Rows(session)
        people = [await rows.contact() for _ in range(4)]
        automation = await rows.automation("Split", _SPLIT)
        for who, arm, at, test in history["passed"]:
            await rows.passed(await rows.run(automation, people[who], at, test=test), "half", arm, at)
        for one in history["orders"]:
            if one["who"] is not None:
                more = {name: one[name] for name in ("status", "currency", "total")}
                await rows.order(people[one["who"]], one["date"], **more)
        found = await arms(session, _PERIOD)
        await session.rollback()
    return found


async def test_arms_are_compared_as_plain_python_does(settings: Settings) -> None:
    database = open_database(settings.database_url, pool_size=2)

    async def check(history: History) -> None:
        found, told = await _arms(database, history), _Divided(history)
        assert [(row["arm"], row["currency"]) for row in found] == [
            (arm, currency) for arm in ("mail", "none") if told.of(arm) for currency in told.currencies
        ]
        lift = conversion_lift(
            told.converted("mail"), len(told.of("mail")), told.converted("none"), len(told.of("none"))
        )
        for row in found:
            arm, currency = row["arm"], row["currency"]
            assert (row["contacts"], row["converted"]) == (len(told.of(arm)), told.converted(arm))
            assert row["lift"] == (round(lift.difference, 6) if lift and arm == "mail" else None)
            assert row["revenue"] == sum(told.sums(arm, currency))
            both = amount_lift(told.amounts("mail", currency), told.amounts("none", currency))
            shown = [row["revenue_lift"], row["revenue_lift_low"], row["revenue_lift_high"]]
            wanted = [both.difference, both.low, both.high] if both and currency and arm == "mail" else [None] * 3
            assert shown == [None if one is None else pytest.approx(one, abs=0.001) for one in wanted]

    await _hypothetically(st.fixed_dictionaries({"passed": _PASSED, "orders": st.lists(_ORDERS, max_size=8)}), check)
    await database.close()


def test_intervals_are_those_of_the_formula() -> None:
    """50 of 1000 against 30 of 1000, worked by hand."""
    lift = conversion_lift(50, 1000, 30, 1000)
    assert lift is not None
    assert (round(lift.difference, 4), round(lift.low or 0, 4), round(lift.high or 0, 4)) == (0.02, 0.0026, 0.0373)
    amounts = amount_lift(Amounts(4, 40, 600), Amounts(4, 20, 200))
    assert amounts is not None
    assert (amounts.difference, round(amounts.low or 0, 2), round(amounts.high or 0, 2)) == (5.0, -4.8, 14.8)
    assert conversion_lift(1, 1, 0, 0) is None


async def _hypothetically(histories: st.SearchStrategy[Any], check: Any) -> None:
    """Hypothesis calls plain functions; each example goes back to the loop of the connections."""
    loop = asyncio.get_running_loop()

    @_SPEED
    @given(history=histories)
    def examples(history: Any) -> None:
        asyncio.run_coroutine_threadsafe(check(history), loop).result()

    await asyncio.to_thread(examples)
