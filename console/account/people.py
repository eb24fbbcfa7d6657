"""Users of the console: invited, given a role, kept out."""

import asyncio
from datetime import UTC, datetime
from functools import partial

from email_validator import EmailNotValidError, validate_email
from markupsafe import Markup
from nicegui import ui

from console.asking import Field, Given, asking
from console.markup import heading, moment, panel, put, state, table
from console.text import tr
from console.told import go
from console.visit import Visit
from core.errors import InvalidError
from core.passwords import LONGEST, SHORTEST, hash_password
from store import users
from store.tables.user import Role, User

_MEANS = {
    Role.VIEWER: "looks",
    Role.MARKETER: "looks; writes automations, templates and segments",
    Role.OPERATOR: "as a marketer; acts on runs, messages and contacts",
    Role.ADMIN: "as an operator; manages users, keys and settings",
}
_HERE = "/settings?view=users"


async def show(visit: Visit) -> None:
    """Everybody, and what can be done."""
    said = ui.element("div").classes("w-full").props("role=status")
    with ui.element("div").classes("oc-row"):
        _offer_new(visit, said)
    async with visit.read() as session:
        people = await users.list_users(session)
    zone = visit.services.settings.zone
    put(
        table(
            [tr(name) for name in ("E-mail", "Role", "May", "State", "Since")],
            [
                (
                    one.email,
                    one.role,
                    tr(_MEANS[Role(one.role)]),
                    state(tr("disabled") if one.disabled_at else "live"),
                    moment(one.created_at, zone),
                )
                for one in people
            ],
            empty=tr("No users yet."),
        ),
        heading(tr("Change a user")),
    )
    names = [one.email for one in people]
    chosen = ui.select(names, value=names[0] if names else None, label=tr("User")).props("outlined dense")
    chosen.classes("oc-pick")
    place = ui.element("div").classes("w-full")

    def offer() -> None:
        place.clear()
        user = next((one for one in people if one.email == chosen.value), None)
        if user is not None:
            with place:
                put(Markup('<p class="oc-soft">{}: {}</p>').format(user.email, user.role))
                with ui.element("div").classes("oc-row"):
                    _offer_change(visit, user, said)

    chosen.on_value_change(offer)
    offer()


def _offer_new(visit: Visit, said: ui.element) -> None:
    async def create(given: Given) -> str:
        address = _address(given["email"])
        hashed = await _hashed(given["password"]) if given["password"] else None
        async with visit.act(Role.ADMIN, "user.create", f"user:{address}", new_role=given["role"]) as session:
            user = await users.create_user(session, address, Role(given["role"]), hashed)
            token = None if hashed else await users.make_link(session, user.id, datetime.now(UTC))
        done = tr("{email} may sign in.", email=address)
        if token is None:
            return go(visit, _HERE, done)
        _tell_link(visit, said, address, token)
        return done

    fields = {
        "email": Field(tr("E-mail"), kind="email"),
        "role": Field(tr("Role"), Role.VIEWER.value, choices=[*Role]),
        "password": Field(
            tr("Password"), kind="password", hint=tr("Leave it empty to get a link that signs in once instead.")
        ),
    }
    asking(
        tr("New user"),
        tr("Somebody who may sign in here. Each role may do what the ones before it may."),
        create,
        fields,
    )


def _offer_change(visit: Visit, user: User, said: ui.element) -> None:
    email = user.email
    role = Field(tr("Role"), user.role, choices=[*Role])
    asking(tr("Change the role"), email, partial(_give_role, visit, email), {"role": role})
    secret = Field(tr("New password"), kind="password")
    text = tr("{email}: a new password ends all sessions.", email=email)
    asking(tr("Set a password"), text, partial(_set_password, visit, email), {"password": secret})

    async def link(_given: Given) -> str:
        async with visit.act(Role.ADMIN, "user.link", f"user:{email}") as session:
            token = await users.make_link(session, (await users.get_user(session, email)).id, datetime.now(UTC))
        _tell_link(visit, said, email, token)
        return tr("The link is made.")

    if user.disabled_at is None:
        asking(tr("Make a sign-in link"), tr("{email}: it works once, within 30 minutes.", email=email), link, {})
        text = tr("{email} is signed out everywhere at once and cannot sign in.", email=email)
        asking(tr("Disable"), text, partial(_disable, visit, email, disabled=True), {}, danger=True)
    else:
        asking(
            tr("Enable"),
            tr("{email} may sign in again.", email=email),
            partial(_disable, visit, email, disabled=False),
            {},
        )


async def _give_role(visit: Visit, email: str, given: Given) -> str:
    async with visit.act(Role.ADMIN, "user.role", f"user:{email}", new_role=given["role"]) as session:
        await users.change_user(session, email, role=Role(given["role"]), now=datetime.now(UTC))
    return go(visit, _HERE, tr("{email} is {role} now.", email=email, role=given["role"]))


async def _set_password(visit: Visit, email: str, given: Given) -> str:
    hashed = await _hashed(given["password"])
    async with visit.act(Role.ADMIN, "user.password", f"user:{email}") as session:
        await users.change_user(session, email, password_hash=hashed, now=datetime.now(UTC))
    return tr("The password is set.")


async def _disable(visit: Visit, email: str, _given: Given, *, disabled: bool) -> str:
    action = "user.disable" if disabled else "user.enable"
    async with visit.act(Role.ADMIN, action, f"user:{email}") as session:
        await users.change_user(session, email, disabled=disabled, now=datetime.now(UTC))
    said = tr("{email} is kept out.", email=email) if disabled else tr("{email} may sign in again.", email=email)
    return go(visit, _HERE, said)


def _tell_link(visit: Visit, said: ui.element, email: str, token: str) -> None:
    said.clear()
    with said:
        put(
            panel(
                heading(tr("A link for {email}", email=email)),
                Markup('<p>{}</p><p><code class="oc-secret">{}</code></p>').format(
                    tr("Send it to that person alone: it signs in once, within 30 minutes."),
                    f"{visit.services.settings.console_url.rstrip('/')}/sign-in/{token}",
                ),
            )
        )


async def _hashed(password: str) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidError(
            tr("A password has {least} to {most} characters.", least=SHORTEST, most=LONGEST), field="password"
        )
    return await asyncio.to_thread(hash_password, password)  # 50 ms of work


def _address(email: str) -> str:
    try:
        return validate_email(email, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise InvalidError(tr("That is no e-mail address: {why}", why=error), field="email") from error
