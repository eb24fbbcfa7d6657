"""Automations: the list, recipes to begin with, and one with its picture, its text and what can be done with it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from markupsafe import Markup
from nicegui import ui

from automation.definition import Definition
from automation.picture import Marks, mermaid
from console.automation_actions import offer
from console.counted import Counted
from console.earnings import DAYS, Earned, count_earnings, kept_earnings
from console.editor.document import write
from console.markup import cards, document, heading, hero, link, moment, money, nothing, put, state, table
from console.plain_button import plain_button
from console.recipe import recipes
from console.shell import page, watched
from console.sparkline import sparkline
from console.text import exactly, number, tr
from console.visit import Visit
from store import automations as stored
from store.automation_list import AutomationRow, list_automations
from store.revising import Place, places
from store.tables.automation import AutomationState
from store.tables.user import Role

_EVERY = 5.0
"""Seconds between two looks at who stands where."""


@page("/automations", title="Automations")
async def automations(visit: Visit) -> None:
    """The list, by name."""
    now = datetime.now(UTC)
    async with visit.read() as session:
        found = await list_automations(session, now)
    new = Markup('<p class="oc-row"><a class="oc-button oc-main-action" href="/automations/new">{}</a></p>')
    if visit.may(Role.MARKETER):
        put(new.format(tr("New automation")))
    today = now.astimezone(visit.services.settings.zone).date()
    kept = kept_earnings(visit.services, today)
    shown = ui.html(_list(visit, found, now, kept), sanitize=False).classes("w-full")

    async def earn() -> None:
        told.text = tr("Being counted anew…")
        try:
            shown.content = _list(visit, found, now, await count_earnings(visit.services, today))
        finally:
            told.text = ""

    if found:
        with ui.element("div").classes("oc-row"):
            plain_button(tr("Count the revenue anew"), watched(earn))
            told = ui.label("").classes("oc-soft").props("role=status")
        if kept is None or not kept.fresh(now):
            ui.timer(0, watched(earn), once=True)


def _list(visit: Visit, found: Sequence[AutomationRow], now: datetime, earned: Counted[Earned] | None) -> Markup:
    names = [tr(one) for one in ("Automation", "State", "Version", "Running", "Sent in 24 hours")]
    shown = table(
        [*names, tr("Revenue in {days} days", days=DAYS), tr("Changed")],
        [_row(visit, row, now, earned.figure if earned else None) for row in found],
        empty=tr("No automations yet. A new one begins with a recipe or empty."),
        numeric=frozenset({2, 3, 4, 5}),
    )
    if earned is None:
        return shown
    at = exactly(earned.at, visit.services.settings.zone)
    return shown + Markup('<p class="oc-soft oc-more">{}</p>').format(tr("Revenue as of {at}.", at=at))


def _earned(name: str, earned: Earned | None) -> Markup | str:
    """What it led to, as the reports count it; until that was counted once, where it will stand."""
    if earned is None:
        return Markup('<span class="oc-skeleton oc-inline" role="status" aria-label="{}"><i></i></span>').format(
            tr("Being counted")
        )
    amounts = [money(amount, currency) for currency, amount in earned.get(name, {}).items()]
    return Markup("<br>").join(amounts) or "–"


def _row(visit: Visit, row: AutomationRow, now: datetime, earned: Earned | None) -> Sequence[object]:
    draft = Markup(' <span class="oc-soft">{}</span>').format(tr("with a draft")) if row.has_draft else ""
    return (
        link(f"/automations/{row.id}", row.name),
        Markup("{}{}").format(state(row.state), draft),
        row.live_number,
        link(f"/runs?automation={quote(row.name)}", number(row.running)),
        Markup("{} {}").format(
            sparkline(row.hours, tr("{sent} messages in the last 24 hours, by the hour", sent=number(row.sent))),
            number(row.sent),
        ),
        _earned(row.name, earned),
        moment(row.updated_at, visit.services.settings.zone, now),
    )


@page("/automations/new", title="New automation", role=Role.MARKETER)
async def new_automation(_visit: Visit) -> None:
    """A recipe, or an empty one."""
    put(Markup('<p class="oc-lead">{}</p>').format(tr("Take a recipe and change what you like, or begin empty.")))
    card = Markup(
        '<section class="oc-panel"><h2>{}</h2><p>{}</p><p><a class="oc-button" href="{}" aria-label="{}">{}</a></p>'
        "</section>"
    )
    begin = tr("Begin with this")
    empty = card.format(tr("Empty"), tr("Nothing but a start."), "/builder", f"{begin}: {tr('Empty')}", begin)
    put(
        Markup('<div class="oc-recipes">{}{}</div>').format(
            Markup("").join(
                card.format(
                    one.definition.name,
                    one.about,
                    f"/builder?recipe={one.key}",
                    f"{begin}: {one.definition.name}",
                    begin,
                )
                for one in recipes()
            ),
            empty,
        )
    )


@page("/automations/{automation_id}", title="Automation", own_heading=True)
async def automation(visit: Visit) -> None:
    """One automation with the picture of its live version, and how many stand at each step now."""
    async with visit.read() as session:
        found = await stored.find(session, visit.path("automation_id"))
        live = await stored.version(session, found.id, found.live_number) if found.live_number else None
        versions = await stored.list_versions(session, found.id, before=None, limit=20)
        stands = await places(session, found.id)
    running = sum(one.runs for one in stands)
    zone = visit.services.settings.zone
    put(hero(found.name, state(found.state), above=("/automations", tr("Automations"))))
    with ui.element("div").classes("oc-row"):
        if visit.may(Role.MARKETER) and found.state != AutomationState.ARCHIVED:
            ui.html(
                Markup('<a class="oc-button oc-main-action" href="/builder?automation={}">{}</a>').format(
                    found.id, tr("Go on with the draft") if found.draft is not None else tr("Edit")
                ),
                sanitize=False,
            )
        offer(visit, found, running)
    if live is None:
        put(nothing(tr("It was never published: no event starts it.")))
        return
    put(
        cards(
            {
                tr("live version"): live.number,
                tr("published"): moment(live.published_at, zone),
                tr("running runs"): link(f"/runs?automation={quote(found.name)}", number(running)),
            }
        )
    )
    definition = Definition.model_validate(live.definition)
    label = tr("The picture of the flow")
    drawn = ui.mermaid(mermaid(definition, _standing(stands))).classes("oc-panel oc-picture oc-flow")
    drawn.props(f'role=img aria-label="{label}"')

    async def count() -> None:
        async with visit.read() as session:
            drawn.content = mermaid(definition, _standing(await places(session, found.id)))

    ui.timer(_EVERY, watched(count), immediate=False)
    put(
        heading(tr("Versions")),
        table(
            [tr("Version"), tr("Published")],
            [(one.number, moment(one.published_at, zone)) for one in versions],
            empty="",
        ),
        heading(tr("Definition")),
        document(write(live.definition)),
    )


def _standing(stands: Sequence[Place]) -> Marks:
    standing: dict[str | None, int] = {}
    for one in stands:
        standing[one.step_id] = standing.get(one.step_id, 0) + one.runs
    return Marks(standing)
