"""Many mails due in one moment go out at the channel's rate; a provider that is down is left in peace."""

import logging
import os
import time

import pytest
from pydantic import ValidationError
from temporalio.testing import WorkflowEnvironment

from core.settings import Settings
from store.providers import provider_states
from tests.builders import THANKS, an_order
from tests.product import Product, running_product
from tests.servers import SmtpServer, Trouble

_MAILS = int(os.environ.get("FAULT_MAILS", "40"))
"""`make faults` sends more."""
_RATE = max(10.0, _MAILS / 250)
_MOST_ORDERS = 1000
"""Of one request."""


async def test_mails_due_at_once_go_out_at_the_rate_and_none_is_lost(
    live_settings: Settings, temporal_env: WorkflowEnvironment, smtp_server: SmtpServer
) -> None:
    limited = live_settings.model_copy(update={"channel_rates": {"email": _RATE}})
    async with running_product(limited, temporal_env.client) as product:
        await product.publish(THANKS)
        for first in range(0, _MAILS, _MOST_ORDERS):
            await product.post(*(an_order() for _ in range(min(_MOST_ORDERS, _MAILS - first))))
        await smtp_server.wait_for(1, seconds=600)  # a busy machine decides about a thousand first
        begun = time.monotonic()
        mails = await smtp_server.wait_for(_MAILS, seconds=90 + 10 * _MAILS / _RATE)
        took = time.monotonic() - begun
    assert took > _MAILS / _RATE / 2, "faster than the rate, even after a first burst"
    assert len({mail["X-Envelope-To"] for mail in mails}) == len(mails) == _MAILS


async def test_an_outage_is_logged_once_and_shown_until_it_ends(
    product: Product, smtp_server: SmtpServer, caplog: pytest.LogCaptureFixture
) -> None:
    await product.publish(THANKS)
    smtp_server.fail(Trouble.LATER)
    orders = [an_order() for _ in range(12)]
    with caplog.at_level(logging.WARNING, "activities.send_message"):
        await product.post(*orders)
        for order in orders[:1]:
            await product.wait_for(order, "run", bool)
        states = []
        while not states:
            async with product.database.transaction() as session:
                states = [(one.provider, one.state) for one in await provider_states(session)]
        assert states == [("email", "paused")]
        smtp_server.fail(None)
        await smtp_server.wait_for(12, seconds=90)
    said = [record.getMessage() for record in caplog.records if record.name == "activities.send_message"]
    assert [line.partition(":")[0] for line in said] == ["provider email is paused", "provider email is up again"]


@pytest.mark.parametrize("wrong", ["email", "email:0", "email:fast", ":5", "email:1000000"])
def test_a_wrong_rate_is_refused(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERCUE_CHANNEL_RATES", wrong)
    with pytest.raises(ValidationError, match="channel:messages a second"):
        Settings()
