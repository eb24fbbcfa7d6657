"""Home: today at a glance, live."""

from datetime import UTC, datetime

from markupsafe import Markup
from nicegui import ui

from console.chart import bars
from console.first_steps import first_steps
from console.later import skeleton
from console.live import watch
from console.markup import heading, link, moment, nothing, put, table
from console.overview import Seen
from console.shell import page
from console.text import number, tr
from console.visit import Visit
from store.doctor import Finding
from store.glance import MOST
from store.tables.message import MessageState

_SECONDS = 10.0
_LATE = ("< 1 s", "1–10 s", "10–60 s", "1–10 min", "10–60 min", "> 1 h")

_PLACES = {"events_without_decision": "events", "runs_without_workflow": "runs", "messages_sending": "messages"}
"""Where what the doctor finds is looked at."""


@page("/", title="Home")
async def home(visit: Visit) -> None:
    """What came, what went out, what waits, what is wrong; looked at anew every ten seconds."""
    async with visit.read() as session:
        put(await first_steps(visit, session))
    put(Markup('<p class="oc-live" aria-live="off">{}</p>').format(tr("Live")))
    troubles, counts = ui.element("div").classes("w-full"), ui.element("div").classes("w-full")
    charts = ui.element("div").classes("oc-split")
    due = ui.element("div").classes("w-full")
    with counts:
        skeleton(6)
    drawn: list[object] = [None]

    async def look() -> None:
        seen = await visit.services.overview.look(datetime.now(UTC))
        _show(troubles, _troubles(visit, seen))
        _show(counts, _counts(seen))
        _show(due, heading(tr("Due next")), _due(visit, seen))
        figures = (seen.hours, seen.counts.late)
        if drawn[0] != figures:  # a chart that is drawn anew loses its tooltip
            drawn[0] = figures
            charts.clear()
            with charts:
                _charts(visit, seen)

    watch(visit, look, seconds=_SECONDS, at_once=True)


def _show(place: ui.element, *parts: Markup) -> None:
    place.clear()
    with place:
        put(*parts)


def _troubles(visit: Visit, seen: Seen) -> Markup:
    """What needs somebody, or that nothing does."""
    zone = visit.services.settings.zone
    lines = [
        Markup("<strong>{}</strong> {} {} {}").format(
            tr("{provider} is paused", provider=one.provider), one.reason or "", tr("and is tried again"),
            moment(one.until, zone),
        )
        for one in seen.paused
    ]  # fmt: skip
    lines += [
        Markup("<strong>{}</strong> {}").format(tr("Shop {shop} is switched off", shop=one.store_id), one.reason or "")
        for one in seen.shops_off
    ]
    lines += [
        Markup("<strong>{}</strong>: {}. {} {}").format(
            tr(one.title), number(one.count), tr(one.next_step), _examples(one)
        )
        for one in seen.findings
        if one.count
    ]
    if seen.counts.unknown:
        said = tr("Messages with an unknown outcome wait for somebody: {count}", count=_bounded(seen.counts.unknown))
        lines.append(link(f"/messages?state={MessageState.UNKNOWN}", said))
    if not lines:
        return Markup('<p class="oc-note oc-good">{}</p>').format(
            tr("All is well: no provider is paused, and the doctor finds nothing undone.")
        )
    items = Markup("").join(Markup("<li>{}</li>").format(one) for one in lines)
    return Markup('<div class="oc-note oc-warn" role="status"><ul class="oc-list">{}</ul></div>').format(items)


def _examples(finding: Finding) -> Markup:
    """The oldest few, where they have a page."""
    place = _PLACES.get(finding.code)
    links = [link(f"/{place}/{one['id']}", one["name"]) for one in finding.examples] if place else []
    return Markup(" · ").join(links)


def _counts(seen: Seen) -> Markup:
    counts = seen.counts
    hour = seen.hours[-1][1]
    shown: list[tuple[str, object, str]] = [
        (tr("orders this hour"), number(hour.orders), "/orders"),
        (tr("events this hour"), number(hour.events), "/events"),
        (tr("runs started today"), _bounded(counts.runs), "/runs"),
        (tr("runs that wait"), _bounded(counts.waiting), "/runs?state=waiting"),
        (tr("due within a day"), _bounded(counts.due_soon), "/runs?state=waiting"),
    ]
    shown += [
        (tr("messages {state} today", state=state), number(count), f"/messages?state={state}")
        for state, count in counts.messages.items()
    ]
    return Markup('<div class="oc-cards">{}</div>').format(
        Markup("").join(
            Markup('<a class="oc-card" href="{}"><span>{}</span><b>{}</b></a>').format(to, name, value)
            for name, value, to in shown
        )
    )


def _charts(visit: Visit, seen: Seen) -> None:
    zone = visit.services.settings.zone
    with ui.element("section").classes("oc-panel"):
        put(heading(tr("Orders and events an hour")))
        labels = [f"{hour.astimezone(zone):%H}:00" for hour, _ in seen.hours]
        series = {
            tr("new orders"): [one.orders for _, one in seen.hours],
            tr("events"): [one.events for _, one in seen.hours],
        }
        bars(labels, series)
    with ui.element("section").classes("oc-panel"):
        put(heading(tr("How late messages went out today")))
        if sum(seen.counts.late):
            bars([tr(one) for one in _LATE], {tr("messages"): list(seen.counts.late)})
        else:
            put(nothing(tr("No message has gone out today.")))


def _due(visit: Visit, seen: Seen) -> Markup:
    zone = visit.services.settings.zone
    return table(
        [tr(name) for name in ("Automation", "Event", "Step", "Due")],
        [
            (
                link(f"/runs/{row['id']}", row["automation"]),
                f"{row['event_type'] or ''} {row['event_key'] or ''}",
                row["step_id"],
                moment(row["due_at"], zone, seen.at),
            )
            for row in seen.due
        ],
        empty=tr("No run waits."),
    )


def _bounded(count: int) -> str:
    return tr("over {most}", most=number(MOST)) if count > MOST else number(count)
