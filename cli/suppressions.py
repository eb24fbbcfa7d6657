"""`ordercue suppressions`: addresses that get nothing, as a list and as CSV."""

import asyncio
import csv
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from cli.actor import cli_actor
from cli.output import Json, print_done, print_json, print_rows
from cli.session import in_transaction
from core.addresses import readable_address
from core.errors import InvalidError, UnavailableError
from core.process import signal_stops, start_processing
from core.settings import read_settings
from core.temporal import connect
from store.audit import record_audit
from store.suppression_list import (
    BEGINNING,
    COLUMNS,
    SuppressionFilter,
    add_suppressions,
    key_of,
    list_suppressions,
)
from store.suppressions import ALL_TOPICS, UNSUBSCRIBED, release
from store.unsubscriptions import Held

app = typer.Typer(no_args_is_help=True, help="Addresses that get nothing, and why.")
Reason = Literal["unsubscribed", "unconfirmed", "bounced", "complained", "manual"]
Addresses = Annotated[list[str], typer.Argument(help="The addresses.")]
Channel = Annotated[str, typer.Option(help="Of which channel.")]
_REASONS = ("unsubscribed", "unconfirmed", "bounced", "complained", "manual")
_PAGE = 1000


@app.command("list")
def list_(
    *,
    channel: Annotated[str | None, typer.Option(help="Only of this channel.")] = None,
    address: Annotated[str | None, typer.Option(help="Only of this address.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only for this reason.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
    json: Json = False,
) -> None:
    """Show suppressions."""
    wanted = SuppressionFilter(channel, address, reason)
    rows = in_transaction(lambda session: list_suppressions(session, wanted, limit=limit))
    if json:
        print_json(rows)
    else:
        print_rows(rows, {name: name for name in COLUMNS}, empty="No such suppressions.")


@app.command()
def add(addresses: Addresses, *, channel: Channel = "email", reason: Reason = "manual", json: Json = False) -> None:
    """Write to these addresses no more."""
    held = in_transaction(lambda session: _add(session, channel, addresses, reason, "operator"))
    _tell([held])
    print_done(f"{len(held.added)} added.", {"added": len(held.added)}, json=json)


@app.command()
def remove(addresses: Addresses, *, channel: Channel = "email", reason: Reason = "manual", json: Json = False) -> None:
    """Take suppressions away that have this reason."""

    async def work(session: AsyncSession) -> int:
        gone = await release(session, channel, _usable(channel, addresses), [reason], provenance="operator")
        await _audit(session, "suppressions.delete", channel, len(gone))
        return len(gone)

    removed = in_transaction(work)
    print_done(f"{removed} removed.", {"removed": removed}, json=json)


@app.command("export")
def export_(*, channel: Annotated[str | None, typer.Option(help="Only of this channel.")] = None) -> None:
    """Print all suppressions as CSV."""
    writer = csv.writer(sys.stdout)
    writer.writerow(COLUMNS)

    async def work(session: AsyncSession) -> None:
        after = BEGINNING
        while rows := await list_suppressions(session, SuppressionFilter(channel), after=after, limit=_PAGE):
            writer.writerows([row[name] for name in COLUMNS] for row in rows)
            after = key_of(rows[-1])

    in_transaction(work)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    *,
    channel: Channel = "email",
    json: Json = False,
) -> None:
    """Add the addresses of a CSV file with a heading: address, and where it has them channel, reason and topic."""
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for row in _rows(file):
        key = (row.get("channel") or channel, row.get("reason") or UNSUBSCRIBED, row.get("topic") or ALL_TOPICS)
        groups[key].append(row["address"])

    async def work(session: AsyncSession) -> list[Held]:
        return [
            await _add(session, of_channel, addresses, reason, "import", topic=topic)
            for (of_channel, reason, topic), addresses in groups.items()
        ]

    done = in_transaction(work)
    _tell(done)
    added = sum(len(held.added) for held in done)
    print_done(f"{added} added.", {"added": added}, json=json)


def _rows(file: Path) -> Iterator[dict[str, Any]]:  # Any: csv's own type of a cell
    with file.open(newline="", encoding="utf-8-sig") as opened:
        for number, row in enumerate(csv.DictReader(opened), start=2):
            if not row.get("address"):
                raise InvalidError(f"{file}, row {number}: no address; the heading needs a column `address`")
            why = row.get("reason") or UNSUBSCRIBED
            if why not in _REASONS:
                raise InvalidError(f"{file}, row {number}: the reason is none of {', '.join(_REASONS)}")
            if row.get("topic") and why != UNSUBSCRIBED:
                raise InvalidError(f"{file}, row {number}: only what is unsubscribed may be of one topic")
            yield row


def _usable(channel: str, addresses: list[str]) -> list[str]:
    """As they are stored. Raises InvalidError for what is no address: nothing is done then."""
    settings = read_settings()
    read = {one: readable_address(settings, channel, one) for one in addresses}
    wrong = [one for one, found in read.items() if not found]
    if wrong:
        raise InvalidError(f"no address of {channel}: {', '.join(wrong[:5])}")
    return [one for one in read.values() if one]


async def _add(
    session: AsyncSession,
    channel: str,
    addresses: list[str],
    reason: str,
    provenance: str,
    *,
    topic: str = ALL_TOPICS,
) -> Held:
    usable = _usable(channel, addresses)
    held = await add_suppressions(session, channel, usable, reason, topic=topic, provenance=provenance)
    await _audit(session, "suppressions.add", channel, len(held.added))
    return held


async def _audit(session: AsyncSession, action: str, channel: str, count: int) -> None:
    await record_audit(session, actor=cli_actor(), action=action, subject=channel, details={"addresses": count})


def _tell(done: Sequence[Held]) -> None:
    """Wake the runs that end and start the events; while Temporal is away both wait, and nothing is sent."""
    signals = [one for held in done for one in held.signals]
    batch_ids = [held.batch_id for held in done if held.batch_id is not None]
    if not signals and not batch_ids:
        return

    async def tell() -> None:
        client = await connect(read_settings())
        await start_processing(client, batch_ids)
        await signal_stops(client, signals)

    try:
        asyncio.run(tell())
    except UnavailableError as error:
        typer.echo(f"{error}; the stopped runs end when they wake", err=True)
