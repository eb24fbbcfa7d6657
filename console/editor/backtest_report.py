"""The report of a backtest as a chart, figures, a comparison and examples."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from markupsafe import Markup

from console.markup import cards, heading, link, moment, table
from console.text import number, tr
from core.backtests import BacktestReport, LiveFigures

_KINDS = {
    "sent": "sent", "not_matched": "not matched", "suppressed": "launch refused", "stopped": "stopped",
    "prevented": "kept back by a stop", "skipped": "skipped", "holiday": "moved by a holiday",
    "window": "moved to the allowed send time", "contacts_over": "too many messages",
}  # fmt: skip


def report_parts(report: BacktestReport, zone: ZoneInfo) -> tuple[dict[str, Any] | None, list[Markup]]:  # ECharts' own
    """The chart of messages a day, None when there are none, and what stands below it."""
    figures = {
        tr("events"): number(report.events),
        tr("launches"): number(report.launches),
        tr("messages"): number(report.sends),
        tr("runs stopped"): number(report.stopped),
        tr("kept back by a stop"): number(report.prevented),
        tr("people with more than {most} in a week", most=report.most_messages): number(report.contacts_over),
    }
    parts = [cards(figures), heading(tr("Beside the live version"), 3), _compared(report), heading(tr("Examples"), 3)]
    parts.append(_examples(report, zone))
    notes = Markup("").join(Markup("<li>{}</li>").format(one) for one in report.notes)
    parts.append(Markup('<h3>{}</h3><ul class="oc-soft">{}</ul>').format(tr("What it supposes"), notes))
    return (_chart(report) if report.days else None), parts


def _chart(report: BacktestReport) -> dict[str, Any]:  # as above
    days = [str(one.day) for one in report.days]
    return {
        "aria": {"enabled": True},
        "tooltip": {"trigger": "axis"},
        "legend": {"data": [tr("messages"), tr("launches")]},
        "xAxis": {"type": "category", "data": days},
        "yAxis": {"type": "value", "minInterval": 1},
        "series": [
            {"type": "bar", "name": tr("messages"), "data": [one.sends for one in report.days]},
            {"type": "line", "name": tr("launches"), "data": [one.launches for one in report.days]},
        ],
    }


def _compared(report: BacktestReport) -> Markup:
    live = report.live or LiveFigures()
    rows: list[tuple[object, ...]] = [
        (tr("launches"), number(report.launches), number(live.launches)),
        (tr("runs stopped"), number(report.stopped), number(live.stopped)),
        (tr("messages"), number(report.sends), number(live.sends)),
    ]
    steps: Mapping[str, None] = dict.fromkeys([*report.sends_by_step, *live.sends_by_step])
    rows += [
        (tr("messages of {step}", step=step), number(report.sends_by_step.get(step, 0)),
         number(live.sends_by_step.get(step, 0)))
        for step in steps
    ]  # fmt: skip
    name = ", ".join(map(str, live.versions))
    title = tr("really, version {number}", number=name) if name else tr("really: it was not live")
    return table(["", tr("as written here"), title], rows, empty="", numeric=frozenset({1, 2}))


def _examples(report: BacktestReport, zone: ZoneInfo) -> Markup:
    rows = [
        (
            tr(_KINDS.get(kind, kind)),
            link(f"/orders?text={quote(one.key)}", one.key),
            moment(one.at, zone),
            one.step or "–",
            one.detail,
        )
        for kind, found in report.examples.items()
        for one in found
    ]
    columns = [tr("What"), tr("Order"), tr("When"), tr("Step"), tr("Why")]
    return table(columns, rows, empty=tr("No event of this time starts it."))
