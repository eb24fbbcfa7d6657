"""`python -m bench.console`: the server's time for every page of the console over many orders.

Each page is asked for as a browser asks, session and role included, in this process: what is measured is the time from
the request to the last byte of the answer. Filling takes minutes; `--data FOLDER` keeps the rows for the next time.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bench.console_rows import fill
from bench.figures import Figure, write
from bench.latency import percentile
from cli.embedded import EmbeddedPostgres
from console.app import create_console
from console.earnings import count_earnings
from console.overview import Overview
from console.report_choice import REPORTS, Chosen
from console.services import Services
from core.settings import Settings
from store import reports, rfm, users
from store.account import Account
from store.schema import upgrade
from store.session import Database, open_database
from store.tables.user import Role

LIMIT = 150
"""Milliseconds."""
PAGES = {
    "home": "/",
    "orders": "/orders",
    "orders, delivered": "/orders?status=DELIVERED",
    "orders of a store and month": "/orders?store=shop-1&from_date={month}",
    "orders by phone": "/orders?text={phone}",
    "orders by the beginning of a name": "/orders?text=Marta%201",
    "orders without a contact": "/orders?contact=not+matched",
    "an order": "/orders/{order}",
    "an order, as it was sent": "/orders/{order}?view=sent",
    "events": "/events",
    "events of a type": "/events?type=orderCANCELLED",
    "events with errors": "/events?view=errors",
    "an event": "/events/{event}",
    "contacts": "/contacts",
    "contacts by e-mail": "/contacts?text=person77@example.com",
    "a contact": "/contacts/{contact}",
    "a contact's messages": "/contacts/{contact}?view=messages",
    "automations": "/automations",
    "a new automation": "/automations/new",
    "an automation": "/automations/{automation}",
    "the builder": "/builder?automation={automation}",
    "runs": "/runs",
    "runs that wait": "/runs?state=waiting",
    "runs of an order": "/runs?text={number}",
    "runs with errors": "/runs?view=errors",
    "a dry run of stopping many": "/runs?bulk=stop&automation=Thanks",
    "a run": "/runs/{run}",
    "messages": "/messages",
    "messages that failed": "/messages?state=failed",
    "messages of an order": "/messages?text={number}",
    "messages of an automation": "/messages?automation=Thanks",
    "a message": "/messages/{message}",
    "templates": "/templates",
    "a template": "/templates/thanks",
    "a template with an order": "/templates/thanks?order={number}",
    "the template editor": "/template-editor?template=thanks",
    "segments": "/segments",
    "a segment": "/segments/regular",
    "the segment editor": "/segment-editor?segment=regular",
    "RFM": "/rfm",
    "RFM of a store": "/rfm?store=shop-1",
    "a cell of RFM": "/rfm/1/1",
    "flows of RFM": "/rfm/flows",
    "report of revenue": "/reports",
    "report of customers": "/reports?view=customers",
    "report of statuses": "/reports?view=funnel",
    "report of automations": "/reports?view=automations",
    "settings": "/settings",
    "API keys": "/settings?view=keys",
    "users": "/settings?view=users",
    "channels": "/settings?view=channels",
    "audit log": "/settings?view=audit",
}
KEPT = ("automations", "RFM", "report of customers", "report of statuses", "report of automations")
"""Pages that come with the figures of the last count, once there was one."""
_IDS = {
    "order": 'SELECT id FROM "order" ORDER BY date DESC LIMIT 1',
    "number": 'SELECT external_order_id FROM "order" ORDER BY date DESC LIMIT 1',
    "phone": 'SELECT substr(phone, 4) FROM "order" ORDER BY date DESC LIMIT 1',
    "event": "SELECT id FROM order_event ORDER BY seq DESC LIMIT 1",
    "contact": 'SELECT contact_id FROM "order" ORDER BY date DESC LIMIT 1',
    "automation": "SELECT id FROM automation ORDER BY name LIMIT 1",
    "run": "SELECT id FROM run ORDER BY id DESC LIMIT 1",
    "message": "SELECT id FROM message ORDER BY created_at DESC LIMIT 1",
}


@asynccontextmanager
async def filled(folder: Path, orders: int, tell: Callable[[str], None]) -> AsyncIterator[str]:
    """A database with so many orders, set as in an installation: as it was left in the folder, or filled now."""
    async with EmbeddedPostgres(folder / "postgres") as postgres:
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
    """The time of each page in milliseconds, p50 and p95, and of what comes a moment after it."""
    settings = Settings(database_url=url, database_pool_size=5, account_currency="UAH")
    database = open_database(url, pool_size=2)
    try:
        cookie = await _signed_in(database)
        known = await _known(database)
        figures = await _after(database, settings, rounds)
    finally:
        await database.close()
    app = create_console(settings)
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
            figures += _figures(f"page: {name}", took)
        tell("counting what pages keep")
        await _keep(app.state.services.get())
        for name in KEPT:
            took = [await _took(http, PAGES[name], whole=True) for _ in range(rounds + 1)][1:]
            figures += _figures(f"page: {name}, with its figures", took)
    return figures


def _figures(name: str, took: list[float], *, target: bool = True) -> list[Figure]:
    half, most = percentile(took, 50), percentile(took, 95)
    limit, met = (f"< {LIMIT} ms", half < LIMIT) if target else ("", None)
    return [
        Figure(f"{name}, p50", "ms", half, target=limit, met=met, samples=len(took)),
        Figure(f"{name}, p95", "ms", most, samples=len(took)),
    ]


async def _keep(services: Services) -> None:
    """What the pages count as soon as a browser has them."""
    settings = services.settings
    now = datetime.now(UTC)
    today, account = now.astimezone(settings.zone).date(), Account.at(settings, now)
    month = _month(settings, today)
    chosen = Chosen(month, month.before())

    async def counted(count: Callable[[AsyncSession], Awaitable[object]]) -> object:
        async with services.database.transaction() as session:
            return await count(session)

    async def grid(session: AsyncSession) -> object:
        every = rfm.RfmFilter()
        return await rfm.grid(session, account, every), await rfm.scores(session, account, every)

    await count_earnings(services, today)
    await services.counts.anew(("rfm", rfm.RfmFilter()), lambda: counted(grid))
    for view in REPORTS:
        await services.counts.anew((view, chosen), partial(counted, partial(chosen.count, report=view)))


def _month(settings: Settings, today: date) -> reports.ReportFilter:
    days = settings.attribution_click_days, settings.attribution_open_days
    return reports.ReportFilter(
        today - timedelta(days=29), today, settings.account_zone, click_days=days[0], open_days=days[1]
    )


async def _after(database: Database, settings: Settings, rounds: int) -> list[Figure]:
    """What comes after its page, which stands there at once: figures counted from all orders."""
    now = datetime.now(UTC)
    account, month = Account.at(settings, now), _month(settings, now.astimezone(settings.zone).date())
    counts: dict[str, Callable[[AsyncSession], Awaitable[object]]] = {
        "the grid of RFM": lambda session: rfm.grid(session, account, rfm.RfmFilter()),
        "the scores of RFM": lambda session: rfm.scores(session, account, rfm.RfmFilter()),
        "contacts of a cell": lambda session: rfm.cell_contacts(
            session, account, rfm.RfmFilter(), (1, 1), before=None, limit=51
        ),
        "revenue of a month": lambda session: reports.revenue(session, month),
        "customers of a month": lambda session: reports.customers(session, month),
        "statuses of a month": lambda session: reports.funnel(session, month),
        "automations of a month": lambda session: reports.automations(session, month),
    }
    found = []
    for name, count in counts.items():
        took = []
        for _ in range(min(rounds, 3)):
            begun = time.perf_counter()
            async with database.transaction() as session:
                await count(session)
            took.append((time.perf_counter() - begun) * 1000)
        found += _figures(f"after the page: {name}", took, target=False)
    looks = [await _looked(Overview(database, settings)) for _ in range(min(rounds, 3))]
    return found + _figures("after the page: home, from nothing", looks, target=False)


async def _looked(overview: Overview) -> float:
    begun = time.perf_counter()
    await overview.look(datetime.now(UTC))
    return (time.perf_counter() - begun) * 1000


async def _signed_in(database: Database) -> str:
    async with database.transaction() as session:
        email = "bench@example.com"
        user = await users.find_user(session, email) or await users.create_user(session, email, Role.ADMIN, None)
        return await users.begin_session(session, user.id, datetime.now(UTC), longest=timedelta(hours=12))


async def _known(database: Database) -> dict[str, object]:
    async with database.transaction() as session:
        ids = {name: await session.scalar(text(query)) for name, query in _IDS.items()}
    return ids | {"month": (datetime.now(UTC) - timedelta(days=30)).date()}


async def _took(http: httpx.AsyncClient, path: str, *, whole: bool = False) -> float:
    begun = time.perf_counter()
    answer = await http.get(path)
    took = (time.perf_counter() - begun) * 1000
    assert answer.status_code == 200, (path, answer.status_code, answer.text[-2000:])
    assert not whole or "oc-skeleton" not in answer.text, path
    return took


async def _run(folder: Path, orders: int, rounds: int, tell: Callable[[str], None]) -> list[Figure]:
    async with filled(folder, orders, tell) as url:
        return await measure(url, rounds, tell)


def _table(figures: list[Figure], title: str) -> Table:
    """A line for each page."""
    shown = Table(title=title)
    for heading in ("page", "p50 ms", "p95 ms", f"p50 < {LIMIT} ms"):
        shown.add_column(heading, justify="left" if heading == "page" else "right")
    for half, most in zip(figures[::2], figures[1::2], strict=True):
        name = half.name.removeprefix("page: ").removesuffix(", p50")
        verdict = {True: "[green]met[/]", False: "[bold red]MISSED[/]", None: ""}[half.met]
        shown.add_row(name, f"{half.product:.0f}", f"{most.product:.0f}", verdict)
    return shown


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
    console.print(_table(figures, f"Pages of the console over {given.orders:,} orders, time of the server"))
    write(given.out, figures, size={"orders": given.orders, "rounds": given.rounds})


if __name__ == "__main__":
    main()
