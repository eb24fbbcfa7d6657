"""A look at a segment: each member becomes an event for the automation, and ProcessEvents decides what it means."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity
from temporalio.client import Client

from activities.library import Library
from automation.matching import unique_since
from automation.regular import MEMBER, due_moment
from automation.rules import Start, UniqueWithin
from core.process import start_processing
from core.regular import FIRST, Look
from core.settings import Settings
from store import regular
from store.custom_events import NewEvent, record_events
from store.regular import Standing
from store.session import Database
from store.tables import RegularLaunch
from store.tables.automation import AutomationState

_PIECE_SECONDS = 5
"""One piece launches what its rate allows in so many seconds."""
_MOST = 2000
"""Members that one piece looks at."""


@dataclass(frozen=True)
class RegularActivities:
    """The pieces of a look. What the database keeps of it says where it goes on, whoever asks and however often."""

    database: Database
    library: Library
    client: Client
    settings: Settings

    @activity.defn
    async def launch_some(self, look: Look) -> Look:
        """The next members of the segment. Members and events are one transaction: each has its turn once a look."""
        batch_id = None
        async with self.database.transaction() as session:
            found = await regular.standing(session, look.automation_id)
            start = (await self.library.flow(session, found.version_id)).definition.start if found else None
            due_at = look.due_at or datetime.now(UTC)
            if start is not None and start.schedule is not None:
                due_at = due_moment(start.schedule, due_at, self.settings.account_zone)
            kept = await regular.open_look(session, look.automation_id, due_at)
            if not kept.done and (kept.after or FIRST) == look.after:
                batch_id = await self._go_on(session, kept, found, start)
                await session.refresh(kept)
        if batch_id is not None:
            await start_processing(self.client, [batch_id])
        return look.model_copy(
            update={
                "after": kept.after or FIRST,
                "launched": kept.launched,
                "known": kept.known,
                "done": kept.done,
                "pause_seconds": max(0, kept.launched - look.launched) / self.settings.release_per_second,
            }
        )

    async def _go_on(
        self, session: AsyncSession, look: RegularLaunch, found: Standing | None, start: Start | None
    ) -> UUID | None:
        """One piece; gives the batch of its events."""
        segment = await regular.segment_id(session, start.segment) if start and start.segment else None
        ended = _ended(look, found, start, segment)
        if found is None or start is None or segment is None or ended is not None:
            await regular.advance_look(session, look, after=look.after, done=True, reason=ended)
            return None
        unique = start.unique
        page = await regular.next_members(
            session,
            look.automation_id,
            segment,
            after=look.after or FIRST,
            limit=_MOST,
            once=unique == "once_per_contact",
            since=unique_since(unique, look.due_at, self.settings.account_zone)
            if isinstance(unique, UniqueWithin)
            else None,
        )
        most = self.settings.release_per_second * _PIECE_SECONDS
        turns = page[: _end_of(page, most)]
        new = [contact_id for contact_id, known in turns if not known]
        params = {"segment": start.segment, "dueAt": look.due_at.isoformat()}
        events = [
            NewEvent(
                MEMBER,
                start.segment or "",
                params,
                contact_id=each,
                occurred_at=look.due_at,
                automation_id=look.automation_id,
            )
            for each in new
        ]
        batch_id = await record_events(session, "regular", events) if events else None
        last = len(turns) == len(page) < _MOST
        after = turns[-1][0] if turns else look.after
        await regular.advance_look(
            session,
            look,
            after=after,
            segment=segment,
            launched=len(new),
            known=len(turns) - len(new),
            done=last,
        )
        return batch_id


def _ended(look: RegularLaunch, found: Standing | None, start: Start | None, segment: UUID | None) -> str | None:
    """Why the look is over before the last member: the automation is not what it was when the schedule was made.

    A pause keeps a look from beginning; one that is under way goes on, and its launches are held.
    """
    if found is None or found.state == AutomationState.ARCHIVED:
        return "archived"
    if found.state == AutomationState.PAUSED and look.after is None:
        return "paused"
    if segment is None:
        return "no_segment" if start and start.segment else "changed"
    return "changed" if look.segment_id not in (None, segment) else None


def _end_of(page: Sequence[tuple[UUID, bool]], most: int) -> int:
    """How many of the page come to their turn so that at most `most` are launched."""
    new = 0
    for place, (_, known) in enumerate(page):
        if not known and new == most:
            return place
        new += not known
    return len(page)
