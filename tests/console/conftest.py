from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from tests.console.browser import Console, Served, running_browser, running_console, serving_console
from tests.product import Product


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
