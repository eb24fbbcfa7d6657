"""Recency, frequency, monetary: the edges of the grid, the scores, and the named groups, all in one table each."""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

NEVER = 0
"""Recency of who has no DELIVERED order; their frequency is 0 too."""

_SPAN = re.compile(r"(\d+)([dm])", re.ASCII)
_MONTHS = 12
BEST = 5
"""The scores are 1 to this."""


GroupName = Literal["champions", "loyal", "new", "promising", "cannot_lose", "at_risk", "lost"]


class Group(NamedTuple):
    """Contacts whose scores, 1 (worst) to 5 (best), lie in these ranges, both ends included."""

    name: GroupName
    recency: tuple[int, int]
    frequency: tuple[int, int]


GROUPS = (
    Group("champions", (4, 5), (4, 5)),
    Group("loyal", (3, 5), (3, 5)),
    Group("new", (5, 5), (1, 1)),
    Group("promising", (3, 5), (1, 2)),
    Group("cannot_lose", (1, 2), (4, 5)),
    Group("at_risk", (2, 2), (1, 3)),
    Group("lost", (1, 1), (1, 3)),
)
"""The first that fits is meant; together they cover every score."""


def group_of(recency: int, frequency: int) -> GroupName:
    """The group of these scores."""
    return next(
        group.name
        for group in GROUPS
        if group.recency[0] <= recency <= group.recency[1] and group.frequency[0] <= frequency <= group.frequency[1]
    )


def back(moment: datetime, span: str, zone: ZoneInfo) -> datetime:
    """The moment `15d` or `3m` earlier on the zone's clock, in UTC; the 31st becomes a shorter month's last day."""
    found = _SPAN.fullmatch(span)
    if not found:
        msg = f"{span!r} is not a length such as 15d or 3m"
        raise ValueError(msg)
    local, length = moment.astimezone(zone), int(found[1])
    if found[2] == "d":
        return (local - timedelta(days=length)).astimezone(UTC)
    year, month = divmod(local.year * _MONTHS + local.month - 1 - length, _MONTHS)
    day = min(local.day, monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day).astimezone(UTC)


def recency_edges(moment: datetime, spans: Sequence[str], zone: ZoneInfo) -> list[datetime]:
    """The moments between the cells, oldest first. An order exactly on an edge belongs to the more recent cell."""
    return sorted(back(moment, span, zone) for span in spans)


def recency_labels(spans: Sequence[str]) -> list[str]:
    """Headings of the cells by their number: never, up to 15 days, …, more."""
    units = {"d": "day", "m": "month"}
    words = [f"≤ {span[:-1]} {units[span[-1]]}{'' if span[:-1] == '1' else 's'}" for span in spans]
    return ["never", *words, f"> {words[-1].removeprefix('≤ ')}"]


def frequency_labels(bounds: Sequence[int]) -> list[str]:
    """Headings of the cells by their number, from the least count of each: 0, 1, 2, 3–4, …, 11 and more."""
    inner = [str(low) if high == low + 1 else f"{low}–{high - 1}" for low, high in pairwise(bounds)]
    return ["0" if bounds[0] == 1 else f"0–{bounds[0] - 1}", *inner, f"{bounds[-1]}+"]
