"""The console, and a real browser before it."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import uvicorn
from playwright.async_api import Browser, Page, async_playwright, expect

from console.app import create_console
from console.guard import Holder
from console.services import running_services
from core.passwords import hash_password
from core.settings import Settings
from store import users
from store.session import Database
from store.tables.user import Role

PASSWORD = "correct horse battery"
_PATIENCE = 60_000
"""Milliseconds: a busy machine needs its time."""
_HASHED = hash_password(PASSWORD)
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync")


@dataclass(frozen=True)
class Served:
    """A console that serves, and what it works with."""

    url: str
    holder: Holder


@dataclass(frozen=True)
class Console:
    """The console of one installation; `cookies` are those of a user of each role."""

    url: str
    cookies: Mapping[Role, str]

    @asynccontextmanager
    async def open(self, browser: Browser, role: Role, **context: object) -> AsyncIterator[Page]:
        """A page of someone who is signed in. No request leaves the machine, no script fails."""
        faults: list[str] = []
        # Without motion the browser draws only what changes: drawing costs more of the processors than the pages.
        opened = await browser.new_context(reduced_motion="reduce", **context)  # type: ignore[arg-type] # options of Playwright
        opened.set_default_timeout(_PATIENCE)
        opened.set_default_navigation_timeout(2 * _PATIENCE)
        try:
            await opened.add_cookies([{"name": "ordercue_session", "value": self.cookies[role], "url": self.url}])
            page = await opened.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("request", lambda one: None if _is_own(one.url, self.url) else faults.append(one.url))
            yield page
        finally:
            await opened.close()
        assert faults == []


class _Quiet(uvicorn.Server):
    """Leaves the signals of the test process alone."""

    def capture_signals(self) -> AbstractContextManager[None]:
        return nullcontext()


@asynccontextmanager
async def serving_console() -> AsyncIterator[Served]:
    """The console in this process, for one test after the other: starting it takes seconds."""
    app = create_console(Settings(console_url="http://127.0.0.1"))
    server = _Quiet(uvicorn.Config(app, port=0, log_config=None, access_log=False, timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started:
            assert not serving.done(), serving
            await asyncio.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Served(f"http://127.0.0.1:{port}", app.state.services)
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def running_console(served: Served, settings: Settings, database: Database) -> AsyncIterator[Console]:
    """The console of this installation until the end of the block, with one user of each role who is signed in."""
    cookies = {}
    now = datetime.now(UTC)
    async with database.transaction() as session:
        for role in Role:
            user = await users.create_user(session, f"{role}@example.com", role, _HASHED)
            cookies[role] = await users.begin_session(session, user.id, now, longest=timedelta(hours=12))
    async with running_services(settings) as services:
        before = served.holder.get()
        served.holder.set(services)
        try:
            yield Console(served.url, cookies)
        finally:
            served.holder.set(before)


@asynccontextmanager
async def running_browser() -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    expect.set_options(timeout=_PATIENCE)
    path = shutil.which("chromium")
    assert path, "Chromium is missing: sh .ci/chromium installs it"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        try:
            yield browser
        finally:
            await browser.close()


async def change_role(database: Database, email: str, role: Role) -> None:
    """As `ordercue users change` does."""
    async with database.transaction() as session:
        await users.change_user(session, email, role=role, now=datetime.now(UTC))


def _is_own(url: str, own: str) -> bool:
    return url.startswith((own, own.replace("http", "ws", 1), "data:", "blob:", "about:"))
