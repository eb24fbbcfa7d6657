from collections.abc import AsyncIterator

import pytest
from temporalio.testing import WorkflowEnvironment

from core.settings import Settings
from store.session import open_database
from tests.decide.deciding import Decider
from tests.product import running_api


@pytest.fixture
async def decider(live_settings: Settings, temporal_env: WorkflowEnvironment) -> AsyncIterator[Decider]:
    """The API and no workers: a batch is decided when the test says so."""
    database = open_database(live_settings.database_url, pool_size=8)
    try:
        async with running_api(live_settings, temporal_env.client) as product:
            yield Decider(product, database)
    finally:
        await database.close()
