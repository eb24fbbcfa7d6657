"""The body of POST /api/v1/event: the wire of the original API."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from api.problems import Problem
from api.wire.document import check_document
from api.wire.identity import match_email, match_external_id, match_phone
from api.wire.reading import OrderRules
from api.wire.small import read_model
from store.directory import Claim

MAX_EVENT_BYTES = 20 * 1024
MAX_TYPE = 100
MAX_KEY = 300

_IDENTITIES = {
    "contactId": ("contactId",),
    "externalCustomerId": ("externalCustomerId",),
    "email": ("email", "EmailAddress"),
    "phone": ("phone", "SMS"),
}
"""Parameters by which an event finds its contact, with their older names; the key falls back to them in this order."""


def _as_text(value: object) -> object:
    """A number as its text; what is blank is absent."""
    if isinstance(value, str) and not value.strip():
        return None
    return str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


_Key = StringConstraints(max_length=MAX_KEY, pattern=r"^[^\x00]*$")
_TypeKey = StringConstraints(max_length=MAX_TYPE, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")


class ParamIn(BaseModel):
    """A parameter. Automations read it as `event.<name>`."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00]*$")] = Field(
        description="Its name."
    )
    value: Any = Field(None, description="Any JSON.")


class EventIn(BaseModel):
    """One event of the shop's own."""

    model_config = ConfigDict(alias_generator=to_camel)

    event_type_key: Annotated[str, _TypeKey] = Field(
        description="The type; one that is new is created.", examples=["favoriteAdded"]
    )
    key_value: Annotated[Annotated[str, _Key] | None, BeforeValidator(_as_text)] = Field(
        None, description="The key; else contactId, externalCustomerId, email or phone of the parameters."
    )
    params: list[ParamIn] = Field(default_factory=list, description="Parameters; of two with one name the last counts.")


@dataclass(frozen=True, slots=True)
class PostedEvent:
    """A valid event, and what it says about whose it is."""

    event_type: str
    event_key: str
    params: dict[str, Any]  # Any: JSON
    contact_id: UUID | None
    claim: Claim
    external_order_id: str | None


def read_event(raw: bytes, rules: OrderRules) -> PostedEvent:
    """The event of a body. Raises Problem 400 that names the field."""
    event = read_model(raw, EventIn)
    params = {one.name: one.value for one in event.params}
    fault = check_document(params, "params")
    if fault:
        raise Problem(
            400,
            fault.code,
            f"{fault.place} {fault.message}",
            remedy="Correct the parameter and send the event again.",
            extra={"field": fault.place},
        )
    texts = {name: _text(params, names) for name, names in _IDENTITIES.items()}
    key = event.key_value or next((value for value in texts.values() if value), None)
    if key is None:
        raise Problem(
            400,
            "missing_key",
            "The event has no keyValue, and no parameter that could stand in for it.",
            remedy="Send keyValue, or a parameter contactId, externalCustomerId, email or phone.",
            extra={"field": "keyValue"},
        )
    return PostedEvent(
        event.event_type_key.strip(),
        key[:MAX_KEY],
        params,
        _uuid(texts["contactId"]),
        _claim(texts, params, rules),
        _text(params, ("externalOrderId",)),
    )


def _claim(texts: Mapping[str, str | None], params: Mapping[str, Any], rules: OrderRules) -> Claim:  # Any: JSON
    external, email, phone = (texts[name] for name in ("externalCustomerId", "email", "phone"))
    return Claim(
        external_id=match_external_id(external, rules.guest_ids) if external and len(external) <= MAX_KEY else None,
        email=match_email(email) if email else None,
        phone=match_phone(phone, rules.phone_region) if phone else None,
        first_name=_text(params, ("firstName",)),
        last_name=_text(params, ("lastName",)),
    )


def _text(params: Mapping[str, Any], names: tuple[str, ...]) -> str | None:  # Any: JSON
    for name in names:
        value = _as_text(params.get(name))
        if isinstance(value, str):
            return value
    return None


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
