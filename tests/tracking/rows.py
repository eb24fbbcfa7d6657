"""Rows of a history, written straight into the tables."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.document import dump_json

_AUTOMATION = text("INSERT INTO automation (name, state, live_number) VALUES (:name, 'live', 1) RETURNING id")
_VERSION = text("""
    INSERT INTO automation_version (automation_id, number, definition)
    VALUES (:automation, 1, CAST(:definition AS jsonb)) RETURNING id
""")
_RUN = text("""
    INSERT INTO run (automation_id, version_id, event_seq, contact_id, dedupe_key, state, test, created_at)
    VALUES (:automation, :version, 0, :contact, :key, 'done', :test, :at) RETURNING id
""")
_MESSAGE = text("""
    INSERT INTO message (id, run_id, step_id, channel, template, address, state, attempts, created_at, claimed_at,
        sent_at, delivered_at, opened_at, clicked_at)
    VALUES (:id, :run, :step, 'email', :template, 'a@shop.example', 'sent', 1, :at, :at, :at, NULL, :opened, :clicked)
""")
_FEEDBACK = text("""
    INSERT INTO message_feedback (message_id, source, event_id, kind, at)
    VALUES (:message, 'own', :event, :kind, :at)
""")
_ORDER = text("""
    INSERT INTO "order" (external_order_id, status, status_at, date, total_cost, currency, source, version,
                         content_hash, contact_id)
    VALUES (:id, :status, :date, :date, :total, :currency, 'online', 1, '', :contact) RETURNING id
""")
_RESULT = text(
    "INSERT INTO step_result (run_id, step_id, result, at) VALUES (:run, :step, CAST(:result AS jsonb), :at)"
)


class Version(NamedTuple):
    """An automation with one version."""

    automation: UUID
    version: UUID


class Rows(NamedTuple):
    """Writes in the transaction of its session."""

    session: AsyncSession

    async def contact(self) -> UUID:
        """Somebody."""
        return await self._one(text("INSERT INTO contact (source) VALUES ('test') RETURNING id"))

    async def automation(self, name: str, definition: dict[str, Any] | None = None) -> Version:  # Any: JSON
        """A published automation."""
        automation = await self._one(_AUTOMATION, name=name)
        document = dump_json(definition or {"name": name}).decode()
        return Version(automation, await self._one(_VERSION, automation=automation, definition=document))

    async def run(self, of: Version, contact: UUID | None, at: datetime, *, test: bool = False) -> UUID:
        """A launch that is done."""
        ids = {"automation": of.automation, "version": of.version, "contact": contact}
        return await self._one(_RUN, **ids, key=uuid4().hex, test=test, at=at)

    async def message(
        self,
        run: UUID,
        at: datetime,
        *,
        step: str = "thanks",
        opened: datetime | None = None,
        clicked: datetime | None = None,
    ) -> UUID:
        """A message that was sent."""
        message = uuid4()
        given = {"id": message, "run": run, "step": step, "template": step, "at": at}
        await self.session.execute(_MESSAGE, given | {"opened": opened, "clicked": clicked})
        return message

    async def feedback(self, message: UUID, kind: str, at: datetime) -> None:
        """It was opened or clicked."""
        await self.session.execute(_FEEDBACK, {"message": message, "event": uuid4().hex, "kind": kind, "at": at})

    async def order(self, contact: UUID | None, date: datetime, **more: Any) -> UUID:  # Any: columns
        """An order of theirs."""
        given = {"status": "DELIVERED", "total": 100, "currency": "UAH"} | more
        return await self._one(_ORDER, id=uuid4().hex, contact=contact, date=date, **given)

    async def passed(self, run: UUID, step: str, branch: str, at: datetime) -> None:
        """The run took a branch."""
        result = dump_json({"branch": branch}).decode()
        await self.session.execute(_RESULT, {"run": run, "step": step, "result": result, "at": at})

    async def _one(self, statement: Any, **given: Any) -> UUID:  # Any: TextClause, columns
        return UUID(str((await self.session.execute(statement, given)).scalar_one()))
