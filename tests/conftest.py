import gc
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from temporalio.testing import WorkflowEnvironment

from cli.embedded import EmbeddedPostgres, EmbeddedTemporal
from cli.embedded_process import find_command
from core.settings import Settings
from core.temporal import DATA_CONVERTER, register_search_attributes
from tests.product import Product, running_product
from tests.servers import Databases, SmtpServer, folder_in_memory, fresh_namespace
from tests.shell import Shell

# No test fails because the machine is slow: what Hypothesis draws and tries is judged, not how long that takes.
hypothesis_settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("any machine")


gc.set_threshold(20_000)  # as the API does


@pytest.fixture(scope="session", autouse=True)
def no_process_left_behind() -> Iterator[None]:
    """Set up first, so its end comes after every other fixture's; a process that is left then fails the run."""
    yield
    _, alive = psutil.wait_procs(psutil.Process().children(recursive=True), timeout=5)
    names = [f"{process.pid} {process.name()}" for process in alive]
    for process in alive:
        process.kill()
    assert not names, f"processes left behind: {names}"


@pytest.fixture(scope="session", autouse=True)
def _settings_come_from_tests() -> Iterator[None]:
    """What the shell sets for Ordercue does not reach the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("ORDERCUE_")]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def session_folder() -> Iterator[Path]:
    """A short path: Unix sockets live in it."""
    with tempfile.TemporaryDirectory(prefix="ordercue-tests-", dir=folder_in_memory()) as folder:
        Path(folder).chmod(0o711)  # PostgreSQL passes through as another user when the tests run as root
        yield Path(folder)


@pytest.fixture(scope="session")
async def postgres_server(session_folder: Path) -> AsyncIterator[EmbeddedPostgres]:
    """One real PostgreSQL for each test process (0.6 s, 50 MB), started by the first test that asks."""
    async with EmbeddedPostgres(session_folder / "postgres", forgetful=True) as server:
        yield server


@pytest.fixture(scope="session")
async def databases(postgres_server: EmbeddedPostgres) -> Databases:
    databases = Databases(postgres_server, in_memory=folder_in_memory() is not None)
    await databases.prepare()
    return databases


@pytest.fixture
async def database_url(databases: Databases) -> AsyncIterator[str]:
    """A database with the current schema and nothing else, of this test alone."""
    async with databases.fresh() as url:
        yield url


@pytest.fixture(scope="session")
def usual_settings(_settings_come_from_tests: None) -> Settings:
    """Read once (25 ms). Small pools, because tests share one server; workflows are checked."""
    return Settings(database_pool_size=5, worker_sandbox=True)


@pytest.fixture
def settings(usual_settings: Settings, database_url: str) -> Settings:
    """Settings on this test's database."""
    return usual_settings.model_copy(update={"database_url": database_url})


@pytest.fixture(scope="module")
async def temporal_server(session_folder: Path) -> AsyncIterator[EmbeddedTemporal]:
    """A real Temporal (0.3 s, 170 MB), in memory. One a module, because each namespace costs it work until its end."""
    async with EmbeddedTemporal(session_folder / "temporal", ui=False, forgetful=True) as server:
        yield server


@pytest.fixture
async def temporal_env(temporal_server: EmbeddedTemporal) -> WorkflowEnvironment:
    """Real time, a namespace of this test alone, with our search attributes."""
    return WorkflowEnvironment.from_client(await fresh_namespace(temporal_server))


@pytest.fixture
async def time_skipping_env() -> AsyncIterator[WorkflowEnvironment]:
    """A Temporal in which days pass in milliseconds, of this test alone (0.2 s)."""
    async with await WorkflowEnvironment.start_time_skipping(
        data_converter=DATA_CONVERTER, test_server_existing_path=str(find_command("temporal-test-server"))
    ) as environment:
        await register_search_attributes(environment.client)
        yield environment


@pytest.fixture
async def smtp_server() -> AsyncIterator[SmtpServer]:
    server = SmtpServer()
    async with server.running():
        yield server


@pytest.fixture
def live_settings(
    settings: Settings, temporal_server: EmbeddedTemporal, temporal_env: WorkflowEnvironment, smtp_server: SmtpServer
) -> Settings:
    """Settings on this test's database, Temporal namespace and SMTP server."""
    return settings.model_copy(
        update={
            "temporal_address": temporal_server.address,
            "temporal_namespace": temporal_env.client.namespace,
            "smtp_host": smtp_server.host,
            "smtp_port": smtp_server.port,
            "smtp_timeout_seconds": 20.0,
        }
    )


@pytest.fixture
def shell(live_settings: Settings) -> Shell:
    """`ordercue` on this test's servers."""
    return Shell(live_settings)


@pytest.fixture
async def product(live_settings: Settings, temporal_env: WorkflowEnvironment) -> AsyncIterator[Product]:
    """Everything: API and workers on this test's servers."""
    async with running_product(live_settings, temporal_env.client) as product:
        yield product


_LONG = ("tests/stack/", "tests/crash/", "tests/bench/", "tests/faults/")
"""Folders of few tests that take long each: begun first, so that no process works alone at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(_LONG))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="keep histories of situations that have none")
