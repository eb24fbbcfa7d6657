import pytest
from sqlalchemy import text

from core.errors import InvalidError
from store.session import open_database


async def test_a_text_that_postgresql_cannot_hold_is_wrong_input_and_no_failure_of_ours(database_url: str) -> None:
    database = open_database(database_url, pool_size=1)
    try:
        with pytest.raises(InvalidError, match="NUL character; leave it out"):
            async with database.transaction() as session:
                await session.execute(text("SELECT CAST(:given AS text)"), {"given": "a\0b"})
    finally:
        await database.close()
