"""Backtest: what would have happened with the events of the past, beside what the live version did."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from nicegui import ui

from api.backtest_work import check_backtest, look_at_backtest, start_backtest
from automation.definition import definition_json
from console.editor.backtest_report import report_parts
from console.editor.work import Work
from console.markup import put
from console.shell import action
from console.text import number, tr
from core.backtests import BacktestAsked, BacktestReport
from core.errors import ConflictError, InvalidError
from store.tables.user import Role

_DAYS = 30
_BETWEEN_LOOKS = 0.5


def backtest(work: Work) -> None:
    """A period, a button, progress, and the report."""
    zone = work.visit.services.settings.zone
    today = datetime.now(UTC).astimezone(zone).date()
    said: dict[str, Any] = {  # what the browser sends
        "since": (today - timedelta(days=_DAYS)).isoformat(), "until": today.isoformat(), "historical": False,
    }  # fmt: skip
    with ui.element("div").classes("oc-row"):
        _day("since", tr("From"), said)
        _day("until", tr("To, this day included"), said)
    with ui.element("label").classes("oc-row"):
        box = ui.element("input").props("type=checkbox")
        box.on("change", lambda e: said.update(historical=e.args is True), js_handler="(e) => emit(e.target.checked)")
        ui.label(tr("Imported orders of the past act too"))
    button = ui.button(tr("Backtest")).props("outline")
    bar = ui.linear_progress(0, show_value=False).props(f'aria-label="{tr("Progress of the backtest")}"')
    bar.set_visibility(False)
    told = ui.label("").props("role=status").classes("oc-soft")
    shown = ui.element("div").classes("w-full oc-report")

    async def run() -> str:
        await work.visit.acting(Role.MARKETER)
        if work.definition is None:
            raise InvalidError(tr("Correct first: {fault}", fault=work.problems[0]))
        check_backtest(work.definition)
        since, until = (datetime.combine(_date(said[name]), time(), zone) for name in ("since", "until"))
        until += timedelta(days=1)
        if since >= until:
            raise InvalidError(tr("The first day is after the last one."), field="since")
        asked = BacktestAsked(
            definition=definition_json(work.definition), since=since, until=until, historical=said["historical"]
        )
        shown.clear()
        button.disable()
        bar.set_visibility(True)
        try:
            report = await _report(work, asked, bar, told)
        finally:
            bar.set_visibility(False)
            button.enable()
        with shown:
            chart, parts = report_parts(report, zone)
            if chart is not None:
                ui.echart(chart).classes("w-full")
            put(*parts)
        told.text = ""
        return tr("The backtest is done; nothing was sent.")

    button.on_click(action(run))


async def _report(work: Work, asked: BacktestAsked, bar: ui.linear_progress, told: ui.label) -> BacktestReport:
    """Looks until the worker is done with it. Raises ConflictError when it could not be done."""
    client = work.visit.services.client
    started = await start_backtest(client, asked)
    while True:
        seen = await look_at_backtest(client, started)
        if seen.report is not None:
            return seen.report
        if seen.state != "running" or bar.is_deleted:
            raise ConflictError(tr("The backtest failed: {why}", why=seen.detail))
        bar.set_value(seen.progress.done / max(seen.progress.total, 1))
        told.text = tr("{done} of {total} events", done=number(seen.progress.done), total=number(seen.progress.total))
        await asyncio.sleep(_BETWEEN_LOOKS)


def _day(name: str, label: str, said: dict[str, Any]) -> None:  # as above
    with ui.element("div").classes("oc-setting"):
        with ui.element("label").props(f"for=oc-{name}"):
            ui.label(label)
        field = ui.element("input").props(f"type=date id=oc-{name} value={said[name]}")
        field.on("change", lambda e: said.update({name: str(e.args)}), js_handler="(e) => emit(e.target.value)")


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidError(tr("Choose a day."), field="since") from None
