"""`ordercue audit`."""

from typing import Annotated
from uuid import UUID

import typer

from cli.output import Json, print_json, print_rows
from cli.session import in_transaction
from store.audit import AuditFilter, list_audit

_COLUMNS = {"at": "at (UTC)", "actor": "who", "action": "did", "subject": "to", "details": "details"}


def audit(
    *,
    actor: Annotated[str | None, typer.Option(help="Only by this one, such as cli:root.")] = None,
    action: Annotated[str | None, typer.Option(help="Only this, such as automation.pause.")] = None,
    subject: Annotated[str | None, typer.Option(help="Only to this, such as contact:<id>.")] = None,
    before: Annotated[UUID | None, typer.Option(help="Older than this entry: the next page.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    json: Json = False,
) -> None:
    """Show who changed what, newest first."""
    wanted = AuditFilter(actor, action, subject)
    entries = in_transaction(lambda session: list_audit(session, wanted, before=before, limit=limit))
    rows = [entry.model_dump() for entry in entries]
    if json:
        print_json(rows)
    else:
        print_rows(rows, _COLUMNS, empty="No such changes.")
