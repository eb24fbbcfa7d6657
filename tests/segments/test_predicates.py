"""Each predicate of a segment over a few contacts of whom everything is known."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.document import dump_json
from core.errors import InvalidError
from core.segments.definition import condition_json, condition_schema, read_condition
from core.settings import Settings
from store.account_sql import Span, Whom
from store.membership_sql import change_members
from store.segment_preview import check_references
from store.segment_sql import members_statement
from store.segments import add_members, put_segment
from store.session import open_database
from store.tables import Segment, SegmentMember
from tests.segments.histories import ACCOUNT, NOW, an_order, fill

_BUY = text("""UPDATE "order" SET items = CAST(:items AS jsonb) WHERE store_id = 'kyiv'""")
_PEOPLE = text("""
    UPDATE contact SET first_name = 'Олена', language = 'uk', fields = '{"size": "XL"}' WHERE id = :id
""")
_IDENTITY = text("""
    INSERT INTO contact_identity (contact_id, kind, value, provenance)
    VALUES (:id, 'email', 'olena@example.com', 'test')
""")
_EVENT = text("""
    INSERT INTO order_event (event_type, event_key, effect, params, contact_id, batch_id, occurred_at, matched_at)
    SELECT :type, '', :effect, '{}', :id, b.id, :at, :at FROM event_batch b LIMIT 1 RETURNING id
""")
_MESSAGE = text("""
    WITH a AS (INSERT INTO automation (name, state) VALUES (CAST(:state AS text), 'live') RETURNING id),
    v AS (INSERT INTO automation_version (automation_id, number, definition)
          SELECT id, 1, '{}' FROM a RETURNING id, automation_id),
    r AS (INSERT INTO run (automation_id, version_id, event_id, event_seq, contact_id, dedupe_key, state)
          SELECT automation_id, id, :event, 1, :id, CAST(:state AS text), 'done' FROM v RETURNING id)
    INSERT INTO message (id, run_id, step_id, channel, template, state, sent_at, opened_at)
    SELECT uuidv7(), id, 's', 'email', 't', CAST(:state AS text), CAST(:at AS timestamptz),
           CASE WHEN CAST(:state AS text) = 'opened' THEN CAST(:at AS timestamptz) END FROM r
""")

# Number 0 bought much and lately, 1 once and long ago, 2 left a cart, 3 did nothing.
_HISTORY = [
    an_order(total=300, date=NOW - timedelta(days=2), store="kyiv"),
    an_order(total=100, date=NOW - timedelta(days=40)),
    an_order(total=7000, date=NOW - timedelta(days=41), currency="UAH", source="offline"),
    an_order(who=1, total=50, date=NOW - timedelta(days=400), store="lviv"),
    an_order(who=2, status="ABANDONED_SHOPPING_CART", date=NOW - timedelta(days=1)),
]


def _orders(figure: str, op: str, value: object, **of: object) -> dict[str, Any]:
    return {"orders": figure, "op": op, "value": value} | ({"of": of} if of else {})


_FOUND: list[tuple[dict[str, Any], set[int]]] = [
    (_orders("count", "eq", 3), {0}),
    (_orders("count", "ne", 3), {1, 2, 3}),
    (_orders("count", "gte", 1, source="offline"), {0}),
    (_orders("count", "gte", 1, store="lviv"), {1}),
    (_orders("count", "gte", 1, status=["ABANDONED_SHOPPING_CART"], within=3), {2}),
    (_orders("count", "eq", 1, within=30), {0}),
    (_orders("count", "gte", 1, item="cup"), {0}),
    (_orders("count", "gte", 1, category="tea"), {0}),
    (_orders("count", "gte", 1, category="cup"), set()),
    (_orders("sum", "gt", 399), {0}),
    (_orders("sum", "eq", 7000, currency="UAH"), {0}),
    (_orders("average", "eq", 200), {0}),
    (_orders("average", "lte", 200), {0, 1}),
    (_orders("first_date", "lt", "2026-01-01"), {1}),
    (_orders("last_date", "gte", "2026-11-18"), {0}),
    (_orders("days_since_last", "lte", 2), {0}),
    (_orders("days_since_first", "gt", 41), {1}),
    ({"rfm": {"recency": [1]}}, {0}),
    ({"rfm": {"recency": [0], "frequency": [0]}}, {2, 3}),
    ({"rfm": {"frequency": [3]}}, {0}),
    ({"contact": "first_name", "op": "contains", "value": "лен"}, {0}),
    ({"contact": "language", "op": "ne", "value": "uk"}, {1, 2, 3}),
    ({"contact": "fields.size", "op": "eq", "value": "XL"}, {0}),
    ({"contact": "fields.size", "op": "is_set"}, {0}),
    ({"contact": "email", "op": "eq", "value": "Olena@example.com"}, {0}),
    ({"not": {"contact": "email", "op": "is_set"}}, {1, 2, 3}),
    ({"contact": "email", "op": "contains", "value": "@EXAMPLE"}, {0}),
    ({"contact": "email", "op": "ne", "value": "olena@example.com"}, {1, 2, 3}),
    ({"event": "viewed"}, {1, 2}),
    ({"event": "viewed", "within": 10}, {2}),
    ({"event": "viewed", "within": 10, "happened": False}, {0, 1, 3}),
    ({"message": "sent"}, {0, 1}),
    ({"message": "sent", "within": 10}, {0}),
    ({"message": "opened"}, {0}),
    ({"message": "opened", "within": 10, "happened": False}, {1, 2, 3}),
    ({"message": "sent", "channel": "sms"}, set()),
    ({"segment": "friends"}, {3}),
    ({"any": [{"segment": "friends"}, _orders("count", "eq", 1)]}, {1, 3}),
    ({"all": [_orders("count", "gte", 1), {"not": _orders("sum", "gt", 399)}]}, {1}),
]


async def _known(session: AsyncSession, people: list[UUID]) -> None:
    items = [{"externalItemId": "cup", "category": "tea", "quantity": 1}]
    await session.execute(_BUY, {"items": dump_json(items).decode()})
    for statement in (_PEOPLE, _IDENTITY):
        await session.execute(statement, {"id": people[0]})
    seen = [("viewed", "acts", 1, 20), ("viewed", "acts", 2, 5), ("viewed", "test", 3, 5)]
    events = [
        await session.scalar(
            _EVENT, {"type": kind, "effect": effect, "id": people[who], "at": NOW - timedelta(days=days)}
        )
        for kind, effect, who, days in seen
    ]
    for who, state, days in ((0, "opened", 5), (1, "delivered", 20)):
        given = {"state": state, "event": events[0], "id": people[who], "at": NOW - timedelta(days=days)}
        await session.execute(_MESSAGE, given)
    await put_segment(session, "friends", None)
    await add_members(session, "friends", [people[3]], source="test")


async def test_each_predicate_finds_whom_it_means(settings: Settings) -> None:
    database = open_database(settings.database_url, pool_size=1)
    people = await fill(database, _HISTORY)
    async with database.transaction() as session:
        await _known(session, people)
        everybody = Span(UUID(int=0), max(people))
        kept: list[tuple[Segment, Whom]] = [
            (await put_segment(session, "kept by ids", {}), people),
            (await put_segment(session, "kept by a span", {}), everybody),
        ]
        for document, expected in _FOUND:
            condition = read_condition(document)
            assert read_condition(condition_json(condition)) == condition
            for whom in (None, people, everybody):
                found = await session.scalars(members_statement(condition, ACCOUNT, whom=whom))
                assert {people.index(one) for one in found} == expected, document
            # the same as the members of a segment that had those of the definition before
            for segment, asked in kept:
                await change_members(session, segment.id, condition, ACCOUNT, asked)
                members = await session.scalars(
                    select(col(SegmentMember.contact_id)).where(col(SegmentMember.segment_id) == segment.id)
                )
                assert {people.index(one) for one in members} == expected, (document, asked)
    await database.close()


async def test_an_unknown_segment_and_a_circle_are_told_at_their_place(settings: Settings) -> None:
    database = open_database(settings.database_url, pool_size=1)
    async with database.transaction() as session:
        await put_segment(session, "a", {"segment": "b"})
        await put_segment(session, "b", {"orders": "count", "op": "gte", "value": 1})
        for name, asked, place in (("new", "nobody", "all.1.not.segment"), ("b", "a", "all.1.not.segment")):
            condition = read_condition(
                {"all": [{"orders": "count", "op": "gte", "value": 1}, {"not": {"segment": asked}}]}
            )
            with pytest.raises(InvalidError) as refused:
                await check_references(session, name, condition)
            assert refused.value.field == place
    await database.close()


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({}, "definition"),
        ({"all": []}, "all"),
        ({"any": [{"orders": "count", "op": "gte", "value": -1}]}, "any.0.value"),
        ({"not": {"rfm": {"group": ["best"]}}}, "not.rfm.group.0"),
        ({"all": [{"event": "x"}, {"event": "y", "within": 0}]}, "all.1.within"),
        ({"orders": "first_date", "op": "lt", "value": 3}, "definition"),
        ({"contact": "shoe", "op": "is_set"}, "contact"),
        ({"message": "sent", "with": 3}, "with"),
    ],
)
def test_an_error_names_the_place_in_the_tree(document: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidError) as refused:
        read_condition(document)
    assert refused.value.field.startswith(place)


def test_the_schema_describes_every_kind_of_condition() -> None:
    schema = dump_json(condition_schema()).decode()
    assert all(f'"{kind}"' in schema for kind in ("all", "any", "not", "orders", "rfm", "contact", "event", "message"))
