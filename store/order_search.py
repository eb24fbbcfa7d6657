"""Orders by what a person remembers of them: the beginning of an id, an e-mail, a phone or a name."""

from dataclasses import dataclass
from typing import cast
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, and_, any_, bindparam, or_, select, text, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from store.tables import Order
from store.tables.order import SEARCHED

MOST_FOUND = 1000
"""Up to so many matches are looked up by index. What is more common is met soon on the way from the newest order."""

_ID = Order.__table__.c.id  # type: ignore[attr-defined] # SQLModel does not type __table__
_PAIR = 2


@dataclass(frozen=True, slots=True)
class SearchText:
    """What is searched for, whatever its case; `phone` is its E.164 form or the beginning of one, if it has one."""

    text: str
    phone: str | None


async def matching(session: AsyncSession, wanted: SearchText) -> ColumnElement[bool]:
    """The condition that a row of `order` matches the text, in the form that is fast for so many matches."""
    found = await few_matching(session, wanted)
    return or_(*_conditions(wanted)) if found is None else found


async def few_matching(session: AsyncSession, wanted: SearchText) -> ColumnElement[bool] | None:
    """The same condition; None when more than `MOST_FOUND` rows match."""
    branches = union_all(*(select(_ID).where(each) for each in _conditions(wanted))).subquery()
    ids = list(await session.scalars(select(branches.c.id).limit(MOST_FOUND + 1)))
    return _one_of(ids) if len(ids) <= MOST_FOUND else None


def _one_of(ids: list[UUID]) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = any_(bindparam("found", ids, ARRAY(Uuid))) == _ID
    return condition


def _conditions(wanted: SearchText) -> list[ColumnElement[bool]]:
    """Alternatives, each served by an index."""
    conditions = [_begins(column, wanted.text, f"whole_{column}") for column in SEARCHED]
    if wanted.phone:
        conditions.append(_within("match_phone COLLATE pg_c_utf8", wanted.phone, "phone"))
    words = wanted.text.split()
    if len(words) == _PAIR:  # first and last name, or the other way round
        one, other = words
        conditions.append(and_(_begins("first_name", one, "first_one"), _begins("last_name", other, "last_other")))
        conditions.append(and_(_begins("last_name", one, "last_one"), _begins("first_name", other, "first_other")))
    return conditions


def _begins(column: str, beginning: str, parameter: str) -> ColumnElement[bool]:
    return _within(f"lower({column} COLLATE pg_c_utf8)", beginning, parameter)


def _within(expression: str, beginning: str, parameter: str) -> ColumnElement[bool]:
    """Texts from the beginning up to the last one that begins so: a range, which an index serves with any plan."""
    low = f"lower(CAST(:{parameter} AS text) COLLATE pg_c_utf8)"
    clause = text(f"({expression} >= {low} AND {expression} < {low} || chr(1114111))")
    return cast("ColumnElement[bool]", clause.bindparams(**{parameter: beginning}))  # a condition, which text() hides
