"""One editor that is open: its text, what is wrong with it, and the draft, which is stored at every change."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.automation_answers import Document
from api.definition_body import Written, faults_of
from api.publish_preview import publish_preview
from automation.definition import Definition, DefinitionError, load_definition
from automation.outline import Body
from automation.picture import Marks
from automation.problems import Problem
from console.editor.document import read, write
from console.editor.history import History
from console.visit import Visit
from core.document import dump_json, load_json
from store import automations as stored
from store.tables import Automation
from store.tables.automation import AutomationState
from store.tables.user import Role

MOST_TOLD = 20
"""Problems that an editor lists."""
EMPTY = """\
name: New automation
start:
  event: orderDELIVERED
stop: []
steps: []
"""
"""What a new automation begins with."""


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
    preview: Document | None = None
    """What publishing would do, as `publish_preview` tells it; None while the text is no definition."""
    marks: Marks = field(default_factory=Marks)
    """The way of the order that it was tried on."""
    theirs: str | None = None
    """What another page or person wrote meanwhile. Until one of the two is chosen nothing is stored."""
    unkept: bool = False
    """Whether the text is in this page alone: it cannot be read, or stands against another one."""
    seen: Body | None = None
    """The draft as this page read or wrote it last."""
    _storing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _told: bool = False
    _read: tuple[str, Body | None] | None = None
    """The text that was read last: every field of every form looks into its document."""

    @property
    def spread(self) -> bool:
        """Parts of a step are short enough for a line."""
        return False

    @property
    def document(self) -> Body | None:
        """None while the text cannot be read."""
        if self._read is None or self._read[0] != self.history.text:
            self._read = self.history.text, read(self.history.text)
        return self._read[1]

    async def change(self, document: Body) -> None:
        """Go on with this document."""
        await self.write(write(document))

    async def write(self, text: str) -> None:
        """Go on with this text."""
        if self.history.change(text):
            self.marks = Marks()
            await self.look(save=True)

    async def undo(self) -> None:
        """The text before."""
        self.history.undo()
        await self.look(save=True)

    async def redo(self) -> None:
        """The text that was undone."""
        self.history.redo()
        await self.look(save=True)

    async def look(self, *, save: bool = False, count: bool = True) -> None:
        """Check the text, and keep it when it can be read; `count` the runs that publishing would touch."""
        text = self.history.text
        definition: Definition | None = None
        problems: tuple[Problem, ...] = ()
        preview: Document | None = None
        try:
            definition = load_definition(text)
        except DefinitionError as error:
            problems = tuple(error.problems)
        else:
            async with self.visit.read() as session:
                problems = await faults_of(session, self.visit.services.settings, Written(text, definition))
                if count:
                    preview = await publish_preview(session, self.automation_id, definition)
        if text == self.history.text:  # else the next change looks already
            self.definition, self.problems, self.preview = definition, problems, preview
        if save:
            await self._store()
        self.tell()

    async def count(self) -> None:
        """Look anew where the runs stand."""
        definition = self.definition
        if definition is None or self.automation_id is None:
            return
        async with self.visit.read() as session:
            preview = await publish_preview(session, self.automation_id, definition)
        if self.definition is definition:
            self.preview = preview
            self.tell()

    def tell(self) -> None:
        """Everything that shows the work shows it anew."""
        asked = self.shown[:]
        done = [show for show in asked if not show()]
        self.shown = [show for show in self.shown if show not in done]

    async def settle(self, *, mine: bool) -> None:
        """Go on with this page's text, or with the other one. Undo brings the one that was not chosen."""
        own, other = self.history.text, self.theirs or self.history.text
        self.history.change(other)
        if mine:
            self.history.change(own)
        self.theirs = None
        async with self.visit.read() as session:
            self.seen = (await stored.find(session, str(self.automation_id))).draft
        await self.look(save=True)

    async def _store(self) -> None:
        """The first change of a visit is told in the audit log; the others are the same piece of work."""
        async with self._storing:
            document = self.document
            name = document.get("name") if document else None
            self.unkept = True
            if document is None or not isinstance(name, str) or not 0 < len(name) <= 200:  # noqa: PLR2004 - as Definition
                return
            if self.theirs is not None:
                return
            user = await self.visit.acting(Role.MARKETER)
            if self._told and self.automation_id is not None:
                async with self.visit.services.database.transaction() as session:
                    await self._keep(session, name, document)
                return
            subject = f"automation:{self.automation_id or name}"
            async with self.visit.act(user.role, "automation.draft", subject) as session:
                if self.automation_id is None:
                    made = await stored.create_draft(session, await stored.free_name(session, name), document)
                    self.automation_id = made.id
                    self.seen, self.unkept = made.draft, False
                else:
                    await self._keep(session, name, document)
            self._told = True

    async def _keep(self, session: AsyncSession, name: str, document: Body) -> None:
        """Write the draft down, unless somebody else wrote one since this page looked."""
        found = await self._named(session, name)
        if found.draft != self.seen:
            self.theirs = write(found.draft if found.draft is not None else await live_definition(session, found))
            return
        await stored.save_draft(session, found, document)
        self.seen, self.unkept = load_json(dump_json(document)), False

    async def _named(self, session: AsyncSession, name: str) -> Automation:
        """The automation; what was never published takes the name that its text has."""
        found = await stored.find_locked(session, str(self.automation_id))
        if found.state == AutomationState.DRAFT and found.name != name:
            found.name = await stored.free_name(session, name)
        return found


async def live_definition(session: AsyncSession, found: Automation) -> Body:
    """What is live; an empty document while nothing is."""
    if found.live_number is None:
        return {}
    return (await stored.version(session, found.id, found.live_number)).definition


async def opened(visit: Visit, empty: str) -> Work:
    """The draft of the automation that the address names, else what is live; without a name a new one."""
    name = visit.query.get("automation")
    if name is None:
        return Work(visit, History(empty))
    async with visit.read() as session:
        found = await stored.find(session, name)
        document = found.draft if found.draft is not None else await live_definition(session, found)
    return Work(visit, History(write(document)), found.id, seen=found.draft)
