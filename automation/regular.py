"""Regular automations: those that start from a segment, on a schedule."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from automation.model import Definition, definition_json
from automation.moments import resolve
from automation.outline import walk
from automation.problems import Problem, place_of
from automation.rules import StopOnEvent
from automation.schedule import Schedule, read_clock

MEMBER = "segmentMember"
"""Type of the event by which a look at a segment tells an automation of one member; its key is the segment."""


def zone_of(schedule: Schedule, account_zone: str) -> str:
    """The IANA name of the zone whose clock the schedule goes by."""
    return account_zone if schedule.zone == "account" else schedule.zone


def due_moment(schedule: Schedule, moment: datetime, account_zone: str) -> datetime:
    """The moment for which a look counts, in UTC.

    The time of day that the clocks show twice, when they are set back, is one look: the first. A look that somebody
    started at another time counts for itself.
    """
    zone = ZoneInfo(zone_of(schedule, account_zone))
    wall = moment.astimezone(zone).replace(tzinfo=None, fold=0)
    return resolve(wall, zone) if wall.time() == read_clock(schedule.at) else moment


def orderless(definition: Definition) -> Iterator[Problem]:
    """What an automation that starts from a segment cannot do: its runs have a contact, and no order of their own."""
    if definition.start.segment is None:
        return
    if any(field.startswith("order.") for field in _fields(definition_json(definition)["start"].get("where"))):
        yield Problem("start.where", "a start from a segment has no order; the segment's definition can ask for orders")
    for number, rule in enumerate(definition.stop):
        if isinstance(rule, StopOnEvent) and rule.match == "order":
            yield Problem(f"stop[{number}].match", "a run from a segment has no order of its own: write match: contact")
    for node in walk(definition_json(definition)["steps"]):
        if node.kind == "wait_for" and node.body.get("match", "order") == "order":
            place = place_of((*node.path, "match"))
            yield Problem(place, "a run from a segment has no order of its own: write match: contact")


def _fields(where: Any) -> Iterator[str]:  # a condition's JSON
    if isinstance(where, dict):
        for key, value in where.items():
            if key == "items":
                yield "order.items"
            elif key in ("field", "of") and isinstance(value, str):
                yield value
            elif key != "value":
                yield from _fields(value)
    elif isinstance(where, list):
        for each in where:
            yield from _fields(each)
