"""`ordercue stores` and `ordercue providers`: what holds messages back for many at once."""

from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from cli.actor import cli_actor
from cli.output import Json, print_done, print_json, print_rows
from cli.session import in_transaction
from store.audit import record_audit
from store.providers import disable_store, disabled_stores, enable_store, provider_states

app = typer.Typer(no_args_is_help=True, help="Shops (storeId of orders) that are switched off.")
StoreId = Annotated[str, typer.Argument(help="The storeId that orders carry.")]


@app.command("list")
def list_(*, json: Json = False) -> None:
    """Show the shops that are switched off."""
    rows = [row.model_dump() for row in in_transaction(disabled_stores)]
    if json:
        print_json(rows)
    else:
        columns = {"store_id": "store", "reason": "reason", "created_at": "since (UTC)"}
        print_rows(rows, columns, empty="No shop is switched off.")


@app.command()
def disable(
    store: StoreId,
    *,
    reason: Annotated[str | None, typer.Option(help="Kept with it.")] = None,
    json: Json = False,
) -> None:
    """Send nothing for orders of this shop from now on."""

    async def work(session: AsyncSession) -> bool:
        changed = await disable_store(session, store, reason)
        if changed:
            await _audit(session, "store.disable", store)
        return changed

    changed = in_transaction(work)
    sentence = f"Store {store} is switched off." if changed else f"Store {store} was switched off already."
    print_done(sentence, {"store": store, "disabled": True, "changed": changed}, json=json)


@app.command()
def enable(store: StoreId, *, json: Json = False) -> None:
    """Send for this shop again; what was skipped stays so."""

    async def work(session: AsyncSession) -> bool:
        changed = await enable_store(session, store)
        if changed:
            await _audit(session, "store.enable", store)
        return changed

    changed = in_transaction(work)
    sentence = f"Store {store} is on again." if changed else f"Store {store} was not switched off."
    print_done(sentence, {"store": store, "disabled": False, "changed": changed}, json=json)


def providers(*, json: Json = False) -> None:
    """Show the providers that were paused because they did not answer."""
    rows = [row.model_dump() for row in in_transaction(provider_states)]
    if json:
        print_json(rows)
    else:
        columns = {
            "provider": "provider",
            "state": "state",
            "reason": "reason",
            "until": "next try (UTC)",
            "changed_at": "since (UTC)",
        }
        print_rows(rows, columns, empty="No provider was ever paused.")


async def _audit(session: AsyncSession, action: str, store: str) -> None:
    await record_audit(session, actor=cli_actor(), action=action, subject=f"store:{store}")
