"""One product with its console for many tests: each of them makes what it looks at, under names of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from cli.embedded import EmbeddedTemporal
from tests.console.browser import Console, Served, running_console
from tests.product import Product, running_product
from tests.servers import Databases, SmtpServer, fresh_namespace, settings_on


@dataclass(frozen=True)
class Desk:
    """What the tests share."""

    product: Product
    console: Console
    smtp: SmtpServer


@asynccontextmanager
async def running_desk(served: Served, databases: Databases, temporal: EmbeddedTemporal) -> AsyncIterator[Desk]:
    """Everything until the end of the block."""
    smtp = SmtpServer()
    async with databases.fresh() as url, smtp.running():
        client = await fresh_namespace(temporal)
        settings = settings_on(url, temporal, client, smtp, console_url=served.url)
        async with (
            running_product(settings, client) as product,
            running_console(served, settings, product.database) as console,
        ):
            yield Desk(product, console, smtp)
