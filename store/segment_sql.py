"""A segment's definition as one SQL statement with bound parameters."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    Subquery,
    Uuid,
    and_,
    any_,
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
from core.segments.rfm import recency_edges
from core.settings import Settings
from store.score_sql import in_groups, score_edges
from store.tables import METADATA
from store.tables.event import Effect

_CONTACT, _ORDER, _EVENT = METADATA.tables["contact"], METADATA.tables["order"], METADATA.tables["order_event"]
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


@dataclass(frozen=True, slots=True)
class Account:
    """What figures are measured with: the moment, the account's zone and currency, and the edges of the grid."""

    now: datetime
    zone: ZoneInfo
    currency: str
    recency: tuple[str, ...]
    frequency: tuple[int, ...]

    @classmethod
    def at(cls, settings: Settings, now: datetime) -> Self:
        """The account as it is set, at a moment."""
        return cls(now, settings.zone, settings.account_currency, settings.rfm_recency, settings.rfm_frequency)

    def of(self, currency: str) -> Self:
        """The same with money in another currency."""
        return replace(self, currency=currency)


def members_statement(
    condition: Condition, account: Account, *, contacts: Sequence[UUID] | None = None
) -> Select[tuple[UUID]]:
    """Ids of the contacts, of all or of the given ones, for whom it holds; merged and deleted ones are never found.

    All figures of orders come from one pass over the orders; groups need a second one, over those of everybody.
    """
    compiler = _Compiler(account)
    holds = compiler.holds(condition)
    statement = select(_CONTACT.c.id).where(
        _CONTACT.c.deleted_at.is_(None), _CONTACT.c.merged_into.is_(None), func.coalesce(holds, False)
    )
    given = bindparam("given", list(contacts or ()), ARRAY(Uuid))
    if contacts is not None:
        statement = statement.where(_CONTACT.c.id == any_(given))
    if compiler.figures:
        orders = select(_ORDER.c.contact_id, *compiler.figures).where(
            _ORDER.c.contact_id.is_not(None), _ORDER.c.date <= account.now, or_(*compiler.counted)
        )
        if contacts is not None:
            orders = orders.where(_ORDER.c.contact_id == any_(given))
        figures = orders.group_by(_ORDER.c.contact_id).subquery("figures")
        statement = statement.outerjoin_from(_CONTACT, figures, figures.c.contact_id == _CONTACT.c.id)
    if compiler.edges is not None:
        statement = statement.join(compiler.edges, true())
    return statement


@dataclass(slots=True)
class _Compiler:
    account: Account
    figures: list[ColumnElement[Any]] = field(default_factory=list)  # Any: counts, sums, moments
    counted: list[ColumnElement[bool]] = field(default_factory=list)
    edges: Subquery | None = None

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
        return _compare(func.extract("epoch", self.account.now - found) / _DAY_SECONDS, node.op, node.value)

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
        edges = recency_edges(self.account.now, self.account.recency, self.account.zone)
        moments = bindparam(None, edges, ARRAY(DateTime(timezone=True)))
        recency = func.coalesce(len(edges) + 1 - func.width_bucket(last, moments), 0)
        frequency = func.width_bucket(count, bindparam(None, list(self.account.frequency), ARRAY(Integer)))
        wanted = node.rfm
        parts: list[ColumnElement[bool]] = [
            cells.in_(given) for cells, given in ((recency, wanted.recency), (frequency, wanted.frequency)) if given
        ]
        if wanted.group:
            if self.edges is None:
                self.edges = score_edges(self.account.now)
            parts.append(in_groups(self.edges, last, count, wanted.group))
        return and_(true(), *parts)

    def _happened(self, node: Happened) -> ColumnElement[bool]:
        found = exists().where(
            _EVENT.c.contact_id == _CONTACT.c.id, _EVENT.c.event_type == node.event, _EVENT.c.effect != Effect.TEST
        )
        if node.within:
            found = found.where(_EVENT.c.occurred_at > self.account.now - timedelta(days=node.within))
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
            found = found.where(_MESSAGE.c.sent_at > self.account.now - timedelta(days=node.within))
        return found if node.happened else not_(found)

    def _orders(self, wanted: OrderFilter, *, money: bool) -> ColumnElement[bool]:
        currency = wanted.currency or (self.account.currency if money else None)
        parts: list[ColumnElement[bool]] = [_ORDER.c.status.in_(wanted.status)]
        for name, value in (("source", wanted.source), ("store_id", wanted.store), ("currency", currency)):
            if value is not None:
                parts.append(_ORDER.c[name] == value)
        for name, value in (("externalItemId", wanted.item), ("category", wanted.category)):
            if value is not None:
                parts.append(_ORDER.c["items"].contains([{name: value}]))
        if wanted.within:
            parts.append(_ORDER.c.date > self.account.now - timedelta(days=wanted.within))
        return and_(*parts)

    def _add(
        self, aggregate: Any, where: ColumnElement[bool], kind: TypeEngine[Any] | None = None
    ) -> ColumnElement[Any]:  # Any: an aggregate of any type
        name = f"figure_{len(self.figures)}"
        self.figures.append(aggregate.filter(where).label(name))
        self.counted.append(where)
        return column(name, kind) if kind is not None else column(name)


def _compare(left: ColumnElement[Any], operator: str, value: Any) -> ColumnElement[bool]:  # Any: numbers
    method = {"eq": "__eq__", "ne": "__ne__", "gt": "__gt__", "gte": "__ge__", "lt": "__lt__", "lte": "__le__"}
    compared: ColumnElement[bool] = getattr(left, method[operator])(value)
    return compared


def _field(node: ContactField) -> ColumnElement[bool]:
    own = node.contact.removeprefix("fields.")
    value = _CONTACT.c["fields"][own].astext if own != node.contact else _CONTACT.c[node.contact]
    answers: dict[str, ColumnElement[bool]] = {
        "eq": value == node.value,
        "ne": func.coalesce(value, "") != node.value,
        "contains": func.strpos(func.lower(value), func.lower(node.value)) > 0,
        "is_set": func.coalesce(value, "") != "",
    }
    return answers[node.op]
