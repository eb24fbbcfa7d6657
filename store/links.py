"""The secrets that sign links: those of the settings, and the one that the database keeps."""

import asyncio
import secrets
from dataclasses import dataclass, field

from sqlalchemy import text

from core.links import Links
from core.settings import Settings
from store.session import Database

_FIND = text("SELECT secret FROM link_secret WHERE id = 1")
_KEEP = text("INSERT INTO link_secret (id, secret) VALUES (1, :secret) ON CONFLICT DO NOTHING")


@dataclass
class LinkKeeper:
    """The links of one process. The database is asked once; not inside another transaction."""

    database: Database
    settings: Settings
    _links: Links | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def links(self) -> Links:
        """Signs with the settings' first secret, else with the kept one. Raises UnavailableError."""
        async with self._lock:
            if self._links is None:
                given = [one.get_secret_value() for one in self.settings.link_secrets]
                self._links = Links(self.settings.public_url, [*given, await self._kept()])
        return self._links

    async def _kept(self) -> str:
        """Links of the time before the setting was set still work, so it is kept in any case."""
        async with self.database.transaction() as session:
            await session.execute(_KEEP, {"secret": secrets.token_urlsafe(32)})
            kept: str = (await session.execute(_FIND)).scalar_one()
        return kept
