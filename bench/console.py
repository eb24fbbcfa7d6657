"""`python -m bench.console`: the server's time for every page of the console over many orders.

Each page is asked for as a browser asks, session and role included, in this process: what is measured is the time from
the request to the last byte of the answer. Filling takes minutes; `--data FOLDER` keeps the rows for the next time.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import httpx
from rich.console import Console
from sqlalchemy import text

from bench.console_rows import fill
from bench.figures import Figure, table, write
from cli.embedded import EmbeddedPostgres
from console.app import create_console
from core.settings import Settings
from store import users
from store.schema import upgrade
from store.session import Database, open_database
from store.tables.user import Role

LIMIT = 150
"""Milliseconds."""
PAGES = {
    "home": "/",
    "orders": "/orders",
    "orders, delivered": "/orders?status=DELIVERED",
    "orders of a store and month": "/orders?store=shop-1&since={month}",
    "orders by phone": "/orders?text={phone}",
    "orders by the beginning of a name": "/orders?text=Marta%201",
    "an order": "/orders/{order}",
    "events": "/events",
    "events of a type": "/events?type=orderCANCELLED",
    "an event": "/events/{event}",
    "contacts": "/contacts",
    "contacts by e-mail": "/contacts?text=person77@example.com",
    "a contact": "/contacts/{contact}",
    "automations": "/automations",
    "an automation": "/automations/{automation}",
    "the builder": "/builder?automation={automation}",
    "runs": "/runs",
    "runs that wait": "/runs?state=waiting",
    "a run": "/runs/{run}",
    "messages": "/messages",
    "messages that failed": "/messages?state=failed",
    "a message": "/messages/{message}",
    "templates": "/templates",
    "segments": "/segments",
    "RFM": "/rfm",
    "a cell of RFM": "/rfm/1/1",
    "reports": "/reports",
    "settings": "/settings",
}
_IDS = {
    "order": 'SELECT id FROM "order" ORDER BY date DESC LIMIT 1',
    "phone": 'SELECT substr(phone, 4) FROM "order" ORDER BY date DESC LIMIT 1',
    "event": "SELECT id FROM order_event ORDER BY seq DESC LIMIT 1",
    "contact": 'SELECT contact_id FROM "order" ORDER BY date DESC LIMIT 1',
    "automation": "SELECT id FROM automation ORDER BY name LIMIT 1",
    "run": "SELECT id FROM run ORDER BY id DESC LIMIT 1",
    "message": "SELECT id FROM message ORDER BY created_at DESC LIMIT 1",
}


@asynccontextmanager
async def filled(folder: Path, orders: int, tell: Callable[[str], None]) -> AsyncIterator[str]:
    """A database with so many orders: as it was left in the folder, or filled now."""
    async with EmbeddedPostgres(folder / "postgres", forgetful=True) as postgres:
        url = await postgres.database("bench")
        await upgrade(url)
        database = open_database(url, pool_size=2)
        try:
            async with database.transaction() as session:
                found = await session.scalar(text('SELECT count(*) FROM "order"'))
            if found != orders:
                if found:
                    raise SystemExit(f"{folder} holds {found} orders; empty it or say --orders {found}")
                await fill(database, orders, datetime.now(UTC), tell)
        finally:
            await database.close()
        yield url


async def measure(url: str, rounds: int, tell: Callable[[str], None] = lambda _: None) -> list[Figure]:
    """The median time of each page, in milliseconds."""
    settings = Settings(database_url=url, database_pool_size=5, account_currency="UAH")
    database = open_database(url, pool_size=2)
    try:
        cookie = await _signed_in(database)
        known = await _known(database)
    finally:
        await database.close()
    app = create_console(settings)
    figures = []
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://bench",
            timeout=120,
            cookies={"ordercue_session": cookie},
        ) as http,
    ):
        for name, path in PAGES.items():
            tell(name)
            took = [await _took(http, path.format(**known)) for _ in range(rounds + 1)][1:]
            one = median(took)
            figures.append(Figure(f"page: {name}", "ms", one, target=f"< {LIMIT} ms", met=one < LIMIT, samples=rounds))
    return figures


async def _signed_in(database: Database) -> str:
    async with database.transaction() as session:
        email = "bench@example.com"
        user = await users.find_user(session, email) or await users.create_user(session, email, Role.ADMIN, None)
        return await users.begin_session(session, user.id, datetime.now(UTC), longest=timedelta(hours=12))


async def _known(database: Database) -> dict[str, object]:
    async with database.transaction() as session:
        ids = {name: await session.scalar(text(query)) for name, query in _IDS.items()}
    return ids | {"month": (datetime.now(UTC) - timedelta(days=30)).date()}


async def _took(http: httpx.AsyncClient, path: str) -> float:
    begun = time.perf_counter()
    answer = await http.get(path)
    took = (time.perf_counter() - begun) * 1000
    assert answer.status_code == 200, (path, answer.status_code, answer.text[-2000:])
    return took


async def _run(folder: Path, orders: int, rounds: int, tell: Callable[[str], None]) -> list[Figure]:
    async with filled(folder, orders, tell) as url:
        return await measure(url, rounds, tell)


def main() -> None:
    """Read the options, measure, tell."""
    parser = argparse.ArgumentParser(prog="python -m bench.console", description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--data", type=Path, help="Where the rows are kept; default: nowhere.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "console.json")
    given = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory(prefix="ordercue-bench-") as folder, console.status("Starting") as status:
        kept = given.data or Path(folder)
        kept.mkdir(parents=True, exist_ok=True)
        kept.chmod(0o711)  # PostgreSQL passes through as another user when this runs as root
        figures = asyncio.run(_run(kept, given.orders, given.rounds, status.update))
    console.print(table(figures, title=f"Pages of the console over {given.orders:,} orders, time of the server"))
    write(given.out, figures, size={"orders": given.orders, "rounds": given.rounds})


if __name__ == "__main__":
    main()
