from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from core.settings import Settings
from tests.feedback.providers import RESEND_SECRET, SENDGRID, TOPIC, TWILIO_TOKEN
from tests.product import Product, running_product


@pytest.fixture
async def product(live_settings: Settings, temporal_env: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[Product]:
    """Everything, with each provider's webhooks set up; mails go out by SMTP."""
    file = tmp_path / "providers.yaml"
    file.write_text(SENDGRID)
    own = {
        "resend_webhook_secret": RESEND_SECRET,
        "twilio_auth_token": TWILIO_TOKEN,
        "ses_topics": (TOPIC,),
        "public_url": "https://cue.shop.example",
        "http_providers": file,
        "http_secrets": {"sendgrid_hook": "sg secret", "sendgrid": "SG.x"},
    }
    settings = Settings(**{**live_settings.model_dump(), **own})
    async with running_product(settings, temporal_env.client) as product:
        yield product
