"""What differs from one execution of a segment's statement to the next: bound by name, with the value of today."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BindParameter, DateTime, Uuid, bindparam

from core.segments.rfm import recency_edges
from store.account import Account

_MOMENT = DateTime(timezone=True)


def now_of(account: Account) -> BindParameter[datetime]:
    """The moment at which figures are measured."""
    return bindparam("now", account.now, _MOMENT)


def recency_of(account: Account) -> BindParameter[Any]:  # Any: an array
    """The edges of the grid's recency."""
    return bindparam("recency", recency_edges(account.now, account.recency, account.zone), ARRAY(_MOMENT))


def scores_of(account: Account) -> BindParameter[Any]:  # Any: an array
    """The fixed edges of the scores' recency."""
    return bindparam("scores", recency_edges(account.now, account.score_recency, account.zone), ARRAY(_MOMENT))


def given_contacts(contacts: Sequence[UUID]) -> BindParameter[Any]:  # Any: an array
    """The contacts that are asked about."""
    return bindparam("given", list(contacts), ARRAY(Uuid))


def values_of(account: Account, contacts: Sequence[UUID]) -> dict[str, object]:
    """Today's value of each."""
    made = (now_of(account), recency_of(account), scores_of(account), given_contacts(contacts))
    return {one.key: one.value for one in made}
