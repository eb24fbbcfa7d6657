"""`ordercue automations looks`."""

from typing import Annotated, Any

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from cli.output import Json, print_json, print_rows
from cli.session import in_transaction
from store import automations
from store.regular import list_looks, look_document

_COLUMNS = {
    "due_at": "due (UTC)",
    "launched": "launched",
    "known": "had theirs",
    "done": "done",
    "reason": "ended early",
    "ended_at": "ended (UTC)",
}


def looks(
    name: Annotated[str, typer.Argument(help="Name or id of the automation.")],
    *,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    json: Json = False,
) -> None:
    """Show the looks of a regular automation at its segment, newest first."""

    async def work(session: AsyncSession) -> list[dict[str, Any]]:  # Any: a row
        found = await automations.find(session, name)
        return [look_document(one) for one in await list_looks(session, found.id, limit=limit)]

    rows = in_transaction(work)
    if json:
        print_json(rows)
    else:
        print_rows(rows, _COLUMNS, empty="It has not looked at a segment yet.")
