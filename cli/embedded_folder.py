"""A folder of data that one embedded server has to itself, and the account that may enter it."""

import fcntl
import logging
import os
import pwd
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from core.errors import ConfigurationError

log = logging.getLogger(__name__)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder, made if absent, until the block or this process ends.

    Raises ConfigurationError when another process holds it, or it cannot be written.
    """
    with _open_lock(folder) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            msg = f"{folder} is in use by process {lock.read() or '?'}; stop it, or choose another --data-dir"
            raise ConfigurationError(msg) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _open_lock(folder: Path) -> TextIO:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:  # an account that is not root passes through; see `unprivileged_account`
            folder.chmod(stat.S_IMODE(folder.stat().st_mode) | stat.S_IXOTH)
        return (folder / "lock").open("a+")
    except OSError as error:
        msg = f"cannot write to {folder}: {error.strerror}; choose another --data-dir"
        raise ConfigurationError(msg) from error


@dataclass(frozen=True)
class Account:
    """A user of this machine."""

    name: str
    uid: int
    gid: int

    def own(self, path: Path) -> None:
        """Give it the path."""
        os.chown(path, self.uid, self.gid)

    def let_in(self, path: Path) -> None:
        """Make it able to reach `path`: folders above that are closed to others become passable, not readable.

        Raises ConfigurationError when that is not allowed.
        """
        for parent in path.absolute().parents:
            mode = parent.stat().st_mode
            if not mode & stat.S_IXOTH and parent.stat().st_uid != self.uid:
                log.warning("%s becomes passable (o+x), so that %s reaches %s", parent, self.name, path)
                self._change_mode(parent, mode | stat.S_IXOTH)

    def let_read(self, tree: Path) -> None:
        """Make it able to read and execute what its owner can in a tree that was installed with a strict umask."""
        readable = stat.S_IROTH | stat.S_IXOTH
        if tree.stat().st_mode & readable == readable:
            return
        for path in (tree, *tree.rglob("*")):
            mode = path.stat().st_mode
            self._change_mode(path, mode | (readable if mode & stat.S_IXUSR else stat.S_IROTH))

    def _change_mode(self, path: Path, mode: int) -> None:
        try:
            path.chmod(stat.S_IMODE(mode))
        except OSError as error:
            msg = f"PostgreSQL refuses to run as root and {self.name} cannot enter {path}; run as an ordinary user"
            raise ConfigurationError(msg) from error


def unprivileged_account() -> Account | None:
    """For root the account of a server that refuses to run as root; None for everybody else.

    It is `nobody`, which every system has, so that no user is created on the machine.
    """
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
