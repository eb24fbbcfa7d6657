"""What automations write into contacts."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.document import dump_json

_COLUMNS = {"firstName": "first_name", "lastName": "last_name", "language": "language", "timeZone": "time_zone"}
_UPDATE = text("""
    UPDATE contact SET
        first_name = CASE WHEN CAST(:own AS jsonb) ? 'first_name' THEN CAST(:own AS jsonb) ->> 'first_name' ELSE first_name END,
        last_name = CASE WHEN CAST(:own AS jsonb) ? 'last_name' THEN CAST(:own AS jsonb) ->> 'last_name' ELSE last_name END,
        language = CASE WHEN CAST(:own AS jsonb) ? 'language' THEN CAST(:own AS jsonb) ->> 'language' ELSE language END,
        time_zone = CASE WHEN CAST(:own AS jsonb) ? 'time_zone' THEN CAST(:own AS jsonb) ->> 'time_zone' ELSE time_zone END,
        fields = NULLIF(jsonb_strip_nulls(COALESCE(fields, '{}'::jsonb) || CAST(:fields AS jsonb)), '{}'::jsonb),
        updated_at = now()
    WHERE id = :id AND deleted_at IS NULL
""")  # noqa: E501 - four columns alike


async def set_contact_fields(session: AsyncSession, contact_id: UUID, values: Mapping[str, Any]) -> None:  # Any: JSON
    """Set fields by their names in facts; what is no column is a field of the shop's own. None takes one away."""
    own = {_COLUMNS[name]: value for name, value in values.items() if name in _COLUMNS}
    fields = {name: value for name, value in values.items() if name not in _COLUMNS}
    await session.execute(
        _UPDATE, {"id": contact_id, "own": dump_json(own).decode(), "fields": dump_json(fields).decode()}
    )
