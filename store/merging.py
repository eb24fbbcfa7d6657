"""What a change makes of an order: the new row, and the effect of the event that records it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.document import ORDER_FIELDS, content_hash, snapshot
from store.tables.event import Effect

CONTENT = (
    "external_order_id", "status", "status_date", "date", "total_cost", "currency",
    "external_customer_id", "email", "phone", "first_name", "last_name",
    "shipping", "discount", "taxes",
    "restore_url", "status_description", "store_id", "delivery_method", "payment_method", "delivery_address", "source",
    "items", "additional_info", "extra",
)  # fmt: skip
"""The columns that a sender can set."""

_OF_STATUS = ("status", "status_date", "status_description")

IDENTITIES = ("match_external_id", "match_email", "match_phone")


_UNSEEN = {"version": 0, "contact_id": None, "identity_conflict": False}


@dataclass(frozen=True, slots=True)
class OrderChange:
    """One valid order of a request. `given` holds, by column, only what the request brought."""

    external_order_id: str
    given: Mapping[str, Any]  # Any: each column has its own type
    match_external_id: str | None
    match_email: str | None
    match_phone: str | None


@dataclass(frozen=True, slots=True)
class Merged:
    """A change applied: the row as it is now, and what goes into the event."""

    row: dict[str, Any]
    effect: Effect
    snapshot: dict[str, Any]
    event_status: str
    kept: list[str] | None
    """Fields of the snapshot that this change did not bring; None of a stale one, which the snapshot does not show."""


def merge(
    stored: Mapping[str, Any] | None,
    change: OrderChange,
    *,
    defaults: Mapping[str, Any],
    now: datetime,
    historical: bool,
) -> Merged:
    """Apply a change to the stored row, or make the first row of an order.

    Given fields replace, absent ones stay. With a statusDate before the stored one the event is `stale`: what it says
    is older than what is known, so it fills only what the order lacks, and nothing of its status.
    """
    row: dict[str, Any] = dict(stored) if stored else {**_UNSEEN, **defaults}
    given, effect = change.given, Effect.ACTS
    if stored and _is_stale(stored, change):
        effect = Effect.STALE
        given = {name: value for name, value in given.items() if stored[name] is None and name not in _OF_STATUS}
    content = {name: given.get(name, row.get(name)) for name in CONTENT}
    status = change.given.get("status", row.get("status"))
    digest = content_hash(content)
    kept = None if effect is Effect.STALE else _kept(content, given)
    if stored and digest == stored["content_hash"]:
        effect = Effect.UNCHANGED if effect is Effect.ACTS else effect
        return Merged(row, Effect.HISTORICAL if historical else effect, snapshot(content), status, kept)
    identities = {
        "match_external_id": change.match_external_id
        if "external_customer_id" in given
        else row.get("match_external_id"),
        "match_email": change.match_email if "email" in given else row.get("match_email"),
        "match_phone": change.match_phone if "phone" in given else row.get("match_phone"),
    }
    if stored and any(identities[name] != stored[name] for name in IDENTITIES):
        row["contact_id"] = None  # matched anew
    if not stored or content["status"] != stored["status"] or "status_date" in given:
        row["status_at"] = given.get("status_date") or now  # a stored statusDate is that of an earlier status
    row |= content | identities
    row |= {"version": row["version"] + 1, "content_hash": digest, "updated_at": now}
    return Merged(row, Effect.HISTORICAL if historical else effect, snapshot(content), status, kept)


def _kept(content: Mapping[str, Any], given: Mapping[str, Any]) -> list[str]:  # Any: columns
    """Nothing more than these names is needed to tell what was sent from what is stored."""
    return [
        ORDER_FIELDS[column] for column, value in content.items() if value is not None and given.get(column) is None
    ]


def _is_stale(stored: Mapping[str, Any], change: OrderChange) -> bool:
    said, known = change.given.get("status_date"), stored["status_date"]
    return said is not None and known is not None and said < known
