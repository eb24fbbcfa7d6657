from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from cli.embedded import EmbeddedTemporal
from tests.console.browser import Console, Served, running_browser, running_console, serving_console
from tests.console.desk import Desk, running_desk
from tests.product import Product
from tests.servers import Databases


@pytest.fixture(scope="session")
async def served() -> AsyncIterator[Served]:
    """One console for all tests of a process."""
    async with serving_console() as served:
        yield served


@pytest.fixture
async def console(served: Served, product: Product) -> AsyncIterator[Console]:
    """The console of this test's product."""
    async with running_console(served, product.settings, product.database) as console:
        yield console


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with running_browser() as browser:
        yield browser


@pytest.fixture(scope="session")
async def desk(served: Served, databases: Databases, session_folder: Path) -> AsyncIterator[Desk]:
    """One product and console for the tests that only look at what they made themselves."""
    async with (
        EmbeddedTemporal(session_folder / "temporal-of-desk", ui=False, forgetful=True) as temporal,
        running_desk(served, databases, temporal) as desk,
    ):
        yield desk
