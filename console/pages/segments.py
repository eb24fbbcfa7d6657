"""Segments: groups of contacts."""

from console.markup import moment, put, state, table
from console.shell import page
from console.text import number, tr
from console.visit import Visit
from store.segments import list_segments


@page("/segments", title="Segments")
async def segments(visit: Visit) -> None:
    """The list, by name."""
    async with visit.read() as session:
        found = await list_segments(session)
    zone = visit.services.settings.zone
    put(
        table(
            [tr(name) for name in ("Segment", "Kind", "Members", "Calculated")],
            [(one.name, state(one.kind), number(count), moment(one.calculated_at, zone)) for one, count in found],
            empty=tr("No segments yet."),
            numeric=frozenset({2}),
        )
    )
