"""One order of a file, however it is written there."""

import json
from typing import Any, NamedTuple

from api.wire.outcome import FieldError
from cli.importing.lines import Place


class Record(NamedTuple):
    """`raw` is to be checked as an order of a request; `error` stands there instead when it cannot even be read."""

    line: int
    source: Any  # Any: the row as it stands in the file, for the reject file
    raw: object
    end: Place
    error: FieldError | None = None


def reject_line(record: Record, errors: tuple[FieldError, ...]) -> bytes:
    """A line of the reject file; `row` can be corrected and imported again."""
    first = errors[0]
    document = {
        "line": record.line,
        "code": first.code,
        "field": first.field,
        "message": first.message,
        "errors": [error._asdict() for error in errors],
        "row": record.source,
    }
    return json.dumps(document, default=str).encode() + b"\n"  # ASCII, so that any odd text survives
