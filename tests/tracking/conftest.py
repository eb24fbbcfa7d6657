from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr
from temporalio.testing import WorkflowEnvironment

from core.settings import Settings
from core.tracking import Track
from tests.feedback.providers import RESEND_SECRET
from tests.product import Product, running_product


@pytest.fixture
def following(live_settings: Settings) -> Settings:
    """All of every mail is followed, and a visit counts at once."""
    own = {
        "track": Track.ALL,
        "track_scan_seconds": 0,
        "public_url": "https://cue.shop.example",
        "resend_webhook_secret": SecretStr(RESEND_SECRET),
    }
    return live_settings.model_copy(update=own)


@pytest.fixture
async def product(following: Settings, temporal_env: WorkflowEnvironment) -> AsyncIterator[Product]:
    """Everything, with mails that are followed."""
    async with running_product(following, temporal_env.client) as product:
        yield product
