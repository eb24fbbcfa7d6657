"""One raw order of a request → accepted with its identities and warnings, or failed with the reasons. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Self

from pydantic import ValidationError

from api.wire.dates import in_utc
from api.wire.failure import errors_of_document, errors_of_order, failed, missing_identity, not_an_object
from api.wire.identity import Identities, match_email, match_external_id, match_phone
from api.wire.order import ITEM_FIELDS, OrderIn
from api.wire.outcome import AcceptedOrder, FailedOrder, FieldError
from api.wire.presence import present_fields, write_out_numbers
from api.wire.warning import warnings_of
from core.document import ORDER_FIELDS
from core.settings import Settings

_ORDER_FIELDS = frozenset(ORDER_FIELDS.values()) - {"extra"}


@dataclass(frozen=True, slots=True)
class OrderRules:
    """What the account's settings say about reading orders."""

    zone: tzinfo
    default_currency: str
    phone_region: str
    guest_ids: frozenset[str]
    accept_anonymous: bool

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The rules that these settings make."""
        return cls(
            zone=settings.zone,
            default_currency=settings.account_currency,
            phone_region=settings.phone_region,
            guest_ids=frozenset(guest.casefold() for guest in settings.guest_ids),
            accept_anonymous=settings.accept_anonymous_orders,
        )


def read_order(index: int, raw: object, rules: OrderRules) -> AcceptedOrder | FailedOrder:
    """Check one order. Raises nothing, whatever `raw` is."""
    if not isinstance(raw, dict):
        return not_an_object(index)
    present = present_fields(raw)
    errors = _identity_errors(present, rules) + _document_errors(present)
    try:
        order = _validated(present)
    except ValidationError as error:
        return failed(index, present, errors + errors_of_order(error, present))
    if errors:
        return failed(index, present, errors)
    given = _given(order, present, rules.zone)
    identities = _identities(given, rules)
    warnings = warnings_of(index, given, identities)
    return AcceptedOrder(index, order.external_order_id, given, warnings, *identities)


def _validated(present: dict[str, Any]) -> OrderIn:
    try:
        return OrderIn.model_validate(present)
    except ValidationError:
        if not write_out_numbers(present):
            raise
    return OrderIn.model_validate(present)


def _identity_errors(present: Mapping[str, Any], rules: OrderRules) -> list[FieldError]:
    """missing_identity, unless there is an e-mail, a phone (be they unusable) or an id that is not a guest's."""
    if rules.accept_anonymous or _says(present.get("email")) or _says(present.get("phone")):
        return []
    customer = present.get("externalCustomerId")
    if isinstance(customer, str):
        return [] if match_external_id(customer, rules.guest_ids) else [missing_identity()]
    return [missing_identity()] if customer is None else []  # what is no text is an error of its own


def _says(value: object) -> bool:
    return bool(value.strip()) if isinstance(value, str) else value is not None


def _document_errors(present: Mapping[str, Any]) -> list[FieldError]:
    """What keeps additionalInfo and the fields that the contract does not know from being stored."""
    errors: list[FieldError] = []
    info, items = present.get("additionalInfo"), present.get("items")
    if isinstance(info, dict):
        errors += errors_of_document(info, "additionalInfo")
    if isinstance(items, list):
        for number, item in enumerate(items):
            if isinstance(item, dict) and (extra := _unknown(item, ITEM_FIELDS)):
                errors += errors_of_document(extra, f"items[{number}]")
    if extra := _unknown(present, _ORDER_FIELDS):
        errors += errors_of_document(extra)
    return errors


def _unknown(fields: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    return {} if known.issuperset(fields) else {name: fields[name] for name in fields if name not in known}


def _given(order: OrderIn, present: Mapping[str, Any], zone: tzinfo) -> dict[str, Any]:
    given: dict[str, Any] = {column: value for column, value in order.__dict__.items() if value is not None}
    given["date"] = in_utc(order.date, zone)
    if order.status_date is not None:
        given["status_date"] = in_utc(order.status_date, zone)
    if order.items:
        given["items"] = [
            item | {"extra": extra} if (extra := _unknown(raw, ITEM_FIELDS)) else item
            for item, raw in zip(order.items, present["items"], strict=True)
        ]
    if extra := _unknown(present, _ORDER_FIELDS):
        given["extra"] = extra
    return given


def _identities(given: Mapping[str, Any], rules: OrderRules) -> Identities:
    customer, email, phone = given.get("external_customer_id"), given.get("email"), given.get("phone")
    return Identities(
        match_external_id(customer, rules.guest_ids) if customer else None,
        match_email(email) if email else None,
        match_phone(phone, rules.phone_region) if phone else None,
    )
