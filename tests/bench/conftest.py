import tempfile

import pytest

from tests.servers import folder_in_memory


@pytest.fixture(autouse=True)
def _databases_in_memory(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What the benches write goes there: nobody reads these figures."""
    tmp_path_factory.getbasetemp()  # first: it stays where it is
    if folder := folder_in_memory():
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        monkeypatch.setenv("TMPDIR", str(folder))
