"""`ordercue messages`."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from automation.reasons import message_sentence
from cli.actor import cli_actor
from cli.output import Json, print_done, print_json, print_rows
from cli.session import in_transaction
from core.resending import Resend, start_resend
from core.settings import read_settings
from core.temporal import connect
from store.message_list import MessageFilter, find_message, list_messages, resolve_as_sent, resolve_by_resend
from store.tables.message import MessageState

app = typer.Typer(no_args_is_help=True, help="The ledger: what was sent, skipped, failed, or is not known.")
MessageId = Annotated[UUID, typer.Argument(help="The message's id.")]
_COLUMNS = {
    "id": "message",
    "automation": "automation",
    "step_id": "step",
    "channel": "channel",
    "said": "state",
    "attempts": "attempts",
    "created_at": "made (UTC)",
}


@app.command("list")
def list_(
    *,
    state: Annotated[MessageState | None, typer.Option(help="Only messages in this state.")] = None,
    channel: Annotated[str | None, typer.Option(help="Only messages of this channel.")] = None,
    run: Annotated[UUID | None, typer.Option(help="Only messages of this run.")] = None,
    order: Annotated[str | None, typer.Option(help="Only messages of this externalOrderId.")] = None,
    before: Annotated[UUID | None, typer.Option(help="Older than this message: the next page.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    json: Json = False,
) -> None:
    """Show messages, newest first."""
    wanted = MessageFilter(state, channel, run, order)
    rows = in_transaction(lambda session: list_messages(session, wanted, before=before, limit=limit))
    if json:
        print_json(rows)
    else:
        told = [row | {"said": message_sentence(row["state"], row["reason"])} for row in rows]
        print_rows(told, _COLUMNS, empty="No such messages.")


@app.command()
def show(message: MessageId) -> None:
    """Print one message, with its address and content, as JSON."""
    print_json(in_transaction(lambda session: find_message(session, message)))


@app.command()
def resolve(
    message: MessageId,
    *,
    sent: Annotated[bool, typer.Option("--sent", help="It arrived.")] = False,
    resend: Annotated[bool, typer.Option("--resend", help="It did not arrive: send it again.")] = False,
    json: Json = False,
) -> None:
    """Settle a message whose outcome is unknown."""
    if sent == resend:
        raise typer.BadParameter("say either --sent or --resend")
    actor, now = cli_actor(), datetime.now(UTC)
    if sent:
        in_transaction(lambda session: resolve_as_sent(session, message, actor=actor, now=now))
        print_done(f"Message {message} counts as sent.", {"message": message, "resolved": "sent"}, json=json)
        return
    wanted = in_transaction(lambda session: resolve_by_resend(session, message, actor=actor, now=now))
    asyncio.run(_start(wanted))
    sentence = f"Message {message} goes out again, if nothing forbids it by now."
    print_done(sentence, {"message": message, "resolved": "resend"}, json=json)


async def _start(wanted: Resend) -> None:
    await start_resend(await connect(read_settings()), wanted)
