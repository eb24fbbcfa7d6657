"""The console, and a real browser before it."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from weakref import WeakKeyDictionary

import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

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
        async with _profile(browser, self.url, context) as profile:
            await profile.add_cookies([{"name": "ordercue_session", "value": self.cookies[role], "url": self.url}])
            page = await profile.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("request", lambda one: None if _is_own(one.url, self.url) else faults.append(one.url))
            yield page
        assert faults == []


_idle: WeakKeyDictionary[Browser, list[BrowserContext]] = WeakKeyDictionary()
"""Profiles of earlier pages. They know nothing of them, but have the scripts of the console, read and compiled."""


@asynccontextmanager
async def _profile(browser: Browser, url: str, options: Mapping[str, object]) -> AsyncIterator[BrowserContext]:
    """An empty one; with options it is new, and of nobody afterwards."""
    idle = _idle.setdefault(browser, [])
    profile = idle.pop() if idle and not options else await _new_profile(browser, options)
    try:
        yield profile
    except BaseException:
        await profile.close()
        raise
    if options:
        await profile.close()
    else:
        await _empty(profile, url)
        idle.append(profile)


async def _new_profile(browser: Browser, options: Mapping[str, object]) -> BrowserContext:
    # Without motion the browser draws only what changes: drawing costs more of the processors than the pages.
    profile = await browser.new_context(reduced_motion="reduce", **options)  # type: ignore[arg-type] # options of Playwright
    profile.set_default_timeout(_PATIENCE)
    profile.set_default_navigation_timeout(2 * _PATIENCE)
    return profile


async def _empty(profile: BrowserContext, url: str) -> None:
    """Close its pages and forget what they kept."""
    for page in profile.pages:
        await page.close()
    await profile.clear_cookies()
    blank = await profile.new_page()
    protocol = await profile.new_cdp_session(blank)
    await protocol.send("Storage.clearDataForOrigin", {"origin": url, "storageTypes": "local_storage,indexeddb"})
    await blank.close()


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
    """Debian's Chromium, where it can be had without the frame that nobody looks at."""
    expect.set_options(timeout=_PATIENCE)
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
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
