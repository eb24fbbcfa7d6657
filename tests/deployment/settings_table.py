"""docs/settings.md, made from core/settings.py: `python -m tests.deployment.settings_table` writes it anew."""

from typing import Any

from pydantic.fields import FieldInfo

from core.settings import Settings
from tests.deployment.compose import ROOT

FILE = ROOT / "docs" / "settings.md"
_HEAD = """\
# Settings

Every process reads its settings once, from environment variables; this table is made from `core/settings.py`.
A wrong value ends the process with one line for each, which names the variable.

| variable | value | default | meaning |
| --- | --- | --- | --- |
"""


def settings_table() -> str:
    """The whole file."""
    schemas = Settings.model_json_schema()["properties"]
    return _HEAD + "".join(_row(name, field, schemas[name]) for name, field in Settings.model_fields.items())


def _row(name: str, field: FieldInfo, schema: dict[str, Any]) -> str:  # Any: JSON Schema
    cells = (f"`ORDERCUE_{name.upper()}`", _values(schema), _default(field.default), field.description or "")
    return f"| {' | '.join(cells)} |\n"


def _values(schema: dict[str, Any]) -> str:  # Any: JSON Schema
    """Which values are allowed, in words."""
    match schema:
        case {"anyOf": [first, *_]}:  # the other one is null
            words = _values(first)
        case {"enum": values}:
            words = _list(values)
        case {"type": "array", "items": {"enum": values}}:
            words = f"some of {_list(values)}, by commas"
        case {"type": "array"}:
            words = "texts, by commas"
        case {"type": "boolean"}:
            words = _list(["true", "false"])
        case {"type": "integer" | "number"}:
            words = _range(schema)
        case {"format": "password"}:
            words = "secret"
        case {"pattern": pattern}:
            words = _list([pattern])
        case _:
            words = schema.get("format", "text")
    return words


def _list(values: list[str]) -> str:
    return " ".join(f"`{value}`" for value in values)


def _range(schema: dict[str, Any]) -> str:  # Any: JSON Schema
    bounds = {
        "from": schema.get("minimum"),
        "over": schema.get("exclusiveMinimum"),
        "to": schema.get("maximum"),
    }
    kind = "whole number" if schema["type"] == "integer" else "number"
    return " ".join([kind, *(f"{word} {bound:g}" for word, bound in bounds.items() if bound is not None)])


def _default(value: Any) -> str:  # Any: the default of any field
    match value:
        case None:
            return ""
        case bool():
            return f"`{str(value).lower()}`"
        case tuple():
            return f"`{','.join(map(str, value))}`"
    return f"`{value}`"


if __name__ == "__main__":
    FILE.write_text(settings_table())
