from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr
from temporalio.testing import WorkflowEnvironment

from core.settings import Settings
from tests.connectors.shops import SHOPIFY, SHOPIFY_SECRET, WOOCOMMERCE, WOOCOMMERCE_SECRET
from tests.product import Product, running_api


@pytest.fixture
async def product(live_settings: Settings, temporal_env: WorkflowEnvironment) -> AsyncIterator[Product]:
    """The API alone, which knows one shop of each platform."""
    settings = live_settings.model_copy(
        update={
            "shopify_secrets": {SHOPIFY: (SecretStr("the next one"), SecretStr(SHOPIFY_SECRET))},
            "woocommerce_secrets": {WOOCOMMERCE: (SecretStr(WOOCOMMERCE_SECRET),)},
        }
    )
    async with running_api(settings, temporal_env.client) as product:
        yield product
