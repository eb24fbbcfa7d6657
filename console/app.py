"""The console as an ASGI app of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from nicegui import ui
from starlette.staticfiles import StaticFiles

from console import exports, pages, sign_in
from console.guard import Guard, Holder
from console.services import running_services
from console.shell import nowhere
from console.socket import bind_sockets
from console.text import speak, tr
from core.errors import UnavailableError
from core.settings import Settings


def create_console(settings: Settings) -> FastAPI:
    """The app; its services, `state.services`, live as long as it runs.

    NiceGUI keeps its pages in one place a process: make one.
    """
    speak(settings.console_locale)
    holder = Holder()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with running_services(settings) as services:
            holder.set(services)
            yield

    app = FastAPI(title="Ordercue console", lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)
    app.state.services = holder
    app.add_exception_handler(UnavailableError, _away)
    app.include_router(sign_in.router)
    app.include_router(exports.router)
    app.mount("/static", StaticFiles(directory=Path(__file__).with_name("static")))
    for module in iter_modules(pages.__path__):
        import_module(f"{pages.__name__}.{module.name}")
    ui.run_with(
        app, root=nowhere, title="Ordercue", language="en-US", dark=None, show_welcome_message=False,
        reconnect_timeout=60,
    )  # fmt: skip
    bind_sockets()
    app.add_middleware(Guard, services=holder)
    return app


async def _away(_request: Request, error: Exception) -> Response:
    """Where no page is built that could tell it."""
    return PlainTextResponse(tr("{error}; try again soon.", error=error), status_code=503)
