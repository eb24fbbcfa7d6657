"""What differs from one execution of a segment's statement to the next: bound by name, with the value of today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BindParameter, ColumnElement, DateTime, Uuid, and_, any_, bindparam

from core.segments.rfm import recency_edges
from store.account import Account

_MOMENT = DateTime(timezone=True)


@dataclass(frozen=True, slots=True)
class Span:
    """The contacts whose ids come after one and do not pass another, which an index gives in their order."""

    after: UUID
    last: UUID


Whom = Sequence[UUID] | Span
"""The contacts that are asked about: few by their ids, or all of a span."""


def now_of(account: Account) -> BindParameter[datetime]:
    """The moment at which figures are measured."""
    return bindparam("now", account.now, _MOMENT)


def recency_of(account: Account) -> BindParameter[Any]:  # Any: an array
    """The edges of the grid's recency."""
    return bindparam("recency", _edges(account, account.recency), ARRAY(_MOMENT))


def scores_of(account: Account) -> BindParameter[Any]:  # Any: an array
    """The fixed edges of the scores' recency."""
    return bindparam("scores", _edges(account, account.score_recency), ARRAY(_MOMENT))


def is_among(contact: ColumnElement[UUID | None], whom: Whom) -> ColumnElement[bool]:
    """Whether the column names one of them; who they are is told by the parameters alone."""
    if isinstance(whom, Span):
        return and_(contact > bindparam("after", whom.after, Uuid), contact <= bindparam("last", whom.last, Uuid))
    return contact == any_(bindparam("given", list(whom), ARRAY(Uuid)))


def values_of(account: Account, whom: Whom) -> dict[str, object]:
    """Today's value of each."""
    told: dict[str, object] = (
        {"after": whom.after, "last": whom.last} if isinstance(whom, Span) else {"given": list(whom)}
    )
    edges: dict[str, object] = {
        "recency": _edges(account, account.recency),
        "scores": _edges(account, account.score_recency),
    }
    return {"now": account.now} | edges | told


def _edges(account: Account, spans: Sequence[str]) -> list[datetime]:
    return recency_edges(account.now, spans, account.zone)
