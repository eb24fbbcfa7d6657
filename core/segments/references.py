"""What the condition of a segment asks for: its parts with their places, other segments, groups of the scores."""

from collections.abc import Iterator, Mapping

from core.errors import InvalidError
from core.segments.definition import AllOf, AnyOf, Condition, InSegment, Not, RfmCell


def each_condition(condition: Condition, place: str = "") -> Iterator[tuple[str, Condition]]:
    """The condition and everything below it, each with its place in the tree, such as `all.0.not`."""
    yield place, condition
    inside = f"{place}." if place else ""
    match condition:
        case AllOf():
            below = [(f"{inside}all.{n}", each) for n, each in enumerate(condition.all)]
        case AnyOf():
            below = [(f"{inside}any.{n}", each) for n, each in enumerate(condition.any)]
        case Not():
            below = [(f"{inside}not", condition.not_)]
        case _:
            below = []
    for at, each in below:
        yield from each_condition(each, at)


def segments_in(condition: Condition) -> frozenset[str]:
    """Names of the segments that it asks for."""
    return frozenset(each.segment for _, each in each_condition(condition) if isinstance(each, InSegment))


def asks_for_groups(condition: Condition) -> bool:
    """Whether the scores of the RFM decide it."""
    return any(isinstance(each, RfmCell) and bool(each.rfm.group) for _, each in each_condition(condition))


def in_order(asks: Mapping[str, frozenset[str]]) -> list[str]:
    """The segments so that each comes after those that it asks for. Raises InvalidError when they ask in a circle."""
    done: list[str] = []
    while len(done) < len(asks):
        ready = sorted(name for name in asks if name not in done and not (asks[name] & asks.keys()) - set(done))
        if not ready:
            circle = sorted(set(asks) - set(done))
            raise InvalidError(f"segments ask for each other in a circle: {', '.join(circle)}", field="segment")
        done += ready
    return done
