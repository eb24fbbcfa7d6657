import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers import folder_in_memory


@contextmanager
def passable_folder() -> Iterator[Path]:
    """A shorter path than pytest's, so that a Unix socket fits in; passable, as PostgreSQL is never root."""
    with tempfile.TemporaryDirectory(prefix="ordercue-tests-", dir=folder_in_memory()) as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture
def short_folder() -> Iterator[Path]:
    with passable_folder() as folder:
        yield folder
