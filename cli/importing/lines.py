"""Lines of a file, packed or not, with the place behind each: where a killed import goes on."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

MAX_LINE_BYTES = 4 * 1024 * 1024
"""A longer line is rejected; nothing longer is held in memory."""

_GZIP = b"\x1f\x8b"


class Place(NamedTuple):
    """Between two lines: bytes of the unpacked file and lines before it."""

    position: int
    line: int


class Line(NamedTuple):
    """A line with its end, cut at MAX_LINE_BYTES."""

    content: bytes
    too_long: bool


class Lines(Iterator[Line]):
    """Reads on from a place; `place` is behind the line read last."""

    def __init__(self, stream: BinaryIO, place: Place) -> None:
        self._stream = stream
        self.place = place
        self.move(place)

    def move(self, place: Place) -> None:
        """Read on from there."""
        if self._stream.tell() != place.position:
            self._stream.seek(place.position)
        self.place = place

    def __next__(self) -> Line:
        content = self._stream.readline(MAX_LINE_BYTES)
        if not content:
            raise StopIteration
        size, part = len(content), content
        while not part.endswith(b"\n") and (part := self._stream.readline(MAX_LINE_BYTES)):
            size += len(part)
        self.place = Place(self.place.position + size, self.place.line + 1)
        return Line(content, size > len(content))


@contextmanager
def opened(file: Path) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """The unpacked content, and the file itself, whose `tell` says how much of it is read."""
    with file.open("rb") as raw:
        packed = raw.peek(2).startswith(_GZIP)
        if not packed:
            yield raw, raw
            return
        with gzip.open(raw, "rb") as unpacked:
            yield cast("BinaryIO", unpacked), raw  # it has all that we use
