"""The HTTP API as an ASGI app."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from api import (
    attribution,
    audit,
    automation_edits,
    automation_looks,
    automation_versions,
    automations,
    backtests,
    contact_routes,
    contacts,
    decisions,
    docs,
    events,
    health,
    messages,
    openapi,
    orders,
    problems,
    reports,
    rfm,
    runs,
    segments,
    suppressions,
    templates,
    trials,
)
from api.connectors import routes as connectors
from api.feedback import routes as feedback
from api.pages import consent, tracking
from api.services import running_services
from api.short_way import ShortWay
from core.settings import Settings


def create_app(settings: Settings) -> FastAPI:
    """The app; its services live as long as it runs."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with running_services(settings) as services:
            app.state.services = services
            yield

    app = _App(
        title="Ordercue",
        version=version("ordercue"),
        summary="Turns a shop's order events into timely messages, durably.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    problems.install(app)
    app.include_router(orders.router)
    app.include_router(trials.router)
    app.include_router(backtests.router)
    app.include_router(automations.router)
    app.include_router(automation_edits.router)
    app.include_router(automation_versions.router)
    app.include_router(automation_looks.router)
    app.include_router(decisions.router)
    app.include_router(messages.router)
    for one in (rfm, segments, templates, reports, attribution, contacts, contact_routes, suppressions, events, audit):
        app.include_router(one.router)
    app.include_router(runs.router)
    app.include_router(health.router)
    app.include_router(connectors.router)
    app.include_router(feedback.router)
    app.include_router(consent.router)
    app.include_router(tracking.router)
    docs.install(app)
    openapi.install(app)
    return app


class _App(FastAPI):
    """Order requests without parameters pass none of FastAPI's layers; their errors are answered before."""

    _short_way = ShortWay(
        method="POST", path=orders.router.prefix, endpoint=orders.post_orders, header="Idempotency-Key"
    )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._short_way.leads(scope):
            scope["app"] = self
            await self._short_way.take(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)
