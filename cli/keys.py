"""`ordercue keys`."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from cli.actor import cli_actor
from cli.output import Json, print_done, print_json, print_rows
from cli.session import in_transaction
from store import keys
from store.audit import record_audit
from store.keys import DEFAULT_SCOPES, CreatedKey, Scope
from store.tables import ApiKey

app = typer.Typer(no_args_is_help=True, help="API keys of integrations.")
_COLUMNS = {
    "prefix": "key",
    "name": "name",
    "scopes": "scopes",
    "rate": "requests/s",
    "created_at": "created",
    "last_used_at": "last used",
    "expires_at": "expires",
    "revoked_at": "revoked",
}


@app.command()
def create(
    *,
    name: Annotated[str, typer.Option(help="What the key is for.")] = "integration",
    scope: Annotated[list[Scope] | None, typer.Option(help="May be given several times.")] = None,
    expires: Annotated[datetime | None, typer.Option(help="When it stops working (UTC).")] = None,
    rate: Annotated[
        int | None,
        typer.Option(min=1, max=1_000_000, help="Requests a second, in all API processes; default ORDERCUE_KEY_RATE."),
    ] = None,
    legacy_empty_body: Annotated[
        bool, typer.Option(help="Answer an order request that had no failure with an empty 200.")
    ] = False,
    json: Json = False,
) -> None:
    """Make a key and print it, this once."""

    async def work(session: AsyncSession) -> CreatedKey:
        created = await keys.create_key(
            session,
            name,
            scope or DEFAULT_SCOPES,
            legacy_empty_body=legacy_empty_body,
            expires_at=expires.replace(tzinfo=UTC) if expires else None,
            rate=rate,
        )
        details = {"name": name, "scopes": created.row.scopes}
        await record_audit(
            session, actor=cli_actor(), action="key.create", subject=f"key:{created.row.prefix}", details=details
        )
        return created

    created = in_transaction(work)
    if json:
        print_json({"key": created.text, "prefix": created.row.prefix, "name": name, "scopes": created.row.scopes})
        return
    print(created.text)
    typer.echo("Keep it now: only its hash is stored, it cannot be shown again.", err=True)


@app.command("list")
def list_(*, json: Json = False) -> None:
    """Show every key without its secret."""
    rows = [_public(row) for row in in_transaction(keys.list_keys)]
    if json:
        print_json(rows)
    else:
        print_rows(rows, _COLUMNS, empty="No keys yet; make one: ordercue keys create")


@app.command()
def revoke(
    prefix: Annotated[str, typer.Argument(help="The part between oc_ and the secret.")], *, json: Json = False
) -> None:
    """End a key. API processes stop taking it within seconds."""

    async def work(session: AsyncSession) -> ApiKey:
        row = await keys.revoke_key(session, prefix, datetime.now(UTC))
        await record_audit(session, actor=cli_actor(), action="key.revoke", subject=f"key:{prefix}")
        return row

    row = in_transaction(work)
    print_done(f"Key {row.prefix} is revoked.", {"prefix": row.prefix, "revoked_at": row.revoked_at}, json=json)


def _public(row: ApiKey) -> dict[str, object]:
    return {name: getattr(row, name) for name in _COLUMNS} | {"legacy_empty_body": row.legacy_empty_body}
