"""Orders as CSV: a row an order, or a row an item, with the rows of an order one after the other."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from api.wire.order import MAX_ITEMS
from api.wire.outcome import FieldError
from cli.importing.lines import MAX_LINE_BYTES, Line, Lines, Place
from cli.importing.mapping import Mapping
from cli.importing.record import Record

_DELIMITERS = ",;\t|"


class Row(NamedTuple):
    """A row under its headings; `error` when it is none."""

    line: int
    values: dict[str, str]
    end: Place
    error: FieldError | None


class Header(NamedTuple):
    """The headings, and where the rows begin."""

    columns: tuple[str, ...]
    delimiter: str
    end: Place


def read_header(lines: Lines, delimiter: str | None) -> Header:
    """The first row. The delimiter is the one that stands in it most often, unless it is given."""
    text = _decoded(next(lines, Line(b"", too_long=False))).removeprefix("\ufeff")
    used = delimiter or max(_DELIMITERS, key=text.count)
    columns = next(csv.reader([text], delimiter=used), [])
    return Header(_distinct(column.strip() for column in columns), used, lines.place)


def _distinct(columns: Iterable[str]) -> tuple[str, ...]:
    """Headings that come again have their number behind them: `Note`, `Note 2`."""
    taken: list[str] = []
    for column in columns:
        names = (column, *(f"{column} {number}" for number in range(2, len(taken) + 3)))
        taken.append(next(name for name in names if name not in taken))
    return tuple(taken)


def csv_records(lines: Lines, header: Header, mapping: Mapping) -> Iterator[Record]:
    """A record for each order. Of more rows than an order may have items only the first are kept, and it fails."""
    group: list[Row] = []
    end = header.end
    for row in _rows(lines, header):
        if group and (row.error or not _same_order(group[0], row, mapping)):
            yield _record(group, end, mapping)
            group = []
        if row.error:
            yield Record(row.line, row.values, None, row.end, row.error)
            continue
        if len(group) <= MAX_ITEMS:
            group.append(row)
        end = row.end
    if group:
        yield _record(group, end, mapping)


def _same_order(first: Row, row: Row, mapping: Mapping) -> bool:
    column = mapping.key_column if mapping.by_item else None
    return column is not None and bool(row.values[column]) and first.values[column] == row.values[column]


def _record(group: Sequence[Row], end: Place, mapping: Mapping) -> Record:
    rows = [row.values for row in group]
    return Record(group[0].line, rows[0] if len(rows) == 1 else rows, mapping.order_of(rows), end)


def _rows(lines: Lines, header: Header) -> Iterator[Row]:
    csv.field_size_limit(MAX_LINE_BYTES)
    reader = _reader(lines, header)
    while True:
        start = lines.place
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:  # such as a quote that is opened and never closed: only its line is lost
            lines.move(start)
            broken = _decoded(next(lines))
            why = FieldError("", "not_csv", f"The row cannot be read ({error}).")
            yield Row(start.line + 1, {"": broken.rstrip("\r\n")[:2000]}, lines.place, why)
            reader = _reader(lines, header)
            continue
        if not any(cells):
            continue
        values = dict(zip(header.columns, cells, strict=False))
        yield Row(start.line + 1, values, lines.place, _misfit(cells, header))


def _reader(lines: Lines, header: Header) -> Iterator[list[str]]:
    return csv.reader(map(_decoded, lines), delimiter=header.delimiter, strict=True)


def _misfit(cells: Sequence[str], header: Header) -> FieldError | None:
    if len(cells) == len(header.columns):
        return None
    return FieldError("", "not_csv", f"The row has {len(cells)} cells, the first row has {len(header.columns)}.")


def _decoded(line: Line) -> str:
    # what is no UTF-8 becomes half of a surrogate pair, which the check of the order refuses and names
    return line.content.decode(errors="surrogateescape")
