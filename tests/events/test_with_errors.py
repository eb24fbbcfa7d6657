"""Events with errors are all found, also where there are more of them than are looked up by their ids."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.settings import Settings
from store.event_list import EventFilter, list_events
from store.session import open_database
from tests.tracking.rows import Rows

_EVENTS, _PAGE = 2600, 500
# A tenth goes well; of the others one half failed as runs and one half has a message that bounced.
_FILL = """
    WITH batch AS (
        INSERT INTO event_batch (source, state, accepted, failed) VALUES ('test', 'done', :events, 0) RETURNING id),
    event AS (
        INSERT INTO order_event (id, event_type, event_key, effect, batch_id, occurred_at, received_at)
        SELECT uuidv7((n - :events) * interval '1 second'), 'seen' || n % 7, n::text, 'acts', batch.id, at, at
        FROM batch, generate_series(1, :events) AS n,
            LATERAL (SELECT now() + (n - :events) * interval '1 second') AS came(at)
        RETURNING id, event_key::int AS n, received_at AS at),
    run AS (
        INSERT INTO run (id, automation_id, version_id, event_id, event_seq, dedupe_key, state, created_at)
        SELECT uuidv7((n - :events) * interval '1 second'), :automation, :version, event.id, n, n::text,
            CASE WHEN n % 10 > 0 AND n % 2 = 0 THEN 'failed' ELSE 'done' END, at FROM event
        RETURNING id, event_seq AS n, created_at AS at)
    INSERT INTO message (id, run_id, step_id, channel, template, address, state, attempts, created_at)
    SELECT gen_random_uuid(), run.id, 'thanks', 'email', 'thanks', 'a@shop.example',
        CASE n % 2 WHEN 1 THEN 'bounced' ELSE 'sent' END, 1, at FROM run
"""


async def test_every_event_with_an_error_is_found_newest_first(settings: Settings) -> None:
    database = open_database(settings.database_url, pool_size=1)
    try:
        async with database.transaction() as session:
            of = await Rows(session).automation("Watched")
            await session.execute(text(_FILL.replace(":events", str(_EVENTS))), of._asdict())
            troubled = [n for n in range(_EVENTS, 0, -1) if n % 10]
            assert await _all(session, EventFilter(failed=True)) == troubled
            of_a_type = EventFilter(event_type="seen3", failed=True)
            assert await _all(session, of_a_type) == [n for n in troubled if n % 7 == 3]
    finally:
        await database.close()


async def _all(session: AsyncSession, wanted: EventFilter) -> list[int]:
    found: list[int] = []
    before: UUID | None = None
    while page := await list_events(session, wanted, before=before, limit=_PAGE):
        found += [int(row["event_key"]) for row in page]
        before = page[-1]["id"]
    return found
