"""One editor that is open: its text, what is wrong with it, and the draft, which is stored at every change."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.definition_body import Written, faults_of
from automation.definition import Definition, DefinitionError, load_definition
from automation.outline import Body
from automation.problems import Problem
from console.editor.document import read, write
from console.editor.history import History
from console.visit import Visit
from store import automations as stored
from store.tables import Automation
from store.tables.automation import AutomationState
from store.tables.user import Role

MOST_TOLD = 20
"""Problems that an editor lists."""
EMPTY = """\
name: Delivered, thank you
start:
  event: orderDELIVERED
stop:
  - { event: orderCANCELLED }
steps:
  - get_order: {}
  - send: { id: thanks, channel: email, template: order-delivered }
"""
"""What an editor begins with."""


@dataclass
class Work:
    """The document is what its text says; forms and YAML change the same text."""

    visit: Visit
    history: History
    automation_id: UUID | None = None
    problems: tuple[Problem, ...] = ()
    definition: Definition | None = None
    """The text as a definition, while it is one."""
    shown: list[Callable[[], bool]] = field(default_factory=list)
    """Called after each change; who answers False is not called again."""
    in_form: bool = False
    """Whether a field of a form makes the change."""
    _storing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _told: bool = False

    @property
    def document(self) -> Body | None:
        """None while the text cannot be read."""
        return read(self.history.text)

    async def change(self, document: Body) -> None:
        """Go on with this document."""
        await self.write(write(document))

    async def write(self, text: str) -> None:
        """Go on with this text."""
        if self.history.change(text):
            await self.look(save=True)

    async def undo(self) -> None:
        """The text before."""
        self.history.undo()
        await self.look(save=True)

    async def redo(self) -> None:
        """The text that was undone."""
        self.history.redo()
        await self.look(save=True)

    async def look(self, *, save: bool = False) -> None:
        """Check the text, and keep it when it can be read."""
        text = self.history.text
        try:
            self.definition = load_definition(text)
        except DefinitionError as error:
            self.definition, self.problems = None, tuple(error.problems)
        else:
            async with self.visit.read() as session:
                self.problems = await faults_of(session, self.visit.services.settings, Written(text, self.definition))
        if save:
            await self._store()
        asked = self.shown[:]
        done = [show for show in asked if not show()]
        self.shown = [show for show in self.shown if show not in done]

    async def _store(self) -> None:
        """The first change of a visit is told in the audit log; the others are the same piece of work."""
        async with self._storing:
            document = self.document
            name = document.get("name") if document else None
            if document is None or not isinstance(name, str) or not 0 < len(name) <= 200:  # noqa: PLR2004 - as Definition
                return
            user = await self.visit.acting(Role.MARKETER)
            if self._told and self.automation_id is not None:
                async with self.visit.services.database.transaction() as session:
                    await stored.save_draft(session, await self._named(session, name), document)
                return
            subject = f"automation:{self.automation_id or name}"
            async with self.visit.act(user.role, "automation.draft", subject) as session:
                if self.automation_id is None:
                    made = await stored.create_draft(session, await stored.free_name(session, name), document)
                    self.automation_id = made.id
                else:
                    await stored.save_draft(session, await self._named(session, name), document)
            self._told = True

    async def _named(self, session: AsyncSession, name: str) -> Automation:
        """The automation; what was never published takes the name that its text has."""
        found = await stored.find_locked(session, str(self.automation_id))
        if found.state == AutomationState.DRAFT and found.name != name:
            found.name = await stored.free_name(session, name)
        return found


async def opened(visit: Visit, empty: str) -> Work:
    """The draft of the automation that the address names, else what is live; without a name a new one."""
    name = visit.query.get("automation")
    if name is None:
        return Work(visit, History(empty))
    async with visit.read() as session:
        found = await stored.find(session, name)
        document = found.draft
        if document is None and found.state != AutomationState.DRAFT:
            document = (await stored.version(session, found.id, found.live_number or 0)).definition
    return Work(visit, History(write(document or {})), found.id)
