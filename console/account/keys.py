"""API keys: made, shown once, revoked."""

from datetime import UTC, datetime

from markupsafe import Markup
from nicegui import ui

from console.asking import Field, Given, asking
from console.markup import heading, link, moment, put, state, table
from console.place import begins, day_of
from console.text import number, tr
from console.told import go
from console.visit import Visit
from core.errors import InvalidError
from store.audit import record_audit
from store.keys import DEFAULT_SCOPES, CreatedKey, Scope, create_key, list_keys, revoke_key
from store.tables import ApiKey
from store.tables.user import Role

_FASTEST = 1_000_000


async def show(visit: Visit) -> None:
    """Every key without its secret, and what can be done with them."""
    async with visit.read() as session:
        keys = await list_keys(session)
    made = ui.element("div").classes("w-full").props("role=status")
    with ui.element("div").classes("oc-row"):
        _offer(visit, made)
        _offer_end(visit, keys)
    zone, now = visit.services.settings.zone, datetime.now(UTC)
    put(
        table(
            [tr(name) for name in ("Key", "Name", "State", "Scopes", "Requests a second", "Last used", "Expires")],
            [
                (
                    Markup("<code>oc_{}_…</code>").format(key.prefix),
                    key.name,
                    state(_state(key, now)),
                    ", ".join(key.scopes),
                    number(key.rate or visit.services.settings.key_rate),
                    moment(key.last_used_at, zone) if key.last_used_at else tr("never"),
                    moment(key.expires_at, zone) if key.expires_at else tr("never"),
                )
                for key in reversed(keys)
            ],
            empty=tr("No keys yet. An integration needs one to post orders: make it with the button above."),
            numeric=frozenset({4}),
        )
    )


def _offer(visit: Visit, made: ui.element) -> None:
    async def create(given: Given) -> str:
        created = await _create(visit, given)
        made.clear()
        with made:
            put(
                Markup('<div class="oc-note oc-good">{}<p>{}</p><p><code class="oc-secret">{}</code></p></div>').format(
                    heading(tr("The key {name} is made", name=created.row.name)),
                    tr("Keep it now: only its hash is stored, it cannot be shown again."),
                    created.text,
                )
            )
            with ui.element("div").classes("oc-row"):
                ui.button(tr("Copy"), on_click=lambda: ui.clipboard.write(created.text)).props("outline")
                put(link("/settings?view=keys", tr("I have kept it")))
        return tr("The key is made.")

    text = tr("A key speaks for one integration. Give it no more than it needs.")
    fields = {
        "name": Field(tr("What it is for")),
        "scopes": Field(
            tr("Scopes"), ",".join(DEFAULT_SCOPES), choices=[*Scope], several=True, hint=tr("admin may do everything")
        ),
        "expires": Field(tr("Works until the end of (optional)"), kind="date"),
        "rate": Field(tr("Requests a second (optional)"), kind="number"),
    }
    asking(tr("New key"), text, create, fields, main=True)


def _offer_end(visit: Visit, keys: list[ApiKey]) -> None:
    names = {f"{key.name} · oc_{key.prefix}_…": key.prefix for key in reversed(keys) if key.revoked_at is None}

    async def revoke(given: Given) -> str:
        prefix = names.get(given["key"])
        if prefix is None:
            raise InvalidError(tr("Choose a key."), field="key")
        async with visit.act(Role.ADMIN, "key.revoke", f"key:{prefix}") as session:
            await revoke_key(session, prefix, datetime.now(UTC))
        return go(visit, "/settings?view=keys", tr("The key is revoked."))

    if names:
        text = tr("Whoever uses it is refused within seconds. It cannot come back.")
        asking(tr("Revoke a key"), text, revoke, {"key": Field(tr("Key"), choices=[*names])}, danger=True)


async def _create(visit: Visit, given: Given) -> CreatedKey:
    """Raises InvalidError for what cannot be."""
    scopes = [Scope(one) for one in given["scopes"].split(",") if one]
    expires = day_of(given["expires"]) if given["expires"] else None
    rate = int(given["rate"]) if given["rate"].isascii() and given["rate"].isdigit() else None
    if not given["name"]:
        raise InvalidError(tr("Say what the key is for."), field="name")
    if not scopes:
        raise InvalidError(tr("Choose a scope at least."), field="scopes")
    ends = begins(expires, visit.services.settings.zone, days=1)
    if given["expires"] and (ends is None or ends <= datetime.now(UTC)):
        raise InvalidError(tr("The last day is over already."), field="expires")
    if given["rate"] and (rate is None or not 0 < rate <= _FASTEST):
        raise InvalidError(tr("Requests a second are a whole number from 1 to 1,000,000."), field="rate")
    user = await visit.acting(Role.ADMIN)
    async with visit.services.database.transaction() as session:
        created = await create_key(session, given["name"][:200], scopes, expires_at=ends, rate=rate)
        await record_audit(
            session,
            actor=f"user:{user.email}",
            action="key.create",
            subject=f"key:{created.row.prefix}",
            details={"name": created.row.name, "scopes": created.row.scopes},
        )
    return created


def _state(key: ApiKey, now: datetime) -> str:
    if key.revoked_at:
        return tr("revoked")
    return tr("expired") if key.expires_at and key.expires_at <= now else "live"
