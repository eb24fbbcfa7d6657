"""A contact as the API shows it: the public shape of the original, and what is ours."""

from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]  # Any: columns and JSON
_TYPES = {"email": "email", "phone": "sms"}
_EXTERNAL = "external_customer_id"


def contact_document(row: Row) -> dict[str, Any]:  # Any: JSON values
    """One contact. What it lacks is null; lists are always there."""
    external = [one["value"] for one in row["identities"] if one["kind"] == _EXTERNAL]
    return {
        "id": row["id"],
        "externalCustomerId": external[0] if external else None,
        "firstName": row["first_name"],
        "lastName": row["last_name"],
        "channels": [
            {"type": _TYPES[one["kind"]], "value": one["value"]} for one in row["identities"] if one["kind"] in _TYPES
        ],
        "languageCode": row["language"],
        "timeZone": row["time_zone"],
        "fields": [{"id": name, "value": value} for name, value in (row["fields"] or {}).items()],
        "identityConflict": row["identity_conflict"],
        "suppressed": row["suppressions"],
        "identities": [
            {
                "type": _TYPES.get(one["kind"], "externalCustomerId"),
                "value": one["value"],
                "provenance": one["provenance"],
                "mergedFrom": one["merged_from"],
                "since": one["since"],
            }
            for one in row["identities"]
        ],
        "mergedContacts": row["merged"],
        "source": row["source"],
        "createdAt": row["created_at"],
        "updatedAt": row["updated_at"],
    }


def export_document(contact: Row, parts: Mapping[str, Sequence[Row]]) -> dict[str, Any]:  # Any: JSON values
    """Everything that is known of a contact, under the names of our columns."""
    return {"contact": contact_document(contact), **parts}
