from collections.abc import AsyncIterator

import pytest
from temporalio.testing import WorkflowEnvironment

from core.settings import Settings
from core.tracking import Track
from tests.product import Product, running_product


@pytest.fixture
def following(live_settings: Settings) -> Settings:
    """All of every mail is followed, and a visit counts at once."""
    own = {"track": Track.ALL, "track_scan_seconds": 0, "public_url": "https://cue.shop.example"}
    return live_settings.model_copy(update=own)


@pytest.fixture
async def product(following: Settings, temporal_env: WorkflowEnvironment) -> AsyncIterator[Product]:
    """Everything, with mails that are followed."""
    async with running_product(following, temporal_env.client) as product:
        yield product
