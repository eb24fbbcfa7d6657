"""A segment's definition as one SQL statement with bound parameters."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    and_,
    bindparam,
    column,
    exists,
    func,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.types import TypeEngine

from core.document import OrderStatus
from core.segments.definition import (
    AllOf,
    AnyOf,
    Condition,
    ContactField,
    Happened,
    InSegment,
    Messaged,
    Not,
    OrderFigure,
    OrderFilter,
    RfmCell,
)
from store.account import Account
from store.account_sql import Whom, is_among, now_of, recency_of
from store.figure_sql import Counted, Figure, figure_columns
from store.score_sql import in_groups
from store.tables import METADATA
from store.tables.contact import IdentityKind
from store.tables.event import Effect

__all__ = ["Account", "members_statement"]

_CONTACT, _ORDER, _EVENT = METADATA.tables["contact"], METADATA.tables["order"], METADATA.tables["order_event"]
_IDENTITY = METADATA.tables["contact_identity"]
_IDENTITIES = frozenset(IdentityKind)
_MESSAGE, _RUN = METADATA.tables["message"], METADATA.tables["run"]
_SEGMENT, _MEMBER = METADATA.tables["segment"], METADATA.tables["segment_member"]
_REACHED = {
    "sent": ("sent_at",),
    "delivered": ("delivered_at", "opened_at", "clicked_at", "complained_at"),
    "opened": ("opened_at", "clicked_at"),
    "clicked": ("clicked_at",),
}
"""A message came so far when one of these is known, whatever came after: who complained may have clicked before."""
_DAY_SECONDS = 86_400


def members_statement(condition: Condition, account: Account, *, whom: Whom | None = None) -> Select[tuple[UUID]]:
    """Ids of the contacts, of all or of those asked about, for whom it holds; merged and deleted ones are never found.

    All figures of orders come from one pass over the orders; groups compare them with the kept edges of the scores.
    """
    compiler = _Compiler(account)
    holds = compiler.holds(condition)  # unknown is as good as false here, and lets the planner leave others out early
    statement = select(_CONTACT.c.id).where(_CONTACT.c.deleted_at.is_(None), _CONTACT.c.merged_into.is_(None), holds)
    if whom is not None:
        statement = statement.where(is_among(_CONTACT.c.id, whom))
    if compiler.figures:
        columns, counted = figure_columns(compiler.figures)
        orders = select(_ORDER.c.contact_id, *columns).where(
            _ORDER.c.contact_id.is_not(None), _ORDER.c.date <= now_of(account), counted
        )
        if whom is not None:
            orders = orders.where(is_among(_ORDER.c.contact_id, whom))
        figures = orders.group_by(_ORDER.c.contact_id).subquery("figures")
        statement = statement.outerjoin_from(_CONTACT, figures, figures.c.contact_id == _CONTACT.c.id)
    return statement


@dataclass(slots=True)
class _Compiler:
    account: Account
    figures: list[Figure] = field(default_factory=list)

    def holds(self, node: Condition) -> ColumnElement[bool]:  # noqa: PLR0911 (one for each kind)
        match node:
            case AllOf():
                return and_(*(self.holds(each) for each in node.all))
            case AnyOf():
                return or_(*(self.holds(each) for each in node.any))
            case Not():
                return not_(func.coalesce(self.holds(node.not_), False))
            case OrderFigure():
                return self._figure(node)
            case RfmCell():
                return self._cell(node)
            case ContactField():
                return _field(node)
            case Happened():
                return self._happened(node)
            case Messaged():
                return self._messaged(node)
            case InSegment():
                return exists().where(
                    _MEMBER.c.contact_id == _CONTACT.c.id,
                    _MEMBER.c.segment_id == _SEGMENT.c.id,
                    _SEGMENT.c.name == node.segment,
                )

    def _figure(self, node: OrderFigure) -> ColumnElement[bool]:
        money = node.orders in {"sum", "average"}
        where = self._orders(node.of, money=money)
        match node.orders:
            case "count":
                return _compare(func.coalesce(self._add(func.count(), where), 0), node.op, node.value)
            case "sum":
                return _compare(func.coalesce(self._add(func.sum(_ORDER.c.total_cost), where), 0), node.op, node.value)
            case "average":
                return _compare(self._add(func.avg(_ORDER.c.total_cost), where), node.op, node.value)
        end = func.min(_ORDER.c.date) if "first" in node.orders else func.max(_ORDER.c.date)
        found = self._add(end, where, DateTime(timezone=True))
        if isinstance(node.value, date):
            return self._on_day(found, node.op, node.value)
        return _compare(func.extract("epoch", now_of(self.account) - found) / _DAY_SECONDS, node.op, node.value)

    def _on_day(self, moment: ColumnElement[datetime], operator: str, day: date) -> ColumnElement[bool]:
        """Compares the calendar day, in the account's zone, of a moment."""
        begins = datetime.combine(day, time(), self.account.zone)
        ends = datetime.combine(day + timedelta(days=1), time(), self.account.zone)
        within = and_(moment >= begins, moment < ends)
        answers: dict[str, ColumnElement[bool]] = {
            "eq": within,
            "ne": not_(within),
            "gt": moment >= ends,
            "gte": moment >= begins,
            "lt": moment < begins,
            "lte": moment < ends,
        }
        return answers[operator]

    def _cell(self, node: RfmCell) -> ColumnElement[bool]:
        where = self._orders(OrderFilter(), money=False)
        count = func.coalesce(self._add(func.count(), where), 0)
        last = self._add(func.max(_ORDER.c.date), where, DateTime(timezone=True))
        moments = recency_of(self.account)
        recency = func.coalesce(len(self.account.recency) + 1 - func.width_bucket(last, moments), 0)
        frequency = func.width_bucket(count, bindparam(None, list(self.account.frequency), ARRAY(Integer)))
        wanted = node.rfm
        parts: list[ColumnElement[bool]] = [
            cells.in_(given) for cells, given in ((recency, wanted.recency), (frequency, wanted.frequency)) if given
        ]
        if wanted.group:
            parts.append(in_groups(self.account, last, count, wanted.group))
        return and_(true(), *parts)

    def _happened(self, node: Happened) -> ColumnElement[bool]:
        found = exists().where(
            _EVENT.c.contact_id == _CONTACT.c.id, _EVENT.c.event_type == node.event, _EVENT.c.effect != Effect.TEST
        )
        if node.within:
            found = found.where(_EVENT.c.occurred_at > now_of(self.account) - timedelta(days=node.within))
        return found if node.happened else not_(found)

    def _messaged(self, node: Messaged) -> ColumnElement[bool]:
        found = exists().where(
            _RUN.c.contact_id == _CONTACT.c.id,
            not_(_RUN.c.test),
            _MESSAGE.c.run_id == _RUN.c.id,
            or_(*(_MESSAGE.c[name].is_not(None) for name in _REACHED[node.message])),
        )
        if node.channel:
            found = found.where(_MESSAGE.c.channel == node.channel)
        if node.within:
            found = found.where(_MESSAGE.c.sent_at > now_of(self.account) - timedelta(days=node.within))
        return found if node.happened else not_(found)

    def _orders(self, wanted: OrderFilter, *, money: bool) -> Counted:
        currency = wanted.currency or (self.account.currency if money else None)
        given = {"source": wanted.source, "store_id": wanted.store, "currency": currency}
        parts: Counted = {("status", wanted.status): _among(_ORDER.c.status, wanted.status)}
        parts |= {(name, value): _ORDER.c[name] == value for name, value in given.items() if value is not None}
        for name, sought in (("externalItemId", wanted.item), ("category", wanted.category)):
            if sought is not None:
                parts[name, sought] = _ORDER.c["items"].contains([{name: sought}])
        if wanted.within:
            parts["within", wanted.within] = _ORDER.c.date > now_of(self.account) - timedelta(days=wanted.within)
        return parts

    def _add(
        self, aggregate: Any, where: Counted, kind: TypeEngine[Any] | None = None
    ) -> ColumnElement[Any]:  # Any: an aggregate of any type
        name = f"figure_{len(self.figures)}"
        self.figures.append(Figure(name, aggregate, where))
        return column(name, kind) if kind is not None else column(name)


def _among(status: ColumnElement[str], wanted: Sequence[OrderStatus]) -> ColumnElement[bool]:
    return status == wanted[0] if len(wanted) == 1 else status.in_(wanted)


def _compare(left: ColumnElement[Any], operator: str, value: Any) -> ColumnElement[bool]:  # Any: numbers
    method = {"eq": "__eq__", "ne": "__ne__", "gt": "__gt__", "gte": "__ge__", "lt": "__lt__", "lte": "__le__"}
    compared: ColumnElement[bool] = getattr(left, method[operator])(value)
    return compared


def _field(node: ContactField) -> ColumnElement[bool]:
    if node.contact in _IDENTITIES:
        return _identity(node)
    own = node.contact.removeprefix("fields.")
    value = _CONTACT.c["fields"][own].astext if own != node.contact else _CONTACT.c[node.contact]
    answers: dict[str, ColumnElement[bool]] = {
        "eq": value == node.value,
        "ne": func.coalesce(value, "") != node.value,
        "contains": func.strpos(func.lower(value), func.lower(node.value)) > 0,
        "is_set": func.coalesce(value, "") != "",
    }
    return answers[node.op]


def _identity(node: ContactField) -> ColumnElement[bool]:
    """Of several addresses any one; `ne` is that none of them is the value."""
    value = _IDENTITY.c.value
    found = exists().where(_IDENTITY.c.contact_id == _CONTACT.c.id, _IDENTITY.c.kind == node.contact)
    if node.op == "is_set":
        return found
    if node.op == "contains":
        return found.where(func.strpos(func.lower(value), func.lower(node.value)) > 0)
    given = func.lower(node.value) if node.contact == IdentityKind.EMAIL else node.value
    same = found.where(value == given)
    return same if node.op == "eq" else not_(same)
