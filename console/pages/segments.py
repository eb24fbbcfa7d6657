"""Segments: groups of contacts, and who is in each."""

from urllib.parse import quote

from markupsafe import Markup

from console.markup import facts, hero, link, moment, older, panel, put, state, table
from console.place import before
from console.segment_actions import offer, offer_new
from console.shell import page
from console.text import number, tr
from console.visit import Visit
from core.segments.definition import read_condition
from core.segments.phrases import sentence
from store.segment_people import named_members
from store.segments import find_segment, list_segments
from store.tables import Segment
from store.tables.segment import SegmentKind
from store.tables.user import Role

_PAGE = 50


@page("/segments", title="Segments")
async def segments(visit: Visit) -> None:
    """The list, by name."""
    async with visit.read() as session:
        found = await list_segments(session)
    if visit.may(Role.MARKETER):
        offer_new(visit)
    put(
        table(
            [tr(name) for name in ("Segment", "Kind", "Who is in it", "Members", "Calculated")],
            [
                (link(_address(one), one.name), state(one.kind), _words(one), number(count), _calculated(visit, one))
                for one, count in found
            ],
            empty=tr("No segments yet. Build one from figures of orders, or keep a list by hand."),
            numeric=frozenset({3}),
        )
    )


@page("/segments/{name}", title="Segment", own_heading=True)
async def segment(visit: Visit) -> None:
    """One segment with its members, newest contact first."""
    async with visit.read() as session:
        found = await find_segment(session, visit.path("name"))
        rows = await named_members(session, found.id, after=before(visit.query.get("cursor")), limit=_PAGE + 1)
    zone = visit.services.settings.zone
    told = facts({tr("Who is in it"): _words(found), tr("Calculated"): _calculated(visit, found)})
    put(hero(found.name, state(found.kind), above=("/segments", tr("Segments"))), panel(told))
    offer(visit, found)
    put(
        table(
            [tr(name) for name in ("Contact", "Reached by", "Since", "By")],
            [
                (
                    link(f"/contacts/{one['id']}", one["name"] or tr("without a name")),
                    ", ".join(filter(None, (one["email"], one["phone"]))),
                    moment(one["added_at"], zone),
                    tr("its definition") if one["source"] == "definition" else one["source"],
                )
                for one in rows[:_PAGE]
            ],
            empty=_nobody(found),
        ),
        older(_address(found), visit.query, str(rows[_PAGE - 1]["id"]) if len(rows) > _PAGE else None),
    )


def _address(one: Segment) -> str:
    return f"/segments/{quote(one.name, safe='')}"


def _words(one: Segment) -> str:
    if one.kind == SegmentKind.STATIC:
        return tr("those who were put in")
    return sentence(read_condition(one.definition))


def _calculated(visit: Visit, one: Segment) -> Markup | str:
    if one.kind == SegmentKind.STATIC:
        return "–"
    return (
        moment(one.calculated_at, visit.services.settings.zone)
        if one.calculated_at
        else tr("its members are looked for")
    )


def _nobody(one: Segment) -> str:
    if one.kind == SegmentKind.STATIC:
        return tr("Nobody is in it. Add people by e-mail, phone or id, or from a CSV file.")
    if one.calculated_at is None:
        return tr("Its members are looked for in the background; look again in a moment.")
    return tr("Of nobody this holds now.")
