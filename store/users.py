"""Users of the console and their sessions."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.errors import ConflictError, NotFoundError
from store.tables.user import Role, SignInLink, User, UserSession

_SEEN_EVERY = timedelta(minutes=1)
_LINK_LASTS = timedelta(minutes=30)
_FORGET_FAILURES = timedelta(minutes=15)

_SIGNED_IN = text("""
    SELECT u.id, u.email, u.role, s.seen_at FROM user_session s JOIN "user" u ON u.id = s.user_id
    WHERE s.token_hash = :hash AND u.disabled_at IS NULL AND s.seen_at > :idle_since AND s.created_at > :begun_since
""")
_SEEN = text("UPDATE user_session SET seen_at = :now WHERE token_hash = :hash")
_END_SESSION = text("DELETE FROM user_session WHERE token_hash = :hash")
_END_SESSIONS = text("DELETE FROM user_session WHERE user_id = :user_id")
_FORGET_SESSIONS = text("DELETE FROM user_session WHERE created_at < :before")
_USE_LINK = text("""
    DELETE FROM sign_in_link l USING "user" u
    WHERE l.token_hash = :hash AND l.expires_at > :now AND u.id = l.user_id AND u.disabled_at IS NULL RETURNING u.id
""")
_FAILED = text("""
    INSERT INTO sign_in_failure (subject, count, last_at) VALUES (:subject, 1, :now)
    ON CONFLICT (subject) DO UPDATE SET last_at = :now,
        count = CASE WHEN sign_in_failure.last_at < :forget THEN 1 ELSE sign_in_failure.count + 1 END
""")
_FAILURES = text("""
    SELECT COALESCE(max(count), 0) FROM sign_in_failure WHERE subject = ANY(:subjects) AND last_at >= :forget
""")
_ADMINS = text("""
    SELECT id FROM "user" WHERE role = 'admin' AND disabled_at IS NULL ORDER BY id FOR UPDATE
""")  # locked: two admins cannot keep each other out at the same moment
_FORGIVE = text("DELETE FROM sign_in_failure WHERE subject = :subject")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in, as of now."""

    id: UUID
    email: str
    role: Role


async def create_user(session: AsyncSession, email: str, role: Role, password_hash: str | None) -> User:
    """A new user. Raises ConflictError when the address has one."""
    if await find_user(session, email) is not None:
        raise ConflictError(f"there is a user {email} already")
    user = User(email=email.strip(), role=role, password_hash=password_hash)
    session.add(user)
    await session.flush()
    await session.refresh(user)
    return user


async def find_user(session: AsyncSession, email: str) -> User | None:
    """The user of an address, whatever its case."""
    found: User | None = await session.scalar(select(User).where(func.lower(col(User.email)) == email.strip().lower()))
    return found


async def get_user(session: AsyncSession, email: str) -> User:
    """As `find_user`. Raises NotFoundError."""
    found = await find_user(session, email)
    if found is None:
        raise NotFoundError("user", email)
    return found


async def list_users(session: AsyncSession) -> list[User]:
    """Every user, by address."""
    return list(await session.scalars(select(User).order_by(func.lower(col(User.email)))))


async def change_user(
    session: AsyncSession,
    email: str,
    *,
    role: Role | None = None,
    password_hash: str | None = None,
    disabled: bool | None = None,
    now: datetime,
) -> User:
    """Change what is given; a new password or a disabled user ends all sessions.

    Raises NotFoundError, and ConflictError when nobody would be left who may manage users.
    """
    admins = list(await session.scalars(_ADMINS))
    user = await get_user(session, email)
    if admins == [user.id] and (disabled or role not in (None, Role.ADMIN)):
        raise ConflictError(f"{user.email} is the only admin; make another one first")
    if role is not None:
        user.role = role
    if password_hash is not None:
        user.password_hash = password_hash
    if disabled is not None:
        user.disabled_at = (user.disabled_at or now) if disabled else None
    if password_hash is not None or disabled:
        await session.execute(_END_SESSIONS, {"user_id": user.id})
    session.add(user)
    await session.flush()
    return user


async def begin_session(session: AsyncSession, user_id: UUID, now: datetime, *, longest: timedelta) -> str:
    """A new session; what is returned goes into the cookie and is not stored. Old sessions are swept out."""
    token = secrets.token_urlsafe(32)
    await session.execute(_FORGET_SESSIONS, {"before": now - longest})
    session.add(UserSession(token_hash=_digest(token), user_id=user_id, seen_at=now))
    await session.flush()
    return token


async def signed_in(
    session: AsyncSession, token: str, now: datetime, *, idle: timedelta, longest: timedelta
) -> SignedIn | None:
    """Whose session this is, unless it was idle for too long or began too long ago."""
    hash_ = _digest(token)
    params = {"hash": hash_, "idle_since": now - idle, "begun_since": now - longest}
    row = (await session.execute(_SIGNED_IN, params)).one_or_none()
    if row is None:
        return None
    if now - row.seen_at > _SEEN_EVERY:
        await session.execute(_SEEN, {"hash": hash_, "now": now})
    return SignedIn(row.id, row.email, Role(row.role))


async def end_session(session: AsyncSession, token: str) -> None:
    """Sign out."""
    await session.execute(_END_SESSION, {"hash": _digest(token)})


async def make_link(session: AsyncSession, user_id: UUID, now: datetime) -> str:
    """A token that signs this user in once, within half an hour."""
    token = secrets.token_urlsafe(32)
    session.add(SignInLink(token_hash=_digest(token), user_id=user_id, expires_at=now + _LINK_LASTS))
    await session.flush()
    return token


async def use_link(session: AsyncSession, token: str, now: datetime) -> UUID | None:
    """Whom the link signs in; it works no second time."""
    found: UUID | None = await session.scalar(_USE_LINK, {"hash": _digest(token), "now": now})
    return found


async def failures(session: AsyncSession, subjects: list[str], now: datetime) -> int:
    """The most failures in a row of one of the subjects, the last of them within a quarter of an hour."""
    count: int = await session.scalar(
        _FAILURES, {"subjects": [_subject(each) for each in subjects], "forget": now - _FORGET_FAILURES}
    )
    return count


async def note_failure(session: AsyncSession, subjects: list[str], now: datetime) -> None:
    """Count a failed attempt."""
    for subject in sorted(_subject(each) for each in subjects):  # in one order, so that no two wait for each other
        await session.execute(_FAILED, {"subject": subject, "now": now, "forget": now - _FORGET_FAILURES})


async def forgive(session: AsyncSession, subject: str) -> None:
    """Forget the failures of who has shown the right password."""
    await session.execute(_FORGIVE, {"subject": _subject(subject)})


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _subject(text_: str) -> str:
    return hashlib.sha256(text_.strip().lower().encode()).hexdigest()
