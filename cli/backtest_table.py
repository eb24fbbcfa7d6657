"""A backtest's report as tables for people and as lines for spreadsheets."""

from collections.abc import Iterator

from rich.console import Console

from cli.output import print_rows
from core.backtests import BacktestReport

_SHOWN_DAYS = 31
_KINDS = {
    "sent": "message",
    "prevented": "prevented by a stop",
    "stopped": "run stopped",
    "skipped": "message skipped",
    "suppressed": "launch refused",
    "not_matched": "not matched",
    "holiday": "moved by a holiday",
    "window": "moved by the send time",
    "contacts_over": "many messages",
}


def show(report: BacktestReport) -> None:
    """Print it."""
    console = Console()
    console.print(
        f"{report.automation}: {report.events:,} events from {report.since:%Y-%m-%d %H:%M} to "
        f"{report.until:%Y-%m-%d %H:%M} {report.until.tzname()}",
        markup=False,
    )
    live = report.live
    rows = [
        {"what": what, "backtest": would, "live": did if live else "—"}
        for what, would, did in (
            ("launches", report.launches, live.launches if live else None),
            ("runs stopped", report.stopped, live.stopped if live else None),
            ("runs not ended", report.waiting, "—"),
            ("messages", report.sends, live.sends if live else None),
            *(
                (f"  {step}", n, live.sends_by_step.get(step, 0) if live else None)
                for step, n in report.sends_by_step.items()
            ),
            *(
                (f"skipped: {code}", n, live.skipped.get(code, 0) if live else None)
                for code, n in report.skipped.items()
            ),
            ("messages that a stop prevented", report.prevented, "—"),
            ("moved by holidays", report.shifted.get("holiday", 0), "—"),
            ("moved by the allowed send time", report.shifted.get("window", 0), "—"),
            ("not matched", report.not_matched, "—"),
            *((f"launches refused: {rule}", n, "—") for rule, n in report.suppressed.items()),
            (f"contacts with more than {report.most_messages} messages in 7 days", report.contacts_over, "—"),
        )
    ]
    print_rows(rows, {"what": "what", "backtest": "would be", "live": "live version"}, empty="")
    _days(report, console)
    examples = [
        {"kind": _KINDS.get(kind, kind), "at": one.at, "key": one.key, "step": one.step, "detail": one.detail}
        for kind, found in report.examples.items()
        for one in found
    ]
    columns = {"kind": "example", "at": "at (UTC)", "key": "order", "step": "step", "detail": "detail"}
    print_rows(examples, columns, empty="No such event started it.")
    for note in report.notes:
        console.print(f"Supposed: {note}.", markup=False)


def figures(report: BacktestReport) -> Iterator[tuple[str, str, object]]:
    """Every number as figure, name, value; the messages of each hour that has some."""
    for name in ("events", "launches", "not_matched", "stopped", "waiting", "sends", "prevented", "contacts_over"):
        yield name, "", getattr(report, name)
    for name in ("suppressed", "sends_by_step", "skipped", "shifted"):
        for key, value in getattr(report, name).items():
            yield name, key, value
    yield from _moments(report)
    if report.live:
        for name in ("launches", "stopped", "sends"):
            yield f"live_{name}", "", getattr(report.live, name)
    for kind, found in report.examples.items():
        for one in found:
            yield f"example_{kind}", one.key, f"{one.at.isoformat()} {one.step or ''} {one.detail}".strip()


def _moments(report: BacktestReport) -> Iterator[tuple[str, str, object]]:
    for day in report.days:
        yield "launches_of_day", str(day.day), day.launches
        yield "sends_of_day", str(day.day), day.sends
        for hour, sends in enumerate(day.hours):
            if sends:
                yield "sends_of_hour", f"{day.day}T{hour:02}", sends


def _days(report: BacktestReport, console: Console) -> None:
    rows = [
        {
            "day": day.day.isoformat(),
            "launches": day.launches,
            "sends": day.sends,
            "hours": ", ".join(f"{hour:02}h {n}" for hour, n in enumerate(day.hours) if n),
        }
        for day in report.days[-_SHOWN_DAYS:]
    ]
    if len(report.days) > _SHOWN_DAYS:
        console.print(f"The last {_SHOWN_DAYS} of {len(report.days)} days; --json and --csv have them all.")
    columns = {"day": f"day ({report.zone})", "launches": "launches", "sends": "messages", "hours": "by hour"}
    print_rows(rows, columns, empty="Nothing would have happened.")
