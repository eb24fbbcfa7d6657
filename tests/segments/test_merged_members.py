"""Segments of contacts who were merged: the survivor is in all of them; nobody is told of a contact that is gone."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import text

from core.settings import Settings
from store.account_sql import Span
from store.contact_merging import merge_contacts, unmerge_contacts
from store.refresh import refresh, refresh_touched
from store.segments import add_members, find_segment, members, put_segment
from store.session import Database, open_database
from tests.segments.histories import ACCOUNT, an_order, fill

_CALCULATED = text("UPDATE segment SET calculated_at = now() WHERE kind = 'dynamic'")
_TOLD = text("SELECT event_type, event_key, contact_id FROM order_event WHERE event_type ~ '^segment' ORDER BY seq")


class Club:
    """Two contacts: the first with one order, the second with two; static segments of each and of both."""

    def __init__(self, database: Database, people: list[UUID]) -> None:
        self.database, self.people = database, people
        self.one, self.other, self.third, _ = people

    async def members(self) -> dict[str, set[int]]:
        """Numbers of the contacts in each segment that has any."""
        async with self.database.transaction() as session:
            found = {
                name: await members(session, (await find_segment(session, name)).id, after=None, limit=10)
                for name in ("mine", "theirs", "ours", "once", "twice", "thrice")
            }
        return {name: {self.people.index(one) for one, *_ in some} for name, some in found.items() if some}

    async def merge(self, *, undo: bool = False) -> None:
        async with self.database.transaction() as session:
            await (unmerge_contacts if undo else merge_contacts)(session, self.one, self.other)

    async def follow(self) -> list[tuple[str, str, UUID]]:
        """Bring touched contacts up to date; what was told by it."""
        async with self.database.transaction() as session:
            before = len((await session.execute(_TOLD)).all())
            await refresh_touched(session, ACCOUNT)
            return [(row[0], row[1], row[2]) for row in (await session.execute(_TOLD)).all()[before:]]


@pytest.fixture
async def club(settings: Settings) -> AsyncIterator[Club]:
    database = open_database(settings.database_url, pool_size=2)
    people = await fill(database, [an_order(who=0), an_order(who=1), an_order(who=1)])
    async with database.transaction() as session:
        for number, name in ((1, "once"), (2, "twice"), (3, "thrice")):
            await put_segment(session, name, {"orders": "count", "op": "eq", "value": number})
        for name, some in (("mine", people[:1]), ("theirs", people[1:2]), ("ours", people[:2])):
            await add_members(session, name, some, source="test")
        await refresh(session, people, ACCOUNT)
        await refresh_touched(session, ACCOUNT)
        await session.execute(_CALCULATED)
    yield Club(database, people)
    await database.close()


BEFORE = {"mine": {0}, "theirs": {1}, "ours": {0, 1}, "once": {0}, "twice": {1}}
TOGETHER = {"mine": {0}, "theirs": {0}, "ours": {0}}


async def test_the_survivor_is_in_every_segment_of_both_and_leaves_those_that_no_longer_fit(club: Club) -> None:
    assert await club.members() == BEFORE
    await club.merge()
    assert await club.members() == TOGETHER | {"once": {0}, "twice": {0}}
    told = await club.follow()
    assert sorted(told) == [
        ("segmentEntered", "thrice", club.one),
        ("segmentLeft", "once", club.one),
        ("segmentLeft", "twice", club.one),
    ]
    assert await club.members() == TOGETHER | {"thrice": {0}}
    assert await club.follow() == []


async def test_parted_again_each_is_in_the_segments_of_before(club: Club) -> None:
    await club.merge()
    await club.merge(undo=True)
    assert await club.members() == BEFORE
    assert await club.follow() == []
    await club.merge()
    await club.follow()
    await club.merge(undo=True)
    told = await club.follow()
    assert sorted(told) == [
        ("segmentEntered", "once", club.one),
        ("segmentEntered", "twice", club.other),
        ("segmentLeft", "thrice", club.one),
    ]
    assert await club.members() == BEFORE


async def test_a_segment_that_the_survivor_left_or_that_is_gone_does_not_come_back(club: Club) -> None:
    await club.merge()
    async with club.database.transaction() as session:
        await session.execute(
            text("DELETE FROM segment_member USING segment s WHERE s.id = segment_id AND name = 'theirs'")
        )
        await session.execute(text("DELETE FROM segment WHERE name = 'once'"))
        await put_segment(session, "once", None)
    await club.merge(undo=True)
    assert await club.members() == {"mine": {0}, "ours": {0, 1}, "twice": {1}}


@pytest.mark.parametrize("nightly", [True, False], ids=["by the full pass", "as one of the touched"])
async def test_a_membership_that_a_merged_contact_kept_goes_without_a_word(club: Club, *, nightly: bool) -> None:
    """Of merges before memberships were merged too."""
    async with club.database.transaction() as session:
        await session.execute(
            text("UPDATE contact SET merged_into = :one WHERE id = :other"), {"one": club.one, "other": club.other}
        )
        await session.execute(text("DELETE FROM touched_contact"))
        if nightly:
            span = Span(UUID(int=0), club.people[-1])
            assert (await refresh(session, span, ACCOUNT)).left == 0
        else:
            await session.execute(
                text("INSERT INTO touched_contact (contact_id) VALUES (:other)"), {"other": club.other}
            )
    assert await club.follow() == []
    assert await club.members() == {name: some for name, some in BEFORE.items() if name != "twice"}
