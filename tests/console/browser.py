"""The console as a process of its own, and a real browser before it."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
from playwright.async_api import Browser, Page, async_playwright, expect

from cli.ports import free_port
from core.passwords import hash_password
from core.settings import Settings
from store import users
from store.session import Database
from store.tables.user import Role

PASSWORD = "correct horse battery"
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync")


@dataclass(frozen=True)
class Console:
    """A running console with one user of each role."""

    url: str
    log: Path

    async def cookie(self, role: Role) -> str:
        """The cookie of a new session."""
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.post(
                f"{self.url}/sign-in",
                data={"email": f"{role}@example.com", "password": PASSWORD},
                headers={"Origin": self.url},
            )
        assert answer.status_code == 303, answer.text
        return answer.cookies["ordercue_session"]

    @asynccontextmanager
    async def open(self, browser: Browser, role: Role, **context: object) -> AsyncIterator[Page]:
        """A page of someone who is signed in. No request leaves the machine, no script fails."""
        faults: list[str] = []
        opened = await browser.new_context(**context)  # type: ignore[arg-type] # options of Playwright
        try:
            await opened.add_cookies([{"name": "ordercue_session", "value": await self.cookie(role), "url": self.url}])
            page = await opened.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("request", lambda one: None if _is_own(one.url, self.url) else faults.append(one.url))
            yield page
        finally:
            await opened.close()
        assert faults == []


@asynccontextmanager
async def running_console(settings: Settings, database: Database, folder: Path) -> AsyncIterator[Console]:
    """`ordercue console` until the end of the block."""
    async with database.transaction() as session:
        hashed = hash_password(PASSWORD)
        for role in Role:
            await users.create_user(session, f"{role}@example.com", role, hashed)
    url = f"http://127.0.0.1:{free_port()}"
    environment = {
        **os.environ,
        "ORDERCUE_DATABASE_URL": settings.database_url,
        "ORDERCUE_TEMPORAL_ADDRESS": settings.temporal_address,
        "ORDERCUE_TEMPORAL_NAMESPACE": settings.temporal_namespace,
        "ORDERCUE_CONSOLE_PORT": url.rpartition(":")[2],
        "ORDERCUE_CONSOLE_URL": url,
    }
    log = folder / "console.log"
    with log.open("wb") as output:
        command = [str(Path(sys.executable).with_name("ordercue")), "console"]
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=output, stderr=output)
        try:
            await _until_it_answers(url, log)
            yield Console(url, log)
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


@asynccontextmanager
async def running_browser() -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    expect.set_options(timeout=60_000)  # a busy machine needs its time
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


async def _until_it_answers(url: str, log: Path) -> None:
    async with httpx.AsyncClient(trust_env=False) as http, asyncio.timeout(60):
        while True:
            try:
                if (await http.get(f"{url}/healthz")).is_success:
                    return
            except httpx.TransportError:
                said = await asyncio.to_thread(log.read_text)
                assert "Traceback" not in said, said
            await asyncio.sleep(0.1)
