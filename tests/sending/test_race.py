"""No mail leaves after its cancel was committed, except inside the provider call."""

import os
import sys
from statistics import median

import pytest

from tests.product import Product
from tests.sending.racing import Watch, by_another_order, by_cancel, by_unsubscribing, race
from tests.servers import SmtpServer

_RACES = int(os.environ.get("FAULT_RACES", "60"))
"""`make faults` runs more."""


async def test_no_mail_is_claimed_after_its_cancel_was_committed(
    product: Product, smtp_server: SmtpServer, capsys: pytest.CaptureFixture[str]
) -> None:
    mails, watch = await race(product, smtp_server, _RACES, by_cancel)
    assert 0 < mails <= _RACES
    assert len(watch.exposures) >= mails
    _tell(capsys, "cancels", mails, watch)


async def test_no_mail_is_claimed_after_a_stop_from_elsewhere_was_answered(
    product: Product, smtp_server: SmtpServer, capsys: pytest.CaptureFixture[str]
) -> None:
    mails, watch = await race(product, smtp_server, _RACES, by_another_order, by_unsubscribing)
    assert 0 < mails <= _RACES
    _tell(capsys, "new orders and unsubscriptions", mails, watch)


def _tell(capsys: pytest.CaptureFixture[str], what: str, mails: int, watch: Watch) -> None:
    with capsys.disabled():
        sys.stdout.write(
            f"\n{_RACES} {what}: {mails} mails left before theirs; from claim to provider call "
            f"{median(watch.exposures):.2f} ms in the median, {max(watch.exposures):.2f} ms at most\n"
        )
