"""Orders as JSON lines: one order of the API's shape a line."""

from collections.abc import Iterator

from api.problems import Problem
from api.wire.body import parse_json
from api.wire.outcome import FieldError
from cli.importing.lines import MAX_LINE_BYTES, Lines
from cli.importing.record import Record

_SHOWN = 2000


def json_records(lines: Lines) -> Iterator[Record]:
    """A record for each line that is not blank."""
    for content, too_long in lines:
        number = lines.place.line
        shown = content[:_SHOWN].decode(errors="replace").rstrip("\r\n")
        if too_long:
            error = FieldError("", "too_long", f"The line has more than {MAX_LINE_BYTES} bytes.")
            yield Record(number, shown, None, lines.place, error)
        elif content.strip():
            try:
                raw = parse_json(content)
            except Problem as problem:
                yield Record(number, shown, None, lines.place, FieldError("", problem.code, problem.detail))
            else:
                yield Record(number, raw, raw, lines.place)
