"""One segment that is written: its tree, what is wrong with it, and whom it finds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from automation.outline import Body, Path
from automation.problems import Problem, place_of
from console.visit import Visit
from core.document import dump_json, load_json
from core.segments.definition import Condition, condition_faults, read_condition
from store.segment_people import named
from store.segment_preview import Preview, preview
from store.segment_sql import Account
from store.segments import database_now, find_segment
from store.tables.segment import SegmentKind

EMPTY: Body = {"all": [{"orders": "count", "op": "gte", "value": 1}]}
"""What an editor begins with: customers."""


@dataclass
class SegmentWork:
    """The tree is a document that may be wrong in any way; its top is always a group."""

    visit: Visit
    name: str
    document: Body
    known: frozenset[str] = frozenset()
    """Names of the other segments."""
    problems: Sequence[Problem] = ()
    condition: Condition | None = None
    """The tree, while it is one."""
    shown: list[Callable[[], bool]] = field(default_factory=list)
    """Called after each change; who answers False is not called again."""
    in_form: bool = False
    spread: bool = True
    _asked: int = 0

    async def change(self, document: Body) -> None:
        """Go on with this document."""
        self.document = document
        self.look()

    def look(self) -> None:
        """Check the tree."""
        faults = condition_faults(self.document)
        self.problems = [Problem(place_of(_path(place)), said) for place, said in faults]
        self.condition = None if faults else read_condition(self.document)
        done = [show for show in self.shown[:] if not show()]
        self.shown = [show for show in self.shown if show not in done]

    async def find(self) -> tuple[Preview, list[dict[str, Any]]] | None:  # Any: columns of all types
        """Whom it finds now, ten of them with their names; None when it is asked for again meanwhile."""
        self._asked += 1
        asked = self._asked
        if self.condition is None:
            return None
        async with self.visit.read() as session:
            account = Account.at(self.visit.services.settings, await database_now(session))
            found = await preview(session, self.condition, account)
            people = await named(session, found.sample)
        return (found, people) if asked == self._asked else None


async def opened(visit: Visit) -> SegmentWork:
    """The segment that the address names, or a new one."""
    name = visit.query.get("segment", "")
    if not name:
        return SegmentWork(visit, "", EMPTY)
    async with visit.read() as session:
        found = await find_segment(session, name)
    document = found.definition if found.kind == SegmentKind.DYNAMIC else EMPTY
    plain: Body = load_json(dump_json(document))
    return SegmentWork(visit, found.name, plain if plain.keys() & {"all", "any"} else {"all": [plain]})


def _path(place: str) -> Path:
    return tuple(int(part) if part.isdigit() else part for part in place.split(".") if part)
