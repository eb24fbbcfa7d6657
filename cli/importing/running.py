"""The import itself: batches of rows, each committed with the place behind it."""

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.recording import Checked, check_orders, in_one_transaction, record_checked
from api.starter import Starter
from api.wire.outcome import FieldError
from api.wire.reading import OrderRules
from cli.importing.record import Record, reject_line
from core.errors import InvalidError
from store.imports import Import, ImportMovedError, Progress, advance_import
from store.session import Database


@dataclass(frozen=True)
class Importer:
    """Where to record, and how."""

    database: Database
    starter: Starter
    rules: OrderRules
    rejects: Path
    historical: bool
    batch_rows: int

    async def run(self, begun: Import, records: Iterator[Record], on_progress: Callable[[Progress], None]) -> Progress:
        """Record all that is left. Raises ImportMovedError, UnavailableError; then what is committed stays."""
        progress = begun.progress
        with _reject_file(self.rejects) as file:
            async with self.database.transaction() as session:  # nobody moved on before the file was ours
                await advance_import(session, begun.id, progress, progress, done=False, now=datetime.now(UTC))
            _cut(file, progress.reject_bytes, self.rejects)
            while batch := list(islice(records, self.batch_rows)):
                progress = await self._record(begun.id, progress, batch, file)
                on_progress(progress)
        now = datetime.now(UTC)
        async with self.database.transaction() as session:
            await advance_import(session, begun.id, progress, progress, done=True, now=now)
        if not progress.rejected:
            self.rejects.unlink()
        return progress

    async def _record(self, import_id: UUID, before: Progress, batch: Sequence[Record], file: BinaryIO) -> Progress:
        readable = [record for record in batch if record.error is None]
        checked = check_orders(self.rules, (record.raw for record in readable))
        lines = _rejected(batch, readable, checked)
        written = b"".join(lines)
        after = replace(
            before,
            position=batch[-1].end.position,
            line=batch[-1].end.line,
            accepted=before.accepted + len(checked.accepted),
            rejected=before.rejected + len(lines),
            reject_bytes=before.reject_bytes + len(written),
        )
        # on the disk before the commit; what a kill leaves behind the committed size is cut off when it goes on
        file.write(written)
        file.flush()
        os.fsync(file.fileno())

        async def work(session: AsyncSession) -> UUID | None:
            now = datetime.now(UTC)
            await advance_import(session, import_id, before, after, done=False, now=now)
            return await record_checked(
                session, checked, self.rules, source=f"import:{import_id}", historical=self.historical, now=now
            )

        batch_id = await in_one_transaction(self.database, work)
        if batch_id:
            self.starter.start(batch_id)
        return after


def _rejected(batch: Sequence[Record], readable: Sequence[Record], checked: Checked) -> list[bytes]:
    """Lines of the reject file in the order of the file."""
    errors: dict[int, tuple[FieldError, ...]] = {id(readable[one.index]): one.errors for one in checked.failed}
    errors |= {id(record): (record.error,) for record in batch if record.error}
    return [reject_line(record, errors[id(record)]) for record in batch if id(record) in errors]


def _reject_file(path: Path) -> BinaryIO:
    """The file, open, for this process alone. Raises InvalidError, and ImportMovedError when another one has it."""
    try:
        file = path.open("r+b" if path.exists() else "x+b")
    except OSError as error:
        msg = f"the reject file {path} cannot be written ({error.strerror}); name another one with --rejects"
        raise InvalidError(msg) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        msg = f"another process is importing into {path}; let it finish"
        raise ImportMovedError(msg) from None
    return file


def _cut(file: BinaryIO, size: int, path: Path) -> None:
    """Leave what is committed, and go on behind it. Raises InvalidError when that is gone."""
    if file.seek(0, os.SEEK_END) < size:
        msg = f"{path} lacks what this import has rejected before; bring it back, or begin anew with --again"
        raise InvalidError(msg)
    file.truncate(size)
    file.seek(size)
