"""The figures of each report: what it comes to, beside the days before, its chart and its table."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from babel.dates import format_timedelta
from markupsafe import Markup

from console.chart import bars, levels
from console.markup import cards, money, put, state, table
from console.report_choice import Chosen
from console.text import number, percent, spoken, tr
from core.settings import Settings
from store.reports import ReportFilter, Rows

Amount = Callable[[Decimal | None], object]
_AMOUNTS = ("revenue", "average_check", "expected", "cancelled")
_NOTHING = "Nothing in this time. Take a longer period, or a filter away."


def _revenue(settings: Settings, wanted: Chosen, now: Rows, before: Rows) -> None:
    currency = wanted.filter.currency or settings.account_currency
    own, own_before = _of(now, currency), _of(before, currency)
    figures: dict[str, tuple[str, Amount]] = {
        tr("Revenue"): ("revenue", lambda value: money(value, currency)),
        tr("Orders"): ("orders", number),
        tr("Expected"): ("expected", lambda value: money(value, currency)),
        tr("Cancelled"): ("cancelled", lambda value: money(value, currency)),
    }
    shown = {
        name: beside(_sum(own, column), _sum(own_before, column), show, more_is_good=column != "cancelled")
        for name, (column, show) in figures.items()
    }
    check = [_ratio(_sum(rows, "revenue"), _sum(rows, "orders")) for rows in (own, own_before)]
    put(cards(shown | {tr("Average check"): beside(check[0], check[1], lambda value: money(value, currency))}))
    if own:
        spans, earlier = periods(wanted.filter), periods(wanted.before)
        bars(
            list(map(str, spans)),
            {tr("Revenue"): _along(spans, own, "revenue")},
            before=_along(earlier, own_before, "revenue"),
            before_name=tr("Before"),
            unit=currency,
        )
    columns = ("Period", "Currency", "Orders", "Revenue", "Average check", "Expected", "Cancelled")
    put(
        table(
            [tr(name) for name in columns],
            [
                (
                    row["period"],
                    row["currency"],
                    number(row["orders"]),
                    *(
                        money(row[name], row["currency"])
                        for name in ("revenue", "average_check", "expected", "cancelled")
                    ),
                )
                for row in reversed(now)
            ],
            empty=tr(_NOTHING),
            numeric=frozenset(range(2, len(columns))),
        )
    )


def _customers(_settings: Settings, wanted: Chosen, now: Rows, before: Rows) -> None:
    put(
        cards(
            {
                tr("Bought for the first time"): beside(_sum(now, "new"), _sum(before, "new"), number),
                tr("Came back, added up by period"): beside(_sum(now, "returning"), _sum(before, "returning"), number),
            }
        )
    )
    spans, earlier = periods(wanted.filter), periods(wanted.before)
    if now:
        both = [
            sum(pair) for pair in zip(_along(earlier, before, "new"), _along(earlier, before, "returning"), strict=True)
        ]
        series = {tr("New"): _along(spans, now, "new"), tr("Returning"): _along(spans, now, "returning")}
        bars(list(map(str, spans)), series, before=both, before_name=tr("Before"), stacked=True)
    put(
        table(
            [tr(name) for name in ("Period", "New", "Returning")],
            [(row["period"], number(row["new"]), number(row["returning"])) for row in reversed(now)],
            empty=tr(_NOTHING),
            numeric=frozenset({1, 2}),
        )
    )


def _funnel(_settings: Settings, _wanted: Chosen, now: Rows, before: Rows) -> None:
    earlier = {row["status"]: row for row in before}
    if any(row["ever"] for row in now):
        series = {tr("Ever"): [float(row["ever"]) for row in now], tr("Now"): [float(row["now"]) for row in now]}
        levels([row["status"] for row in now], series)
    put(
        table(
            [tr(name) for name in ("Status", "Now", "Ever", "Ever, before", "Median time to it")],
            [
                (
                    state(row["status"]),
                    number(row["now"]),
                    number(row["ever"]),
                    number(earlier[row["status"]]["ever"]),
                    _duration(row["median_seconds"]),
                )
                for row in now
            ],
            empty=tr(_NOTHING),
            numeric=frozenset({1, 2, 3, 4}),
        )
    )


def _automations(settings: Settings, wanted: Chosen, now: Rows, before: Rows) -> None:
    """A row for each automation and currency; what is not money is the same in each of them."""
    names = ("runs", "sent", "opened", "clicked")
    currency = wanted.filter.currency or settings.account_currency
    once, once_before = ({row["automation"]: row for row in rows} for rows in (now, before))
    shown = {
        tr(name.capitalize()): beside(_sum([*once.values()], name), _sum([*once_before.values()], name), number)
        for name in names
    }
    earned, earned_before = (_sum(_of(rows, currency), "revenue") for rows in (now, before))
    revenue = beside(earned, earned_before, lambda value: money(value, currency))
    put(cards(shown | {tr("Revenue led to"): revenue}))
    if once:
        series = {tr(name.capitalize()): [float(row[name]) for row in once.values()] for name in names[1:]}
        levels([*once], series)
    columns = ("Automation", "Runs", "Sent", "Opened", "Clicked", "Opened of sent", "Orders led to", "Revenue led to")
    put(
        table(
            [tr(name) for name in columns],
            [
                (
                    row["automation"],
                    *(number(row[name]) for name in names),
                    percent(_ratio(row["opened"], row["sent"])),
                    number(row["orders"]),
                    money(row["revenue"], row["currency"]) if row["currency"] else "–",
                )
                for row in now
            ],
            empty=tr(_NOTHING),
            numeric=frozenset(range(1, len(columns))),
        ),
        Markup('<p class="oc-soft" style="margin-top:.8rem">{}</p>').format(
            tr(
                "An order is put down to the message that its contact clicked last, up to {days} days before it.",
                days=wanted.filter.click_days,
            )
        ),
    )


VIEWS: Mapping[str, Callable[[Settings, Chosen, Rows, Rows], None]] = {
    "revenue": _revenue,
    "customers": _customers,
    "funnel": _funnel,
    "automations": _automations,
}


def beside(now: Decimal | None, before: Decimal | None, show: Amount, *, more_is_good: bool = True) -> Markup:
    """A figure, and how it stands to the one before."""
    said = tr("before: {value}", value=show(before))
    share = _ratio((now or Decimal(0)) - (before or Decimal(0)), before)
    if share is None:
        return Markup("{}<br><small>{}</small>").format(show(now), said)
    arrow = "▲" if share > 0 else "▼" if share < 0 else "="
    tone = "soft" if share == 0 else "good" if (share > 0) is more_is_good else "bad"
    return Markup('{}<br><small><span class="oc-{}">{} {}</span> {}</small>').format(
        show(now), tone, arrow, percent(abs(share)), said
    )


def periods(wanted: ReportFilter) -> list[date]:
    """The days, Mondays or firsts on which the periods begin."""
    found, day = list[date](), wanted.since
    if wanted.unit == "week":
        day -= timedelta(days=day.weekday())
    elif wanted.unit == "month":
        day = day.replace(day=1)
    while day <= wanted.until:
        found.append(day)
        if wanted.unit == "month":
            day = (day + timedelta(days=31)).replace(day=1)
        else:
            day += timedelta(days=7 if wanted.unit == "week" else 1)
    return found


def _along(spans: Iterable[date], rows: Rows, column: str) -> list[float]:
    """The figure of each period; nothing is 0."""
    known = {row["period"]: float(row[column] or 0) for row in rows}
    return [known.get(day, 0.0) for day in spans]


def _of(rows: Rows, currency: str) -> Rows:
    return [row for row in rows if row["currency"] == currency]


def _sum(rows: Rows, column: str) -> Decimal:
    return sum((Decimal(row[column] or 0) for row in rows), Decimal(0))


def _ratio(part: Any, whole: Any) -> Decimal | None:  # Any: numbers
    return Decimal(part or 0) / Decimal(whole) if whole else None


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return format_timedelta(timedelta(seconds=seconds), locale=spoken().replace("-", "_")) if seconds else tr("at once")
