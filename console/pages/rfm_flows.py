"""Flows of the RFM: how many contacts moved from where to where between two days."""

from collections import Counter
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from console.heat import heat_cell, heat_map
from console.markup import filters, heading, hero, link, nothing, put, table, tabs
from console.rfm_choice import Days
from console.shell import page
from console.text import number, tr
from console.visit import Visit
from core.segments.rfm import frequency_labels, recency_labels

_SHOWN = 50
_AXES = {"recency": "By the last order", "frequency": "By the number of orders"}


@page("/rfm/flows", title="RFM flows", own_heading=True)
async def flows(visit: Visit) -> None:
    """A matrix: rows are where people were, columns where they are."""
    query, settings = visit.query, visit.services.settings
    put(hero(tr("Who moved"), above=("/rfm", tr("RFM"))))
    days = Days.of(visit)
    said = {"from_date": str(days.since), "to_date": str(days.until)}
    axis = query.get("by", "")
    axis = axis if axis in _AXES else "recency"
    put(
        tabs("/rfm/flows", query, "by", {name: tr(label) for name, label in _AXES.items()}, axis),
        filters(
            {"from_date": (tr("From"), None), "to_date": (tr("To"), None)},
            {**query, **said},
        ),
    )
    async with visit.read() as session:
        rows = await days.flows(visit, session)
    if not rows:
        put(nothing(tr("Nobody moved in these days, as far as was calculated: that is done every night.")))
        return
    recencies, frequencies = recency_labels(settings.rfm_recency), frequency_labels(settings.rfm_frequency)
    labels = recencies if axis == "recency" else frequencies
    put(
        Markup('<p class="oc-soft">{} {}<br>{}</p>').format(
            tr(
                "Rows: where people were at first. Columns: where they are at last; who came back is not counted. "
                "Each movement is an event rfmMoved, from which an automation can start:"
            ),
            link("/builder", tr("new automation")),
            link(f"/export/rfm/flows?{urlencode(said)}", tr("These figures as CSV")),
        ),
        _matrix(rows, axis, labels),
        heading(tr("The largest movements between cells")),
        _largest(rows, recencies, frequencies),
    )


def _matrix(rows: list[dict[str, Any]], axis: str, labels: list[str]) -> Markup:  # Any: numbers
    sums: Counter[tuple[int, int]] = Counter()
    for row in rows:
        sums[row[f"from_{axis}"], row[f"to_{axis}"]] += row["contacts"]
    most = max(sums.values())

    def shown(start: int, end: int) -> Markup:
        count = sums.get((start, end))
        told = tr("from {start} to {end}", start=labels[start], end=labels[end])
        return heat_cell(number(count) if count else None, (count or 0) / most, title=told)

    numbers = range(len(labels))
    lines = [(labels[start], [shown(start, end) for end in numbers]) for start in numbers]
    return heat_map(tr("From ↓ to →"), labels, lines)


def _largest(rows: list[dict[str, Any]], recencies: list[str], frequencies: list[str]) -> Markup:  # Any: numbers
    def cell(recency: int, frequency: int) -> Markup | str:
        if recency >= len(recencies) or frequency >= len(frequencies):
            return tr("a cell of other edges")
        told = tr(
            "last order {recency}, orders {frequency}", recency=recencies[recency], frequency=frequencies[frequency]
        )
        return link(f"/rfm/{recency}/{frequency}", told)

    largest = sorted(rows, key=lambda row: -row["contacts"])[:_SHOWN]
    return table(
        [tr(name) for name in ("From", "To", "Contacts")],
        [
            (
                cell(row["from_recency"], row["from_frequency"]),
                cell(row["to_recency"], row["to_frequency"]),
                number(row["contacts"]),
            )
            for row in largest
        ],
        empty="",
        numeric=frozenset({2}),
    )
