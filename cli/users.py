"""`ordercue users`: who may sign in to the console."""

import getpass
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from email_validator import EmailNotValidError, validate_email
from sqlalchemy.ext.asyncio import AsyncSession

from cli.actor import cli_actor
from cli.output import Json, print_done, print_json, print_rows
from cli.session import in_transaction
from core.errors import InvalidError
from core.passwords import LONGEST, SHORTEST, hash_password
from core.settings import read_settings
from store import users
from store.audit import record_audit
from store.tables.user import Role, User

app = typer.Typer(no_args_is_help=True, help="People of the console.")
Email = Annotated[str, typer.Argument(help="The user's e-mail address.")]
_COLUMNS = {"email": "e-mail", "role": "role", "created_at": "created", "disabled_at": "disabled"}


@app.command()
def create(
    email: Email,
    *,
    role: Annotated[Role, typer.Option(help="Each role may do what the ones before it may.")] = Role.VIEWER,
    link: Annotated[bool, typer.Option(help="Without a password: print a link that signs in once.")] = False,
    json: Json = False,
) -> None:
    """Make a user. The password is asked for, or read from standard input when that is no terminal."""
    password = None if link else _new_password()
    address = _address(email)

    async def work(session: AsyncSession) -> tuple[User, str | None]:
        user = await users.create_user(session, address, role, hash_password(password) if password else None)
        await _audit(session, "user.create", user, new_role=role)
        return user, await users.make_link(session, user.id, datetime.now(UTC)) if link else None

    user, token = in_transaction(work)
    if json:
        print_json(_public(user) | ({"link": _link(token)} if token else {}))
    else:
        print(f"{user.email} is {user.role}." + (f" Sign in once within 30 minutes: {_link(token)}" if token else ""))


@app.command("link")
def link_(
    email: Email,
    *,
    create: Annotated[Role | None, typer.Option(help="Make the user with this role where there is none.")] = None,
    json: Json = False,
) -> None:
    """Print a link that signs this user in once, within 30 minutes."""

    async def work(session: AsyncSession) -> str:
        user = await users.find_user(session, email)
        if user is None and create is not None:
            user = await users.create_user(session, _address(email), create, None)
            await _audit(session, "user.create", user, new_role=create)
        user = user or await users.get_user(session, email)
        await _audit(session, "user.link", user)
        return await users.make_link(session, user.id, datetime.now(UTC))

    link = _link(in_transaction(work))
    if json:
        print_json({"link": link})
    else:
        print(link)


@app.command("list")
def list_(*, json: Json = False) -> None:
    """Show every user."""
    rows = [_public(user) for user in in_transaction(users.list_users)]
    if json:
        print_json(rows)
    else:
        print_rows(rows, _COLUMNS, empty="No users yet; make one: ordercue users create EMAIL --role admin")


@app.command()
def change(
    email: Email,
    *,
    role: Annotated[Role | None, typer.Option(help="The new role.")] = None,
    password: Annotated[bool, typer.Option("--password", help="Ask for a new password; ends all sessions.")] = False,
    disable: Annotated[bool | None, typer.Option("--disable/--enable", help="Whether the user may sign in.")] = None,
    json: Json = False,
) -> None:
    """Change a user's role or password, or whether they may sign in."""
    hash_ = hash_password(_new_password()) if password else None

    async def work(session: AsyncSession) -> User:
        user = await users.change_user(
            session, email, role=role, password_hash=hash_, disabled=disable, now=datetime.now(UTC)
        )
        if role is not None:
            await _audit(session, "user.role", user, new_role=role)
        if hash_ is not None:
            await _audit(session, "user.password", user)
        if disable is not None:
            await _audit(session, "user.disable" if disable else "user.enable", user)
        return user

    user = in_transaction(work)
    sentence = f"{user.email} is {user.role}{' and disabled' if user.disabled_at else ''}."
    print_done(sentence, _public(user), json=json)


async def _audit(session: AsyncSession, action: str, user: User, **details: str) -> None:
    """The names of actions are those of the console's page."""
    await record_audit(session, actor=cli_actor(), action=action, subject=f"user:{user.email}", details=details)


def _new_password() -> str:
    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if not SHORTEST <= len(password) <= LONGEST:
        msg = f"a password has {SHORTEST} to {LONGEST} characters; or use --link to do without"
        raise InvalidError(msg, field="password")
    return password


def _address(email: str) -> str:
    try:
        return validate_email(email, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise InvalidError(f"{email!r} is no e-mail address: {error}", field="email") from error


def _link(token: str) -> str:
    return f"{read_settings().console_url}/sign-in/{token}"


def _public(user: User) -> dict[str, object]:
    return {name: getattr(user, name) for name in _COLUMNS}
