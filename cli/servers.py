"""The processes of an installation: `ordercue api`, `worker`, `migrate`."""

import asyncio
import gc
import logging
import signal
from typing import Annotated

import typer
import uvicorn
import uvloop

from cli.schedule import ensure_recalculation_schedule, ensure_retention_schedule, ensure_sweep_schedule
from core.settings import Settings, read_settings
from core.temporal import connect, register_search_attributes

_RARELY = 20_000
"""New objects after which Python looks for cycles among them; its own 700 are less than ten orders."""
_USUALLY = 700
"""Python's own: a run or a page that ended is a cycle, and its memory shall come back."""


def api(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default ORDERCUE_API_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; default ORDERCUE_API_PORT.")] = None,
) -> None:
    """Serve the HTTP API until SIGTERM."""
    from api.app import create_app  # noqa: PLC0415 - each process loads its own houses alone

    settings = read_settings()
    set_up_logging(settings)
    app = create_app(settings)
    _collect(_RARELY)
    uvicorn.run(
        app,
        host=host or settings.api_host,
        port=settings.api_port if port is None else port,
        log_config=None,
        access_log=False,
        server_header=False,
    )


def worker() -> None:
    """Run workflows and activities until SIGTERM; then finish what is under way."""
    settings = read_settings()
    set_up_logging(settings)
    uvloop.run(_work(settings))


def console(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default ORDERCUE_CONSOLE_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; default ORDERCUE_CONSOLE_PORT.")] = None,
) -> None:
    """Serve the pages for operators and marketers until SIGTERM."""
    from console.app import create_console  # noqa: PLC0415 - half a second that no other command needs

    settings = read_settings()
    set_up_logging(settings)
    app = create_console(settings)
    _collect(_USUALLY)
    uvicorn.run(
        app,
        host=host or settings.console_host,
        port=settings.console_port if port is None else port,
        log_config=None,
        access_log=False,
        server_header=False,
    )


def migrate() -> None:
    """Bring the database to the current schema and Temporal to our search attributes and the sweep schedule."""
    settings = read_settings()
    asyncio.run(_migrate(settings))
    print("The database and Temporal are up to date.")


async def _work(settings: Settings) -> None:
    from worker.main import run_worker  # noqa: PLC0415 - as above

    _collect(_USUALLY)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await run_worker(settings, stop)


async def _migrate(settings: Settings) -> None:
    from store.schema import upgrade  # noqa: PLC0415 - as above

    await upgrade(settings.database_url)
    client = await connect(settings)
    await register_search_attributes(client)
    await ensure_sweep_schedule(client, settings)
    await ensure_retention_schedule(client)
    await ensure_recalculation_schedule(client, settings)


def _collect(young: int) -> None:
    """Look for cycles from now on, but not in what was built so far: it took a fifth of the time of a large request."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(young)


def set_up_logging(settings: Settings) -> None:
    """Lines on stderr, without what may carry an address or a secret."""
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it writes each URL, which can carry addresses
