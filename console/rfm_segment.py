"""A segment made of cells or groups of the RFM."""

from typing import Any
from urllib.parse import quote

from api.segment_work import find_members, keep_segment
from console.asking import Field, Given, asking
from console.naming import SEGMENT_NAME, check_name
from console.text import tr
from console.told import go
from console.visit import Visit
from core.errors import ConflictError, NotFoundError
from core.segments.definition import read_condition
from store.segments import find_segment
from store.tables.user import Role


def offer_segment(visit: Visit, cells: dict[str, Any], label: str) -> None:  # Any: JSON of a definition
    """A button that makes it."""

    async def make(given: Given) -> str:
        name = given["name"]
        check_name(name, SEGMENT_NAME)
        user = await visit.acting(Role.MARKETER)
        async with visit.services.database.transaction() as session:
            try:
                await find_segment(session, name)
            except NotFoundError:
                row = await keep_segment(session, name, read_condition({"rfm": cells}), actor=f"user:{user.email}")
            else:
                raise ConflictError(tr("There is a segment {name} already; give another name.", name=name))
        await find_members(visit.services.client, row)
        said = tr("{name} is kept; its members are found now.", name=name)
        return go(visit, f"/segments/{quote(name, safe='')}", said)

    text = tr("Who is here now and later: people enter and leave it as they buy, and each of it is an event.")
    asking(tr("To a segment") if "group" not in cells else label, text, make, {"name": Field(tr("Name"), label[:90])})
