"""Contacts that somebody adds or updates: found by what identifies them, changed as given, set-based."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from store.tables.contact import IdentityKind

VALUES = ("first_name", "last_name", "language", "time_zone")


class DedupeOn(StrEnum):
    """By what a contact of a request is found."""

    ID = "id"
    EXTERNAL = "externalCustomerId"
    EMAIL = "email"
    SMS = "sms"


_KINDS = {
    DedupeOn.EXTERNAL: IdentityKind.EXTERNAL,
    DedupeOn.EMAIL: IdentityKind.EMAIL,
    DedupeOn.SMS: IdentityKind.PHONE,
}
PLACES = {IdentityKind.EXTERNAL: "externalCustomerId", IdentityKind.EMAIL: "channels", IdentityKind.PHONE: "channels"}


@dataclass(frozen=True, slots=True)
class ContactChange:
    """One valid contact of a request. Only kinds and values that were given are there; those that are not stay."""

    index: int
    contact_id: UUID | None
    identities: Mapping[IdentityKind, tuple[str, ...]]
    values: Mapping[str, str]
    fields: Mapping[str, Any]  # Any: JSON scalars; None takes a field away
    unconfirmed: bool = False
    """There is no proof that new e-mails of the contact want messages."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a contact was not stored."""

    index: int
    code: str
    field: str
    message: str


@dataclass(slots=True, eq=False)
class Card:
    """A contact while a request is applied; `id` is None for one that is to be created."""

    id: UUID | None
    values: dict[str, str | None] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)  # Any: JSON scalars
    held: dict[IdentityKind, list[str]] = field(default_factory=dict)
    before: frozenset[tuple[IdentityKind, str]] = frozenset()
    changed: bool = False

    @property
    def now(self) -> frozenset[tuple[IdentityKind, str]]:
        """Identities as they are to be."""
        return frozenset((kind, value) for kind, values in self.held.items() for value in values)


class Cards:
    """Everybody whom a request may mean, the latest updated first."""

    def __init__(self, match_order: Sequence[str], dedupe_on: DedupeOn | None, now: datetime) -> None:
        self._lookups = tuple(IdentityKind(kind) for kind in match_order)
        self._dedupe_on = dedupe_on
        self._by_id: dict[UUID, Card] = {}
        self._holders: dict[tuple[IdentityKind, str], list[Card]] = {}
        self.created: list[Card] = []
        self.moment = now

    @property
    def stored(self) -> list[Card]:
        """Cards of contacts that existed before."""
        return list(self._by_id.values())

    def add(self, card: Card) -> None:
        """Make a stored contact known; call in the order of preference."""
        if card.id is not None:
            self._by_id[card.id] = card
        for identity in card.now:
            self._holders.setdefault(identity, []).append(card)

    def apply(self, change: ContactChange) -> Card | Refused:
        """Find or make the contact, and change it. A refusal changes nothing."""
        card = self._find(change)
        if isinstance(card, Refused):
            return card
        for value in change.identities.get(IdentityKind.EXTERNAL, ()):
            others = [one for one in self._holders.get((IdentityKind.EXTERNAL, value), ()) if one is not card]
            if others:
                return Refused(
                    change.index,
                    "identity_conflict",
                    "externalCustomerId",
                    "belongs to another contact; merge the two, or send the other one's id.",
                )
        if card is None:
            card = Card(id=None)
            self.created.append(card)
        self._change(card, change)
        return card

    def _find(self, change: ContactChange) -> Card | Refused | None:
        wanted = self._dedupe_on
        if wanted is DedupeOn.ID or (wanted is None and change.contact_id is not None):
            if change.contact_id is None:
                return _lacks(change, "id")
            found = self._by_id.get(change.contact_id)
            return found or Refused(change.index, "not_found", "id", "is no contact that we know; leave it out.")
        if wanted is None:
            return self._match(change)
        values = change.identities.get(_KINDS[wanted], ())
        if not values:
            return _lacks(change, PLACES[_KINDS[wanted]])
        return self._first((_KINDS[wanted], value) for value in values)

    def _match(self, change: ContactChange) -> Card | None:
        """As orders find their contact: one who has another externalCustomerId is not taken."""
        external = change.identities.get(IdentityKind.EXTERNAL, ())
        paired = self._first((IdentityKind.EXTERNAL, value) for value in external)
        if paired:
            return paired
        for kind in self._lookups:
            for value in change.identities.get(kind, ()):
                for card in self._holders.get((kind, value), ()):
                    if not external or not card.held.get(IdentityKind.EXTERNAL):
                        return card
        return None

    def _first(self, identities: Iterable[tuple[IdentityKind, str]]) -> Card | None:
        return next((card for identity in identities for card in self._holders.get(identity, ())), None)

    def _change(self, card: Card, change: ContactChange) -> None:
        """Given values replace; given channels replace those of their kind."""
        for kind, values in change.identities.items():
            for gone in set(card.held.get(kind, ())) - set(values):
                self._holders[(kind, gone)].remove(card)
            for come in set(values) - set(card.held.get(kind, ())):
                self._holders.setdefault((kind, come), []).insert(0, card)
            card.held[kind] = list(values)
        card.values |= change.values
        card.fields = {name: value for name, value in (card.fields | dict(change.fields)).items() if value is not None}
        card.changed = True


def _lacks(change: ContactChange, place: str) -> Refused:
    return Refused(change.index, "missing_field", place, "is what dedupeOn asks for; send it with each contact.")
