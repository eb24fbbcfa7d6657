from collections.abc import AsyncIterator

import pytest
from temporalio.testing import WorkflowEnvironment

from core.settings import Settings
from tests.product import Product, running_api


@pytest.fixture
async def product(live_settings: Settings, temporal_env: WorkflowEnvironment) -> AsyncIterator[Product]:
    """The API alone, to look at what was imported."""
    async with running_api(live_settings, temporal_env.client) as product:
        yield product
