"""One person's visit to one page: who, what they may, what the address says."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from console.services import Services
from console.text import tr
from core.errors import OrdercueError
from store.audit import record_audit
from store.tables.user import Role
from store.users import SignedIn


class ForbiddenError(OrdercueError):
    """The user's role does not include this."""


@dataclass(frozen=True)
class Visit:
    """A page that is open in a browser."""

    request: Request
    services: Services
    user: SignedIn

    @classmethod
    def of(cls, request: Request) -> "Visit":
        """The visit of a request that passed the guard."""
        return cls(request, request.state.services, request.state.user)

    @property
    def query(self) -> Mapping[str, str]:
        """The filters in the address."""
        return {name: value.strip()[:500] for name, value in self.request.query_params.items() if value.strip()}

    def path(self, name: str) -> str:
        """A part of the address."""
        return str(self.request.path_params[name])

    def may(self, role: Role) -> bool:
        """Whether to show what needs this role; `act` asks again."""
        return self.user.role.may(role)

    def need(self, role: Role) -> None:
        """Raises ForbiddenError unless the user has the role."""
        if not self.may(role):
            raise ForbiddenError(tr("This page needs the role {role}; ask an admin.", role=role.value))

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A transaction for looking."""
        async with self.services.database.transaction() as session:
            yield session

    async def acting(self, role: Role) -> SignedIn:
        """Who acts, with session and role read anew. Raises ForbiddenError."""
        user = await self.services.whose(self.request.state.token)
        if user is None or not user.role.may(role):
            raise ForbiddenError(tr("This needs the role {role}; ask an admin.", role=role.value))
        return user

    @asynccontextmanager
    async def act(
        self,
        role: Role,
        action: str,
        subject: str,
        **details: Any,  # Any: JSON values
    ) -> AsyncIterator[AsyncSession]:
        """A transaction for changing something, with its line in the audit log.

        The session and the role are read anew: who was signed out or lost the role changes nothing, whatever a
        browser that is still open sends. Raises ForbiddenError.
        """
        user = await self.acting(role)
        async with self.services.database.transaction() as session:
            yield session
            await record_audit(
                session, actor=f"user:{user.email}", action=action, subject=subject, details=details or None
            )
