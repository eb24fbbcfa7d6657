from collections.abc import AsyncIterator

import pytest

from tests.mailbox.running import Mailbox, running_mailbox


@pytest.fixture(scope="session")
async def shared_mailbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Mailbox]:
    """One mailbox for each test process, because stopping one takes longer than most of its tests."""
    async with running_mailbox(tmp_path_factory.mktemp("mailbox")) as running:
        yield running


@pytest.fixture
async def mailbox(shared_mailbox: Mailbox) -> Mailbox:
    """A mailbox that is empty."""
    (await shared_mailbox.http.delete("/api/messages")).raise_for_status()
    return shared_mailbox
