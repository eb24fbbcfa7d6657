"""Feedback becomes rows, states of the ledger, suppressions and events: in the caller's transaction, set-based."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.document import dump_json
from core.feedback import Feedback, FeedbackKind, Progress
from store.custom_events import NewEvent, heard, record_events
from store.run_stops import Signals, stop_runs_of_unsubscribed
from store.suppressions import suppress

_FIND = text("""
    SELECT g.n, m.id FROM json_to_recordset(CAST(:rows AS json))
        AS g(n int, message_id uuid, channel text, provider_id text)
    JOIN LATERAL (
        SELECT id FROM message WHERE id = g.message_id
        UNION ALL
        SELECT id FROM message WHERE g.message_id IS NULL AND provider_id = g.provider_id AND channel = g.channel
        LIMIT 1) m ON true
""")
# A message that was never handed to a provider takes no feedback, whatever is told of it.
_LOCK = text("""
    SELECT m.id, m.state, m.bounce, CASE WHEN m.state = 'bounced' THEN m.reason ->> 'detail' END AS code,
           m.delivered_at, m.opened_at, m.clicked_at, m.bounced_at, m.complained_at, m.channel, m.address, m.step_id,
           m.template, r.order_id, r.contact_id, r.test, a.name AS automation, o.external_order_id,
           COALESCE(e.depth, 0) AS depth
    FROM message m JOIN run r ON r.id = m.run_id JOIN automation a ON a.id = r.automation_id
    LEFT JOIN "order" o ON o.id = r.order_id LEFT JOIN order_event e ON e.id = r.event_id
    WHERE m.id = ANY(:ids) AND m.attempts > 0 ORDER BY m.id FOR UPDATE OF m
""")
_CLICKED = text("""
    SELECT DISTINCT message_id, url FROM message_feedback WHERE message_id = ANY(:ids) AND kind = 'clicked'
""")
_INSERT = text("""
    INSERT INTO message_feedback (message_id, source, event_id, kind, at, url, code)
    SELECT message_id, source, event_id, kind, at, url, code FROM json_to_recordset(CAST(:rows AS json))
        AS g(n int, message_id uuid, source text, event_id text, kind text, at timestamptz, url text, code text)
    ORDER BY n ON CONFLICT (source, event_id) DO NOTHING RETURNING source, event_id
""")
# `reason` belongs to the state before, unless the message is bounced.
_UPDATE = text("""
    UPDATE message m SET updated_at = :now, bounce = g.bounce, delivered_at = g.delivered_at,
        opened_at = g.opened_at, clicked_at = g.clicked_at, bounced_at = g.bounced_at,
        complained_at = g.complained_at, state = g.state,
        reason = CASE WHEN g.state <> 'bounced' AND m.state = g.state THEN m.reason ELSE g.reason END,
        provider_id = COALESCE(m.provider_id, g.provider_id),
        sent_at = COALESCE(m.sent_at, m.claimed_at, CAST(:now AS timestamptz))
    FROM json_to_recordset(CAST(:rows AS json)) AS g(id uuid, state text, bounce text, reason jsonb, provider_id text,
        delivered_at timestamptz, opened_at timestamptz, clicked_at timestamptz, bounced_at timestamptz,
        complained_at timestamptz)
    WHERE m.id = g.id
""")
_TALLY = text("""
    INSERT INTO feedback_tally AS t (day, source, outcome, count)
    SELECT CAST(:now AS timestamptz)::date, source, outcome, count FROM json_to_recordset(CAST(:rows AS json))
        AS g(source text, outcome text, count bigint) ORDER BY source, outcome
    ON CONFLICT (day, source, outcome) DO UPDATE SET count = t.count + excluded.count
""")
EVENTS = {
    FeedbackKind.DELIVERED: "messageDelivered",
    FeedbackKind.OPENED: "messageOpened",
    FeedbackKind.CLICKED: "messageClicked",
    FeedbackKind.SOFT_BOUNCE: "messageBounced",
    FeedbackKind.HARD_BOUNCE: "messageBounced",
    FeedbackKind.COMPLAINED: "messageComplained",
}
_SUPPRESSIONS = {FeedbackKind.HARD_BOUNCE: "bounced", FeedbackKind.COMPLAINED: "complained"}
_MOMENTS = tuple(f"{name}_at" for name in ("delivered", "opened", "clicked", "bounced", "complained"))

Row = Mapping[str, Any]  # Any: columns


@dataclass(frozen=True)
class RecordedFeedback:
    """What came of some feedback. `outcomes` has `recorded`, `duplicate` or `unknown` for each, in their order."""

    outcomes: tuple[str, ...]
    batch_id: UUID | None
    """The events that it caused, to be processed after the commit."""
    signals: Signals
    """Runs that it ended, to be told after the commit."""


async def record_feedback(session: AsyncSession, given: Sequence[Feedback], *, now: datetime) -> RecordedFeedback:
    """Store what was told, each event of a source once, and what it means.

    A message takes a state only if it is further than its own. The address of a hard bounce or a complaint gets
    nothing any more. Each kind of feedback causes one event for a message, a click one for each link, while an
    automation names it.
    """
    found = {row.n: row.id for row in await session.execute(_FIND, {"rows": _rows(given)})}
    locked = await session.execute(_LOCK, {"ids": sorted(set(found.values()))})
    messages: dict[UUID, Row] = {row["id"]: dict(row) for row in locked.mappings()}
    known = {n: message_id for n, message_id in found.items() if message_id in messages}
    erased = {n for n, message_id in known.items() if messages[message_id]["address"] is None}
    given = [_without_url(one) if n in erased else one for n, one in enumerate(given)]
    outcomes = ["unknown"] * len(given)
    clicked = {tuple(row) for row in await session.execute(_CLICKED, {"ids": list(messages)})} if known else set()
    inserted = {tuple(row) for row in await session.execute(_INSERT, {"rows": _rows(given, known)})} if known else set()
    news: dict[UUID, list[Feedback]] = defaultdict(list)
    for n in sorted(known):
        key = (given[n].source, given[n].event_id)
        outcomes[n] = "recorded" if key in inserted else "duplicate"
        if key in inserted:
            inserted.discard(key)  # a second one of the same group is a duplicate
            news[known[n]].append(given[n])
    await _tally(session, given, outcomes, now)
    if not news:
        return RecordedFeedback(tuple(outcomes), None, [])
    before = {message_id: _progress(messages[message_id]) for message_id in news}
    after = {message_id: before[message_id].after(some) for message_id, some in news.items()}
    await _advance(session, after, news, now)
    signals = await _suppress(session, messages, news)
    batch_id = await _tell(session, [
        event
        for message_id, some in news.items()
        for event in _events(messages[message_id], before[message_id], some, clicked)
    ])  # fmt: skip
    return RecordedFeedback(tuple(outcomes), batch_id, signals)


def _without_url(one: Feedback) -> Feedback:
    """Of a message of somebody who was erased, no address of a page is kept: it may tell who it was."""
    return replace(one, url=None)


async def tally(session: AsyncSession, source: str, outcome: str, count: int, *, now: datetime) -> None:
    """Count what a provider told and what brings nothing to record."""
    rows = [{"source": source, "outcome": outcome, "count": count}]
    await session.execute(_TALLY, {"now": now, "rows": _json(rows)})


async def _tally(session: AsyncSession, given: Sequence[Feedback], outcomes: Sequence[str], now: datetime) -> None:
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for one, outcome in zip(given, outcomes, strict=True):
        if outcome != "recorded":
            counts[one.source, outcome] += 1
    if counts:
        rows = [{"source": source, "outcome": outcome, "count": n} for (source, outcome), n in counts.items()]
        await session.execute(_TALLY, {"now": now, "rows": _json(rows)})


async def _advance(
    session: AsyncSession, after: Mapping[UUID, Progress], news: Mapping[UUID, Sequence[Feedback]], now: datetime
) -> None:
    rows = [
        {
            "id": message_id,
            "state": one.state,
            "bounce": one.bounce,
            "reason": {"code": f"{one.bounce}_bounce", "detail": one.code} if one.state == "bounced" else None,
            "provider_id": next((each.provider_id for each in news[message_id] if each.provider_id), None),
        }
        | {name: getattr(one, name) for name in _MOMENTS}
        for message_id, one in after.items()
    ]
    await session.execute(_UPDATE, {"rows": _json(rows), "now": now})


async def _suppress(
    session: AsyncSession, messages: Mapping[UUID, Row], news: Mapping[UUID, Sequence[Feedback]]
) -> Signals:
    """Addresses that bounced or complained, by channel and reason; their contacts' runs end as if they unsubscribed."""
    groups: dict[tuple[str, str], set[str]] = defaultdict(set)
    for message_id, some in news.items():
        row = messages[message_id]
        for one in some:
            why = _SUPPRESSIONS.get(one.kind)
            if why and row["address"]:
                groups[row["channel"], why].add(row["address"])
    signals: Signals = []
    for (channel, why), addresses in sorted(groups.items()):
        await suppress(session, channel, addresses, why, provenance="feedback")
        signals += await stop_runs_of_unsubscribed(session, channel, addresses)
    return signals


def _events(
    row: Row, before: Progress, news: Sequence[Feedback], clicked: set[tuple[UUID, str | None]]
) -> list[NewEvent]:
    """One for each kind of feedback, and for each link, that is new to the message. Tests cause none."""
    events, told = [], {kind for kind in EVENTS if _was(before, kind)}
    for one in sorted(news, key=lambda each: each.at):
        if row["test"] or one.kind not in EVENTS:
            continue
        link = (row["id"], one.url)
        if link in clicked if one.kind == FeedbackKind.CLICKED else one.kind in told:
            continue
        clicked.add(link) if one.kind == FeedbackKind.CLICKED else told.add(one.kind)
        params = {
            "messageId": str(row["id"]),
            "automation": row["automation"],
            "step": row["step_id"],
            "channel": row["channel"],
            "template": row["template"],
            "url": one.url,
            "bounce": one.kind.removesuffix("_bounce") if one.kind.endswith("_bounce") else None,
            "code": one.code,
        }
        events.append(
            NewEvent(
                EVENTS[one.kind],
                row["external_order_id"] or str(row["id"]),
                {name: value for name, value in params.items() if value is not None},
                contact_id=row["contact_id"],
                order_id=row["order_id"],
                occurred_at=one.at,
                depth=row["depth"] + 1,
            )
        )
    return events


def _was(before: Progress, kind: FeedbackKind) -> bool:
    if kind in {FeedbackKind.SOFT_BOUNCE, FeedbackKind.HARD_BOUNCE}:
        return before.bounce == kind.removesuffix("_bounce")
    return getattr(before, f"{kind}_at", None) is not None


async def _tell(session: AsyncSession, events: Sequence[NewEvent]) -> UUID | None:
    """Record what somebody listens to: five thousand deliveries would otherwise be as many events for nobody."""
    if not events:
        return None
    listened = await heard(session, {event.event_type for event in events})
    wanted = [event for event in events if event.event_type in listened]
    return await record_events(session, "feedback", wanted) if wanted else None


def _progress(row: Row) -> Progress:
    return Progress(**{one.name: row[one.name] for one in fields(Progress)})


def _rows(given: Sequence[Feedback], known: Mapping[int, UUID] | None = None) -> str:
    """As JSON, with their numbers; of those in `known` alone, with the ids of their messages."""
    rows = [
        {"n": n, **{one.name: getattr(each, one.name) for one in fields(Feedback)}}
        for n, each in enumerate(given)
        if known is None or n in known
    ]
    return _json([row | ({"message_id": known[row["n"]]} if known else {}) for row in rows])


def _json(rows: list[dict[str, Any]]) -> str:
    return dump_json(rows).decode()
