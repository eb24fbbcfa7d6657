"""The five rules by which an order finds its contact (docs: orders API, "Matching an order to a contact"). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from store.tables.contact import IdentityKind


@dataclass(frozen=True, slots=True)
class Claim:
    """The normalised identities and the name that an order brings."""

    external_id: str | None
    email: str | None
    phone: str | None
    first_name: str | None = None
    last_name: str | None = None

    def value(self, kind: IdentityKind) -> str | None:
        """The claimed value of this kind."""
        return {IdentityKind.EXTERNAL: self.external_id, IdentityKind.EMAIL: self.email}.get(kind, self.phone)

    @property
    def identities(self) -> tuple[tuple[IdentityKind, str], ...]:
        """What is claimed, without what is absent."""
        return tuple((kind, value) for kind in IdentityKind if (value := self.value(kind)) is not None)


@dataclass(slots=True, eq=False)
class Person:
    """A contact while a batch is matched; `id` is None for one that is to be created."""

    id: UUID | None
    first_name: str | None = None
    last_name: str | None = None
    held: dict[IdentityKind, list[str]] = field(default_factory=dict)
    added: list[tuple[IdentityKind, str]] = field(default_factory=list)
    changed: bool = False

    @property
    def has_external_id(self) -> bool:
        """Whether an externalCustomerId is paired with this contact."""
        return bool(self.held.get(IdentityKind.EXTERNAL))


@dataclass(frozen=True, slots=True)
class Match:
    """Whom an order belongs to, and whether its identities point to different people."""

    person: Person
    conflict: bool


class Directory:
    """Everybody who holds an identity that the batch claims, the latest updated first."""

    def __init__(self, match_order: Sequence[str]) -> None:
        self._lookups = tuple(IdentityKind(kind) for kind in match_order)
        self._holders: dict[tuple[IdentityKind, str], list[Person]] = {}
        self.created: list[Person] = []

    def add_holder(self, person: Person, kind: IdentityKind, value: str) -> None:
        """Make a stored identity known; call in the order of preference."""
        self._holders.setdefault((kind, value), []).append(person)

    def match(self, claim: Claim) -> Match | None:
        """The contact of a claim, created when nobody fits. None when nothing is claimed."""
        if not claim.identities:
            return None
        found = self._find(claim)
        conflict = found is not None and any(
            holders and found not in holders
            for holders in (self._holders.get(identity) for identity in claim.identities)
        )
        person = found or self._create()
        self._fill(person, claim)
        return Match(person, conflict)

    def _find(self, claim: Claim) -> Person | None:
        if claim.external_id is not None:
            paired = self._holders.get((IdentityKind.EXTERNAL, claim.external_id))
            if paired:
                return paired[0]
        for kind in self._lookups:
            value = claim.value(kind)
            for person in self._holders.get((kind, value), ()) if value is not None else ():
                if claim.external_id is None or not person.has_external_id:
                    return person
        return None

    def _create(self) -> Person:
        person = Person(id=None)
        self.created.append(person)
        return person

    def _fill(self, person: Person, claim: Claim) -> None:
        """Add what the contact lacks; nothing it has is overwritten."""
        for kind, value in claim.identities:
            if not person.held.get(kind):
                person.held[kind] = [value]
                person.added.append((kind, value))
                self._holders.setdefault((kind, value), []).insert(0, person)
        for name in ("first_name", "last_name"):
            given = getattr(claim, name)
            if given and not getattr(person, name):
                setattr(person, name, given)
                person.changed = True
