"""`ordercue contacts`."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from api.contact_document import contact_document, export_document
from cli.actor import cli_actor
from cli.output import Json, print_done, print_json
from cli.session import in_transaction
from core.errors import UnavailableError
from core.process import signal_stops
from core.settings import read_settings
from core.temporal import connect
from store.audit import record_audit
from store.contact_export import export_rows
from store.contact_merging import merge_contacts, unmerge_contacts
from store.contacts import find_contact
from store.erasing import erase_contact
from store.run_stops import Signals

app = typer.Typer(no_args_is_help=True, help="The people who order.")
ContactId = Annotated[UUID, typer.Argument(help="The contact's id.")]
OtherId = Annotated[UUID, typer.Argument(help="The contact that is part of it.")]


@app.command()
def show(contact_id: ContactId) -> None:
    """Print one contact as JSON."""
    print_json(in_transaction(lambda session: _show(session, contact_id)))


@app.command()
def export(contact_id: ContactId) -> None:
    """Print all that is known of one contact as JSON."""

    async def work(session: AsyncSession) -> dict[str, Any]:  # Any: JSON
        row = await find_contact(session, contact_id)
        await _audit(session, "contact.export", contact_id)
        return export_document(row, await export_rows(session, row["id"]))

    print_json(in_transaction(work))


@app.command()
def erase(
    contact_id: ContactId,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Erase a person: runs end, orders, events and messages lose all that is personal. Cannot be undone."""
    if not yes:
        typer.confirm(f"Erase contact {contact_id} for good?", abort=True)

    async def work(session: AsyncSession) -> Signals:
        await _audit(session, "contact.erase", contact_id)
        return await erase_contact(session, contact_id)

    signals = in_transaction(work)
    if signals:
        asyncio.run(_signal(signals))
    print_done(f"Contact {contact_id} is erased.", {"contact": contact_id, "erased": True}, json=json)


@app.command()
def merge(contact_id: ContactId, other: OtherId, *, json: Json = False) -> None:
    """Make OTHER part of CONTACT_ID; can be undone."""

    async def work(session: AsyncSession) -> None:
        await merge_contacts(session, contact_id, other)
        await _audit(session, "contact.merge", contact_id, merged=str(other))

    in_transaction(work)
    print_done(f"Contact {other} is part of {contact_id}.", {"contact": other, "part_of": contact_id}, json=json)


@app.command()
def unmerge(contact_id: ContactId, other: OtherId, *, json: Json = False) -> None:
    """Undo a merge."""

    async def work(session: AsyncSession) -> None:
        await unmerge_contacts(session, contact_id, other)
        await _audit(session, "contact.unmerge", contact_id, merged=str(other))

    in_transaction(work)
    print_done(f"Contact {other} is on its own again.", {"contact": other, "part_of": None}, json=json)


async def _show(session: AsyncSession, contact_id: UUID) -> dict[str, Any]:  # Any: JSON
    return contact_document(await find_contact(session, contact_id))


async def _audit(session: AsyncSession, action: str, contact_id: UUID, **details: str) -> None:
    await record_audit(session, actor=cli_actor(), action=action, subject=f"contact:{contact_id}", details=details)


async def _signal(signals: Signals) -> None:
    """Wake the runs; while Temporal is away they end at their next step, and send nothing."""
    try:
        await signal_stops(await connect(read_settings()), signals)
    except UnavailableError as error:
        typer.echo(f"{error}; the stopped runs end when they wake", err=True)
