"""Which column of a CSV file is which field of an order: read from a YAML file, or guessed from the headings."""

from collections.abc import Mapping as Named
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from api.problems import Problem
from api.wire.body import parse_json
from api.wire.order import ITEM_FIELDS
from cli.importing.headings import guess_field
from core.document import ORDER_FIELDS, OrderStatus
from core.errors import InvalidError

REQUIRED = ("externalOrderId", "totalCost", "status", "date")

_FIELDS = frozenset(ORDER_FIELDS.values()) - {"extra"}
_AMOUNTS = frozenset({"totalCost", "shipping", "discount", "taxes", "items.quantity", "items.cost"})
_DATES = frozenset({"date", "statusDate"})
_DOCUMENTS = frozenset({"items", "additionalInfo"})


class Mapping(BaseModel):
    """The mapping file. Columns that it does not name are kept under their own names; `null` leaves one out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: dict[str, str | None] = Field(description="Heading → field, `items.<field>` or `additionalInfo.<name>`.")
    constants: dict[str, str] = Field({}, description="Fields that are the same in every order.")
    statuses: dict[str, OrderStatus] = Field({}, description="The shop's words for statuses.")
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    date_format: str | None = Field(None, description="As of strptime; else ISO 8601.")
    decimal_comma: bool = False

    @field_validator("columns")
    @classmethod
    def _fields_exist(cls, columns: dict[str, str | None]) -> dict[str, str | None]:
        for heading, field in columns.items():
            if field is not None and not _is_field(field):
                msg = f"{heading!r} is mapped to {field!r}, which is no field of an order"
                raise ValueError(msg)
        return columns

    @cached_property
    def by_item(self) -> bool:
        """Whether a row is an item, so that rows of one order belong together."""
        return any(field and field.startswith("items.") for field in self.columns.values())

    @cached_property
    def key_column(self) -> str | None:
        """The column of externalOrderId."""
        return next((column for column, field in self.columns.items() if field == "externalOrderId"), None)

    @cached_property
    def _own_names(self) -> dict[str, str]:
        """Where a column goes that is not mapped and has the name of a field that another column is mapped to."""
        return {field: f"additionalInfo.{field}" for field in self.columns.values() if field and field in _FIELDS}

    def require(self, headings: Sequence[str]) -> None:
        """Raises InvalidError when the file lacks a column that is mapped, or an order would lack a field."""
        absent = [column for column in self.columns if column not in headings]
        if absent:
            msg = f"the file has no column {', '.join(map(repr, absent))}; it has {', '.join(map(repr, headings))}"
            raise InvalidError(msg)
        missing = [field for field in REQUIRED if field not in {*self.columns.values(), *self.constants}]
        if missing:
            msg = (
                f"no column is mapped to {', '.join(missing)}; write a mapping file "
                "(columns: {heading: field}, constants: {field: value}) and pass it with --mapping"
            )
            raise InvalidError(msg)

    def order_of(self, rows: Sequence[Named[str, str]]) -> dict[str, Any]:  # Any: a raw order
        """The raw order that these rows make: its fields from the first that has them, an item from each."""
        order: dict[str, Any] = dict(self.constants)  # Any: a raw order
        items: list[dict[str, object]] = []
        notes: dict[str, object] = {}
        for row in rows:
            item: dict[str, object] = {}
            for column, text in row.items():
                field = self.columns.get(column, self._own_names.get(column, column))
                if field is None or text == "":
                    continue
                value = self._value(field, text)
                if field.startswith("items."):
                    item[field.removeprefix("items.")] = value
                elif field.startswith("additionalInfo."):
                    notes.setdefault(field.removeprefix("additionalInfo."), value)
                elif field in self.constants or field not in order:
                    order[field] = value
            if item:
                items.append(item)
        info = order.get("additionalInfo") or {}
        if notes and isinstance(info, dict):  # else the check of the order names it
            order["additionalInfo"] = notes | info
        return order | ({"items": items} if items else {})

    def _value(self, field: str, text: str) -> object:
        if field == "status":
            return self.statuses.get(text, text)
        if field in _AMOUNTS and self.decimal_comma:
            return "".join(text.split()).replace(",", ".")
        if field in _DATES and self.date_format:
            with suppress(ValueError):  # then the check of the order names it
                return datetime.strptime(text, self.date_format).isoformat()  # noqa: DTZ007 (the account's zone)
        if field in _DOCUMENTS:
            with suppress(Problem):
                return parse_json(text.encode(errors="surrogatepass"))
        return text


def read_mapping(file: Path) -> Mapping:
    """The mapping in a YAML file. Raises InvalidError, which says what is wrong in it."""
    try:
        return Mapping.model_validate(yaml.safe_load(file.read_text("utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        msg = f"{file} is not YAML: {error}"
        raise InvalidError(msg) from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        msg = f"{file}: {faults}"
        raise InvalidError(msg) from error


def guess_mapping(headings: Sequence[str]) -> Mapping:
    """What the headings seem to mean. A field is given to one column only, the first that fits."""
    columns: dict[str, str | None] = {}
    for heading in headings:
        field = guess_field(heading)
        if field and field not in columns.values():
            columns[heading] = field
    return Mapping(columns=columns)


def mapping_yaml(mapping: Mapping) -> str:
    """As a mapping file that says the same."""
    return yaml.safe_dump(mapping.model_dump(mode="json", exclude_defaults=True), allow_unicode=True, sort_keys=False)


def _is_field(field: str) -> bool:
    head, _, rest = field.partition(".")
    if head == "items" and rest:
        return rest in ITEM_FIELDS
    return bool(rest) if head == "additionalInfo" and rest else field in _FIELDS
