"""An order through time: what was sent each time, and what that changed of what is stored."""

from collections.abc import Mapping, Sequence
from difflib import ndiff
from typing import Any

from markupsafe import Markup

from console.markup import document, link, moment, nothing, readable, state
from console.text import tr
from console.visit import Visit
from store.timeline import as_sent

Row = Mapping[str, Any]  # Any: columns and JSON


def sent(visit: Visit, versions: Sequence[Row]) -> Markup:
    """What each change brought, the newest first."""
    parts = [
        _title(visit, row)
        + (
            Markup('<p class="oc-soft">{}</p>').format(tr("What exactly was sent was not kept at that time."))
            if (brought := as_sent(row)) is None
            else document(readable(brought))
        )
        for row in reversed(versions)
        if row["snapshot"] is not None
    ]
    note = Markup('<p class="oc-soft">{}</p>').format(
        tr("Exactly the fields that were sent, moments in UTC. What is not here stayed as it was before.")
    )
    return note + Markup("").join(parts) if parts else nothing(tr("No change of this order is kept."))


def differences(visit: Visit, versions: Sequence[Row]) -> Markup:
    """What each event changed in the stored order, the newest first."""
    parts: list[Markup] = []
    before: list[str] = []
    for row in versions:
        after = readable(row["snapshot"] or {}).splitlines()
        lines = [_difference(line) for line in ndiff(before, after) if not line.startswith("?")] if before else []
        text = Markup("").join(lines) or "\n".join(after)
        parts.append(_title(visit, row) + Markup('<pre class="oc" tabindex="0">{}</pre>').format(text))
        before = after
    return Markup("").join(reversed(parts)) if parts else nothing(tr("No change of this order is kept."))


def _title(visit: Visit, row: Row) -> Markup:
    return Markup("<h2>{} {}</h2><p class='oc-soft'>{} · {}</p>").format(
        tr("Version {number}", number=row["order_version"]),
        link(f"/events/{row['id']}", row["event_type"]),
        state(row["effect"]),
        moment(row["received_at"], visit.services.settings.zone),
    )


def _difference(line: str) -> Markup:
    tag = {"+ ": "ins", "- ": "del"}.get(line[:2])
    if tag:  # a block, which ends its line itself
        return Markup("<{0}>{1}</{0}>").format(tag, line)
    return Markup("{}\n").format(line)
