"""What can be done with a segment: made, changed, filled by hand or from a file, exported, taken away."""

import csv
import io
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from urllib.parse import quote, urlencode
from uuid import UUID

from markupsafe import Markup
from nicegui import ui
from nicegui.events import UploadEventArguments
from sqlalchemy.ext.asyncio import AsyncSession

from api.segment_work import drop_segment, keep_segment
from api.wire.identity import match_email, match_phone
from console.asking import Field, Given, asking
from console.markup import heading, put
from console.naming import SEGMENT_NAME, check_name
from console.shell import action
from console.text import number, tr
from console.told import go
from console.visit import Visit
from core.errors import InvalidError
from store import segments
from store.segment_people import known_by
from store.tables import Segment
from store.tables.segment import SegmentKind
from store.tables.user import Role

_MOST = 50_000
"""People of one file."""
_LARGEST = 5 * 1024 * 1024
_COLUMNS = ("id", "email", "phone", "externalCustomerId")
"""Of a file: the first of them that it has is taken."""

Change = Callable[[AsyncSession, Sequence[UUID]], Awaitable[list[UUID]]]


def offer_new(visit: Visit) -> None:
    """Buttons for a segment of either kind."""

    async def make(given: Given) -> str:
        name = given["name"]
        check_name(name, SEGMENT_NAME)
        user = await visit.acting(Role.MARKETER)
        async with visit.services.database.transaction() as session:
            await keep_segment(session, name, None, actor=f"user:{user.email}")
        return go(visit, f"/segments/{quote(name, safe='')}", tr("{name} is made.", name=name))

    with ui.element("div").classes("oc-row"):
        put_link = Markup('<a class="oc-button oc-main-action" href="/segment-editor">{}</a>').format(tr("New segment"))
        ui.html(put_link, sanitize=False)
        text = tr("A list that is kept by hand: people are in it whom you put in.")
        asking(tr("New list by hand"), text, make, {"name": Field(tr("Name"))})


def offer(visit: Visit, found: Segment) -> None:
    """What may be done with this one."""
    name = quote(found.name, safe="")
    with ui.element("div").classes("oc-row q-mt-md"):
        if visit.may(Role.OPERATOR):
            ui.html(
                Markup('<a class="oc-button" href="/export/segments?{}" download>{}</a>').format(
                    urlencode({"name": found.name}), tr("Export as CSV")
                ),
                sanitize=False,
            )
        if not visit.may(Role.MARKETER):
            return
        if found.kind == SegmentKind.DYNAMIC:
            edit = Markup('<a class="oc-button oc-main-action" href="/segment-editor?segment={}">{}</a>')
            ui.html(edit.format(name, tr("Edit")), sanitize=False)
        else:
            _offer_people(visit, found.name)
        text = tr("{name} and who is in it are gone; no automation is told.", name=found.name)
        asking(tr("Delete"), text, partial(_delete, visit, found.name), {}, danger=True)


def _offer_people(visit: Visit, name: str) -> None:
    people = Field(tr("E-mails, phones or ids, one a line"), long=True)

    async def add(given: Given) -> str:
        return await _change(visit, name, "segment.add", _lines(given["people"]))

    async def remove(given: Given) -> str:
        return await _change(visit, name, "segment.remove", _lines(given["people"]))

    asking(tr("Add people"), tr("They become members of {name}.", name=name), add, {"people": people}, main=True)
    asking(tr("Take people out"), tr("They are members of {name} no longer.", name=name), remove, {"people": people})
    _offer_file(visit, name)


def _offer_file(visit: Visit, name: str) -> None:
    with ui.dialog() as dialog, ui.card().classes("oc-ask"):
        put(
            heading(tr("Add people from a file")),
            Markup('<p class="oc-soft">{}</p>').format(
                tr(
                    "A CSV file with a heading and one of the columns {columns}, at most {most} lines.",
                    columns=", ".join(_COLUMNS),
                    most=number(_MOST),
                )
            ),
        )

        async def came(event: UploadEventArguments) -> None:
            async def work() -> str:
                values = _column(await event.file.text("utf-8-sig"))
                said = await _change(visit, name, "segment.add", values)
                dialog.close()
                return said

            await action(work)()

        upload = ui.upload(label=tr("A CSV file"), on_upload=came, auto_upload=True, max_file_size=_LARGEST)
        upload.props('accept=".csv,text/csv"').classes("w-full")
        ui.button(tr("Cancel"), on_click=dialog.close).props("flat")
    ui.button(tr("Add from a file"), color=None, on_click=dialog.open).props("outline")


async def _change(visit: Visit, name: str, what: str, values: Sequence[str]) -> str:
    """Put people in or take them out; who is not known is counted."""
    if not values:
        raise InvalidError(tr("Name somebody at least."), field="people")
    if len(values) > _MOST:
        raise InvalidError(tr("At most {most} people at once.", most=number(_MOST)), field="people")
    user = await visit.acting(Role.MARKETER)
    actor = f"user:{user.email}"
    async with visit.act(Role.MARKETER, what, f"segment:{name}", people=len(values)) as session:
        ids = await _ids(visit, session, values)
        if what == "segment.add":
            changed = await segments.add_members(session, name, ids, source=actor)
        else:
            changed = await segments.remove_members(session, name, ids)
    unknown = number(max(len(values) - len(ids), 0))
    said = tr("{changed} changed, {unknown} not known.", changed=number(len(changed)), unknown=unknown)
    return go(visit, f"/segments/{quote(name, safe='')}", said)


async def _ids(visit: Visit, session: AsyncSession, values: Sequence[str]) -> list[UUID]:
    """Contacts by their ids, e-mails, phones or externalCustomerIds."""
    ids, others = set[UUID](), set[str]()
    for value in values:
        try:
            ids.add(UUID(value))
        except ValueError:
            phone = match_phone(value, visit.services.settings.phone_region)
            others.add(match_email(value) or phone or value)
    return sorted(ids | set((await known_by(session, sorted(others))).values()))


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.replace(",", "\n").replace("\0", "").splitlines() if line.strip()]


def _column(text: str) -> list[str]:
    rows = csv.DictReader(io.StringIO(text.replace("\0", "")))
    column = next((name for name in _COLUMNS if name in (rows.fieldnames or ())), None)
    if column is None:
        raise InvalidError(tr("The file has none of the columns {columns}.", columns=", ".join(_COLUMNS)), field="file")
    return [row[column].strip() for row in rows if row.get(column) and row[column].strip()]


async def _delete(visit: Visit, name: str, _given: Given) -> str:
    user = await visit.acting(Role.MARKETER)
    async with visit.services.database.transaction() as session:
        await drop_segment(session, name, actor=f"user:{user.email}")
    return go(visit, "/segments", tr("{name} is gone.", name=name))
