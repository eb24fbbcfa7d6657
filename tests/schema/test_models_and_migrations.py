"""The tables as models declare them are the tables that migrations make."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from cli.embedded import EmbeddedPostgres
from store.session import open_database
from store.tables import METADATA

_PARTS = text("""
    SELECT 'column ' || attrelid::regclass || '.' || attname || ' ' || format_type(atttypid, atttypmod)
        || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END || CAST(attidentity AS text)
        || COALESCE(' DEFAULT ' || pg_get_expr(adbin, adrelid), '')
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid LEFT JOIN pg_attrdef ON (adrelid, adnum) = (attrelid, attnum)
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND attnum > 0 AND NOT attisdropped
    UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class c ON c.oid = indexrelid
    WHERE c.relnamespace = 'public'::regnamespace
    UNION ALL SELECT 'constraint of ' || conrelid::regclass || ': ' || pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
""")
"""Partial indexes, collations, defaults, what becomes of rows that others refer to: Alembic compares none of these."""


async def test_autogenerate_finds_nothing_to_do(database_url: str) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), METADATA))

    database = open_database(database_url, pool_size=1)
    try:
        async with database.engine.connect() as connection:
            assert await connection.run_sync(differences) == []
    finally:
        await database.close()


async def test_models_alone_would_make_the_same_tables(database_url: str, postgres_server: EmbeddedPostgres) -> None:
    made_by_models = await postgres_server.database("made_by_models")
    database = open_database(made_by_models, pool_size=1)
    try:
        async with database.engine.begin() as connection:
            await connection.run_sync(METADATA.create_all)
    finally:
        await database.close()
    assert await _parts(database_url) == await _parts(made_by_models)


async def _parts(url: str) -> set[str]:
    database = open_database(url, pool_size=1)
    try:
        async with database.transaction() as session:
            found = set(await session.scalars(_PARTS))
    finally:
        await database.close()
    return {part for part in found if "alembic_version" not in part}
