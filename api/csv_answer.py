"""Rows as CSV, for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi import Response
from pydantic.alias_generators import to_camel

from api.openapi import JSON
from core.document import dump_json

CSV = "text/csv"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_answer(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Response:  # Any: cells
    """A CSV file with a heading."""
    return Response(csv_text(rows, columns), media_type=CSV)


def csv_text(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, heading: bool = True) -> str:  # Any: cells
    """Rows as CSV. Text that a spreadsheet would run as a formula gets an apostrophe before it."""
    file = io.StringIO()
    writer = csv.writer(file)
    if heading:
        writer.writerow([to_camel(name) for name in columns])
    writer.writerows([_cell(row[name]) for name in columns] for row in rows)
    return file.getvalue()


def rows_answer(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, as_csv: bool, **more: object
) -> Response:  # Any: cells
    """The rows in the form that was asked for."""
    if as_csv:
        return csv_answer(rows, columns)
    return Response(dump_json({"rows": named_rows(rows)} | more), media_type=JSON)


def named_rows(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:  # Any: cells
    """The rows with the names of the API."""
    return [{to_camel(name): value for name, value in row.items()} for row in rows]


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
