from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.console.browser import Console, running_browser, running_console
from tests.product import Product


@pytest.fixture
async def console(product: Product, tmp_path: Path) -> AsyncIterator[Console]:
    """The console of this test's product."""
    async with running_console(product.settings, product.database, tmp_path) as console:
        yield console


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with running_browser() as browser:
        yield browser
