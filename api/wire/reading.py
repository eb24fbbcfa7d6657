"""One raw order of a request → accepted with its identities and warnings, or failed with the reasons. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Self

from pydantic import ValidationError

from api.wire.dates import in_utc
from api.wire.failure import errors_of_document, errors_of_order, failed, missing_identity, not_an_object
from api.wire.identity import Identities, match_email, match_external_id, match_phone
from api.wire.order import OrderIn
from api.wire.outcome import AcceptedOrder, FailedOrder, FieldError
from api.wire.presence import Present, present_fields, write_out_numbers
from api.wire.warning import warnings_of
from core.settings import Settings


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
    errors = _identity_errors(present.known, rules) + _document_errors(present)
    try:
        order = _validated(present.known)
    except ValidationError as error:
        return failed(index, present.known, errors + errors_of_order(error, present.known))
    if errors:
        return failed(index, present.known, errors)
    given = _given(order, present, rules.zone)
    identities = _identities(given, rules)
    warnings = warnings_of(index, given, identities)
    return AcceptedOrder(index, order.external_order_id, given, warnings, *identities)


def _identity_errors(known: Mapping[str, Any], rules: OrderRules) -> list[FieldError]:
    """missing_identity, unless there is an e-mail, a phone (be they unusable) or an id that is not a guest's."""
    if rules.accept_anonymous or _says(known.get("email")) or _says(known.get("phone")):
        return []
    customer = known.get("externalCustomerId")
    if isinstance(customer, str):
        return [] if match_external_id(customer, rules.guest_ids) else [missing_identity()]
    return [missing_identity()] if customer is None else []  # what is no text is an error of its own


def _says(value: object) -> bool:
    return bool(value.strip()) if isinstance(value, str) else value is not None


def _document_errors(present: Present) -> list[FieldError]:
    """What keeps additionalInfo and the fields that the contract does not know from being stored."""
    errors: list[FieldError] = []
    info = present.known.get("additionalInfo")
    if info and isinstance(info, dict):
        errors += errors_of_document(info, "additionalInfo")
    for number, extra in present.extra_of_items.items():
        errors += errors_of_document(extra, f"items[{number}]")
    if present.extra:
        errors += errors_of_document(present.extra)
    return errors


def _validated(known: dict[str, Any]) -> OrderIn:
    try:
        return OrderIn.model_validate(known)
    except ValidationError:
        if not write_out_numbers(known):
            raise
    return OrderIn.model_validate(known)


def _given(order: OrderIn, present: Present, zone: tzinfo) -> dict[str, Any]:
    given: dict[str, Any] = {column: value for column, value in order.__dict__.items() if value is not None}
    given["date"] = in_utc(order.date, zone)
    if order.status_date is not None:
        given["status_date"] = in_utc(order.status_date, zone)
    for number, extra in present.extra_of_items.items():
        given["items"][number]["extra"] = extra
    if present.extra:
        given["extra"] = present.extra
    return given


def _identities(given: Mapping[str, Any], rules: OrderRules) -> Identities:
    customer, email, phone = given.get("external_customer_id"), given.get("email"), given.get("phone")
    return Identities(
        match_external_id(customer, rules.guest_ids) if customer else None,
        match_email(email) if email else None,
        match_phone(phone, rules.phone_region) if phone else None,
    )
