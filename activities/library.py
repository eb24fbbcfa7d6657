"""Definitions and templates that activities use again and again, compiled once."""

from collections import OrderedDict
from collections.abc import Collection, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from automation.definition import Definition
from automation.interpreter import Flow
from automation.template import CompiledTemplate, Template
from core.errors import NotFoundError
from store.automations import load_definitions
from store.templates import latest_template

_MOST_KEPT = 1000

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """The last used values, at most `limit` of them. Only for what never changes under its key."""

    def __init__(self, limit: int = _MOST_KEPT) -> None:
        self._limit = limit
        self._kept: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The value, now the last used one."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def put(self, key: K, value: V) -> V:
        """Keep a value; the one that was not used for longest goes."""
        self._kept[key] = value
        if len(self._kept) > self._limit:
            self._kept.popitem(last=False)
        return value


@dataclass(frozen=True)
class Library:
    """Published versions never change, so what was compiled stays right."""

    _flows: Recent[UUID, Flow] = field(default_factory=Recent)
    _templates: Recent[UUID, CompiledTemplate] = field(default_factory=Recent)

    async def flows(self, session: AsyncSession, version_ids: Collection[UUID]) -> dict[UUID, Flow]:
        """The compiled definitions of these versions, with one query for those not seen before."""
        known = {version_id: flow for version_id in version_ids if (flow := self._flows.get(version_id))}
        stored = await load_definitions(session, [one for one in version_ids if one not in known])
        for version_id, definition in stored.items():
            known[version_id] = self._flows.put(version_id, Flow(Definition.model_validate(definition)))
        return known

    async def flow(self, session: AsyncSession, version_id: UUID) -> Flow:
        """One compiled definition. Raises NotFoundError."""
        try:
            return (await self.flows(session, [version_id]))[version_id]
        except KeyError:
            raise NotFoundError("version", str(version_id)) from None

    async def template(self, session: AsyncSession, name: str) -> CompiledTemplate:
        """The newest version of a template. Raises NotFoundError, or TemplateError when it cannot be compiled."""
        stored = await latest_template(session, name)
        if stored is None:
            raise NotFoundError("template", name)
        known = self._templates.get(stored.version_id)
        return known or self._templates.put(stored.version_id, CompiledTemplate(Template.model_validate(stored.ready)))
