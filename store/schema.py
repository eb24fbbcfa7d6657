"""Brings a database to the current schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from store.session import open_database

_LOCK = 5_072_001
"""Advisory lock that lets one migrator work at a time."""


def alembic_config() -> Config:
    """Alembic's configuration, without a file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


async def upgrade(database_url: str) -> None:
    """Apply what is missing. Several callers at once are safe: they wait for each other."""

    def run(connection: Connection) -> None:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    database = open_database(database_url, pool_size=1)
    try:
        async with database.engine.begin() as connection:
            await connection.run_sync(run)
    finally:
        await database.close()
