"""No mail leaves after its cancel was committed, except inside the provider call."""

import os
import sys
from statistics import median

import pytest

from tests.product import Product
from tests.sending.racing import race
from tests.servers import SmtpServer

_RACES = int(os.environ.get("FAULT_RACES", "60"))
"""`make faults` runs more."""


async def test_no_mail_is_claimed_after_its_cancel_was_committed(
    product: Product, smtp_server: SmtpServer, capsys: pytest.CaptureFixture[str]
) -> None:
    mails, watch = await race(product, smtp_server, _RACES)
    assert 0 < mails <= _RACES
    assert len(watch.exposures) == mails
    with capsys.disabled():
        sys.stdout.write(
            f"\n{_RACES} cancels: {mails} mails left before theirs; from claim to provider call "
            f"{median(watch.exposures):.2f} ms in the median, {max(watch.exposures):.2f} ms at most\n"
        )
