"""Publish: what changes, how many running runs each choice touches, and the button."""

from markupsafe import Markup
from nicegui import ui

from api.automation_publishing import carry_out, publish
from console.editor.work import Work
from console.shell import action
from console.text import number, tr
from core.errors import InvalidError
from store import automations as stored
from store.revising import Running
from store.tables.user import Role

_MOST_TOLD = 40


def publishing(work: Work) -> None:
    """Follows the work: the figures are those of this moment."""
    changes = ui.html("", sanitize=False).classes("w-full")
    chosen = ui.radio(_choices(work), value=str(Running.PINNED))
    told = ui.html("", sanitize=False).props("role=status")

    def show() -> bool:
        changes.content = _changes(work)
        if chosen.options != (options := _choices(work)):
            chosen.set_options(options)
        return True

    async def publish_it() -> str:
        said = await _publish(work, Running(chosen.value))
        told.content = Markup("<p>{}</p>").format(said)
        return said

    work.shown.append(show)
    ui.button(tr("Publish"), on_click=action(publish_it))


async def _publish(work: Work, choice: Running) -> str:
    if work.problems or work.definition is None:
        raise InvalidError(tr("Correct first: {fault}", fault=work.problems[0]))
    if work.theirs is not None:
        raise InvalidError(tr("Choose first which of the two texts to go on with."))
    definition = work.definition
    services = work.visit.services
    user = await work.visit.acting(Role.MARKETER)
    async with services.database.transaction() as session:
        if work.automation_id is not None:
            found = await stored.find_locked(session, str(work.automation_id))
            if found.name != definition.name:
                raise InvalidError(tr("This automation is named {name}; give it that name.", name=found.name))
        elif await stored.free_name(session, definition.name) != definition.name:
            # it would become the next version of one whose runs nobody was told about
            raise InvalidError(
                tr("There is an automation {name} already; give this one another name.", name=definition.name)
            )
        done = await publish(session, definition, choice, actor=f"user:{user.email}")
    applied = done.applied
    work.automation_id, work.seen = applied.automation.id, None
    if not applied.changed:
        return tr("{name} is live like this already.", name=definition.name)
    told = await carry_out(services.client, [done])
    await work.look()
    said = tr("{name} version {number} is live.", name=definition.name, number=applied.number)
    return said if told else f"{said} {tr('Temporal does not answer: running runs go on in their version.')}"


def _choices(work: Work) -> dict[str, str]:
    """Each choice with the runs that it touches."""
    runs = work.preview["runs"] if work.preview else None
    pinned = tr("Running runs finish on their version")
    migrate = tr("Running runs go on in the new version where their step still exists")
    drain = tr("Running runs stop before their next message")
    if runs is not None:
        total, on = runs["running"], runs[Running.MIGRATE]["goOnInTheNewVersion"]
        pinned += f" ({number(total)})"
        migrate += " ({})".format(tr("{on} go on, {stay} finish on theirs", on=number(on), stay=number(total - on)))
        drain += f" ({number(total)})"
    return {str(Running.PINNED): pinned, str(Running.MIGRATE): migrate, str(Running.DRAIN): drain}


def _changes(work: Work) -> Markup:
    if work.preview is None and work.definition is not None:
        return Markup('<p class="oc-soft">{}</p>').format(tr("Being counted"))
    if work.preview is None:
        return Markup('<p class="oc-soft">{}</p>').format(tr("What would change is told once nothing is wrong."))
    found = work.preview["changes"]
    if not found:
        return Markup('<p class="oc-soft">{}</p>').format(tr("Nothing differs from what is live."))
    lines = Markup("").join(Markup("<li>{}</li>").format(one["sentence"]) for one in found[:_MOST_TOLD])
    return Markup("<h3>{}</h3><ul>{}</ul>").format(tr("What changes"), lines)
