"""An event as the API shows it."""

from collections.abc import Mapping
from typing import Any

from automation.reasons import message_sentence, run_sentence, sentence
from store.facts import event_facts

Row = Mapping[str, Any]  # Any: columns and JSON


def event_document(row: Row) -> dict[str, Any]:  # Any: JSON values
    """An event of the list."""
    return {
        "id": row["id"],
        "type": row["event_type"],
        "key": row["event_key"],
        "effect": row["effect"],
        "externalOrderId": row["external_order_id"],
        "contactId": row["contact_id"],
        "params": row["params"],
        "source": row["source"],
        "depth": row["depth"],
        "occurredAt": row["occurred_at"],
        "receivedAt": row["received_at"],
        "decidedAt": row["decided_at"],
    }


def event_story(row: Row) -> dict[str, Any]:  # Any: JSON values
    """One event with what came of it."""
    return event_document(row) | {
        "params": _params(row),
        "order": row["snapshot"],
        "decisions": [
            {
                "automation": one["automation"],
                "version": one["version"],
                "outcome": one["outcome"],
                "runId": one["run_id"],
                "at": one["decided_at"],
                "reason": one["reason"],
                "sentence": sentence(one["reason"]),
            }
            for one in row["decisions"]
        ],
        "runs": [
            {
                "id": one["id"],
                "automation": one["automation"],
                "state": one["state"],
                "step": one["step_id"],
                "dueAt": one["due_at"],
                "stop": one["stop"],
                "endedAt": one["ended_at"],
                "sentence": run_sentence(one["state"], step=one["step_id"], due_at=one["due_at"], stop=one["stop"]),
            }
            for one in row["runs"]
        ],
        "messages": [
            {
                "id": one["id"],
                "runId": one["run_id"],
                "step": one["step_id"],
                "channel": one["channel"],
                "template": one["template"],
                "state": one["state"],
                "attempts": one["attempts"],
                "sentAt": one["sent_at"],
                "reason": one["reason"],
                "sentence": message_sentence(one["state"], one["reason"]),
            }
            for one in row["messages"]
        ],
    }


def _params(row: Row) -> dict[str, Any] | None:  # Any: JSON values
    """What was posted; of an order's event what follows from the order, as automations see it."""
    if row["order_id"] is None or row["params"] is not None:
        posted: dict[str, Any] | None = row["params"]
        return posted
    return {name: value for name, value in event_facts(row).items() if name not in _NO_PARAMETERS}


_NO_PARAMETERS = frozenset({"type", "key", "occurredAt"})
"""Facts of an event that are shown as fields of its own."""
