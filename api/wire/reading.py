"""One raw order of a request → accepted with its identities and warnings, or failed with the reasons. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Self

from pydantic import ValidationError

from api.wire.dates import in_utc
from api.wire.failure import errors_of_document, errors_of_order, failed, missing_identity, not_an_object
from api.wire.identity import Identities, match_email, match_external_id, match_phone
from api.wire.order import ItemIn, OrderIn
from api.wire.outcome import AcceptedOrder, FailedOrder, FieldError
from api.wire.warning import warnings_of
from core.settings import Settings

_ITEM_FIELDS = frozenset(ItemIn.__annotations__)


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
    present = _present(raw)
    try:
        order = OrderIn.model_validate(present)
    except ValidationError as error:
        return failed(index, present, _identity_errors(present, rules) + errors_of_order(error, present))
    given = _given(order, rules.zone)
    if errors := _identity_errors(present, rules) + _document_errors(given):
        return failed(index, present, errors)
    identities = _identities(given, rules)
    warnings = warnings_of(index, given, identities)
    return AcceptedOrder(index, order.external_order_id, given, warnings, *identities)


def _present(raw: Mapping[str, Any]) -> dict[str, Any]:
    """A copy without what means absent (null and empty strings), items likewise."""
    present = _without_empty(raw)
    items = raw.get("items")
    if isinstance(items, list):
        present["items"] = [_without_empty(item) if isinstance(item, dict) else item for item in items]
    return present


def _without_empty(raw: Mapping[str, Any]) -> dict[str, Any]:
    if all(raw.values()):
        return dict(raw)
    return {key: value for key, value in raw.items() if value or (value is not None and value != "")}


def _identity_errors(present: Mapping[str, Any], rules: OrderRules) -> list[FieldError]:
    """missing_identity, unless there is an e-mail, a phone (be they unusable) or an id that is not a guest's."""
    if rules.accept_anonymous or _says(present.get("email")) or _says(present.get("phone")):
        return []
    customer = present.get("externalCustomerId")
    if _says(customer) and str(customer).strip().casefold() not in rules.guest_ids:
        return []
    return [missing_identity()]


def _says(value: object) -> bool:
    return bool(value.strip()) if isinstance(value, str) else value is not None


def _given(order: OrderIn, zone: tzinfo) -> dict[str, Any]:
    given: dict[str, Any] = {name: value for name, value in order.__dict__.items() if value is not None}
    given["status"] = order.status.value
    given["date"] = in_utc(order.date, zone)
    if order.status_date is not None:
        given["status_date"] = in_utc(order.status_date, zone)
    if order.items:
        given["items"] = [item if item.keys() <= _ITEM_FIELDS else _with_extra(item) for item in order.items]
    if order.extra:
        given["extra"] = order.extra
    return given


def _with_extra(item: Mapping[str, Any]) -> dict[str, Any]:
    known = {key: value for key, value in item.items() if key in _ITEM_FIELDS}
    return known | {"extra": {key: value for key, value in item.items() if key not in _ITEM_FIELDS}}


def _document_errors(given: Mapping[str, Any]) -> list[FieldError]:
    errors = []
    if "additional_info" in given:
        errors += errors_of_document(given["additional_info"], "additionalInfo")
    for number, item in enumerate(given.get("items", ())):
        if "extra" in item:
            errors += errors_of_document(item["extra"], f"items[{number}]")
    if "extra" in given:
        errors += errors_of_document(given["extra"])
    return errors


def _identities(given: Mapping[str, Any], rules: OrderRules) -> Identities:
    customer, email, phone = given.get("external_customer_id"), given.get("email"), given.get("phone")
    return Identities(
        match_external_id(customer, rules.guest_ids) if customer else None,
        match_email(email) if email else None,
        match_phone(phone, rules.phone_region) if phone else None,
    )
