"""Messages as files of a folder, so that they survive a restart."""

import asyncio
import bisect
import os
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from cli.mailbox_message import Content, Summary, envelope, read_content, read_summary

_SUFFIX = ".eml"


class MailFolder:
    """The newest `keep` messages, one file each. An id is the nanosecond at which the message was taken."""

    def __init__(self, folder: Path, *, keep: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._keep = keep
        self._summaries = {path.stem: _read_summary(path) for path in _files(folder)}
        self._ids = sorted(self._summaries, key=int)

    async def add(self, content: bytes, *, sender: str, recipients: list[str]) -> str:
        """Keep one message; once this returns it is on the disk. Returns its id. Raises OSError."""
        source = envelope(sender, recipients) + content
        draft = await asyncio.to_thread(self._write_draft, source)
        number = max(time.time_ns(), int(self._ids[-1]) + 1 if self._ids else 0)
        path = self._folder / f"{number}{_SUFFIX}"
        draft.rename(path)
        self._summaries[path.stem] = read_summary(path.stem, source, size=len(source))
        self._ids.append(path.stem)
        surplus, self._ids = self._ids[: -self._keep], self._ids[-self._keep :]
        await asyncio.to_thread(self._settle, surplus)
        return path.stem

    def find(
        self, *, to: str = "", subject: str = "", after: datetime | str | None = None, before: str | None = None
    ) -> Iterator[Summary]:
        """The newest first. `to` and `subject` are parts; `after` is a moment or an id, `before` an id."""
        first = bisect.bisect_right(self._ids, _number(after), key=int) if after is not None else 0
        last = bisect.bisect_left(self._ids, _number(before), key=int) if before is not None else len(self._ids)
        for key in reversed(self._ids[first:last]):
            found = self._summaries[key]
            is_to = any(to.casefold() in address.casefold() for address in found.to)
            if is_to and subject.casefold() in found.subject.casefold():
                yield found

    def neighbours(self, key: str) -> tuple[str | None, str | None]:
        """The next newer and the next older id."""
        place = bisect.bisect_left(self._ids, int(key), key=int)
        newer = self._ids[place + 1 : place + 2]
        return (newer[0] if newer else None, self._ids[place - 1] if place else None)

    async def read(self, key: str) -> Content | None:
        """One message, or None when there is no such one."""
        source = await self.source(key)
        return None if source is None else read_content(self._summaries[key], source)

    async def source(self, key: str) -> bytes | None:
        """One message as it arrived, under the lines of its envelope."""
        if key not in self._summaries:
            return None
        try:
            return await asyncio.to_thread((self._folder / f"{key}{_SUFFIX}").read_bytes)
        except FileNotFoundError:
            return None

    async def clear(self) -> None:
        """Forget every message."""
        surplus, self._ids = self._ids, []
        await asyncio.to_thread(self._settle, surplus)

    def __len__(self) -> int:
        return len(self._ids)

    def _write_draft(self, content: bytes) -> Path:
        with tempfile.NamedTemporaryFile(dir=self._folder, prefix=".draft-", delete=False) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return Path(file.name)

    def _settle(self, surplus: list[str]) -> None:
        """Remove what is too much, and let the folder itself reach the disk."""
        for key in surplus:
            self._summaries.pop(key, None)
            (self._folder / f"{key}{_SUFFIX}").unlink(missing_ok=True)
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _files(folder: Path) -> Iterator[Path]:
    for draft in folder.glob(".draft-*"):  # of a process that died before it answered
        draft.unlink(missing_ok=True)
    return (path for path in folder.glob(f"*{_SUFFIX}") if path.stem.isdecimal())


def _number(place: datetime | str) -> int:
    if isinstance(place, str):
        return int(place)
    return int(place.timestamp() * 1_000_000) * 1_000


def _read_summary(path: Path) -> Summary:
    head = b""
    with path.open("rb") as file:
        for line in file:
            head += line
            if not line.strip():
                break
    return read_summary(path.stem, head, size=path.stat().st_size)
