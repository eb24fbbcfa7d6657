"""What the events of a batch start by themselves, before anything is known of other runs. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from activities.admission import Event, Wanted
from activities.library import Recent
from automation.interpreter import Flow
from automation.matching import Listeners, begin, dedupe_key
from automation.model import Definition
from automation.reasons import Code, reason
from automation.regular import MEMBER
from store.automations import Live
from store.decisions import unmatched_json

_DEEPEST = 10
"""An event that came of automations more than this many times in a row starts nothing: someone wrote a circle."""


_Concerned = tuple[Definition, Live, str]
"""An automation that listens to a type of event, and the id of its version as text."""


@dataclass
class Matched:
    """What the events mean by themselves."""

    wanted: dict[UUID, list[Wanted]] = field(default_factory=dict)
    """By event."""
    unmatched: dict[UUID, str] = field(default_factory=dict)
    """Event → JSON of why each version does not start. At once as text: tens of thousands of small objects that are
    kept until the end make the garbage collector cost as much as the matching."""

    @property
    def all(self) -> list[Wanted]:
        """Every launch that is wanted, in the order of the events."""
        return [one for some in self.wanted.values() for one in some]


@dataclass(frozen=True)
class Matcher:
    """Knows which automations listen to what, for the sets of live versions that it met last."""

    _listeners: Recent[tuple[UUID, ...], Listeners] = field(default_factory=lambda: Recent(8))

    def match(
        self,
        events: Sequence[Event],
        live: Sequence[Live],
        flows: Mapping[UUID, Flow],
        facts: Callable[[Event], dict[str, Any]],
    ) -> Matched:
        """Each event meets the automations that listen to it; the others are told from the batch's list of versions.

        Every pair of the two comes by here: what happens once for each pair is all that deciding costs.
        """
        versions = tuple(one.version_id for one in live)
        listeners = self._listeners.get(versions) or self._listeners.put(
            versions, Listeners((one.id, flows[one.version_id].definition) for one in live)
        )
        by_id = {one.id: one for one in live}
        concerned: dict[str, list[_Concerned]] = {}
        matched = Matched()
        for event in events:
            event_type = event["event_type"]
            if event_type not in concerned:
                concerned[event_type] = [
                    (one.definition, by_id[one.automation_id], str(by_id[one.automation_id].version_id))
                    for one in listeners.starting(event_type)
                ]
            unmatched: dict[str, dict[str, Any]] = {}
            seen, effect, too_deep = facts(event), event["effect"], event.get("depth", 0) > _DEEPEST
            for definition, one, version in _meant(event, concerned[event_type]):
                found = begin(definition, effect, seen)
                if not found.held:
                    unmatched[version] = found.reason
                elif too_deep:
                    unmatched[version] = reason(Code.EMITTED_TOO_DEEP, depth=_DEEPEST)
                else:
                    wanted = _wanted(event, one, flows[one.version_id], found.reason)
                    matched.wanted.setdefault(event["id"], []).append(wanted)
            if unmatched:
                matched.unmatched[event["id"]] = unmatched_json(unmatched)
        return matched


def _meant(event: Event, concerned: list[_Concerned]) -> list[_Concerned]:
    """An event of a look at a segment is for one automation, as long as that starts from this segment."""
    if event["event_type"] != MEMBER:
        return concerned if event["automation_id"] is None else []
    asks = event["automation_id"], event["event_key"]
    return [one for one in concerned if asks == (one[1].id, one[0].start.segment) or asks[0] is one[0].start.segment]


def _wanted(event: Event, live: Live, flow: Flow, why: dict[str, Any]) -> Wanted:
    key = dedupe_key(
        flow.definition,
        automation_id=live.id,
        event_id=event["id"],
        event_type=event["event_type"],
        order_id=event["order_id"],
        contact_id=event["contact_id"],
    )
    return Wanted(event, live, flow, key, why | ({"held": True} if live.paused else {}))
