"""`ordercue rfm`: the grid, the scores, and who went from which cell to which."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from cli.output import Json, print_json, print_rows
from cli.session import in_transaction
from core.segments.rfm import frequency_labels, recency_labels
from core.settings import read_settings
from store import rfm as figures
from store.segment_sql import Account

_SHADES = ("grey50", "yellow", "green", "bold green")
_GROUPS = {"group": "group", "r": "R", "f": "F", "m": "M", "contacts": "contacts", "revenue": "revenue"}
Rows = Sequence[dict[str, Any]]
"""Any: columns of all types."""


def rfm(
    *,
    source: str | None = None,
    store: str | None = None,
    segment: str | None = None,
    scores: Annotated[bool, typer.Option("--scores", help="Scores 1 (worst) to 5 (best) with their group.")] = False,
    flows: Annotated[bool, typer.Option("--flows", help="Who went from which cell to which.")] = False,
    days: Annotated[int, typer.Option(min=1, max=3660, help="With --flows: so many days up to now.")] = 30,
    json: Json = False,
) -> None:
    """Show the RFM grid: contacts and revenue by time since the last DELIVERED order, and their number."""
    wanted = figures.RfmFilter(source, store, segment)
    if scores and flows:
        raise typer.BadParameter("choose one of --scores and --flows", param_hint="--flows")
    if flows and wanted != figures.RfmFilter():
        raise typer.BadParameter("moves are kept of all orders together; leave the filter out", param_hint="--flows")
    account = Account.at(read_settings(), datetime.now(UTC))
    if flows:
        since = account.now - timedelta(days=days)
        rows = in_transaction(lambda session: figures.flows(session, since, account.now))
    else:
        count = figures.scores if scores else figures.grid
        rows = in_transaction(lambda session: count(session, account, wanted))
    if json:
        print_json(rows)
    elif flows:
        _show_flows(rows, account)
    elif scores:
        print_rows(rows, _GROUPS, empty="Nobody has a DELIVERED order yet.")
    else:
        _show_grid(rows, account)


def _show_grid(rows: Rows, account: Account) -> None:
    cells = {(row["recency"], row["frequency"]): row for row in rows}
    most = max((row["contacts"] for row in rows), default=1)
    table = Table("last order", *frequency_labels(account.frequency), title=f"Contacts, revenue in {account.currency}")
    for recency, label in enumerate(recency_labels(account.recency)):
        shown = [_shaded(cells.get((recency, n)), most) for n in range(len(account.frequency) + 1)]
        table.add_row(label, *shown)
    Console().print(table)


def _show_flows(rows: Rows, account: Account) -> None:
    """The largest first. A cell of edges that were set otherwise then is told by its number."""
    recency, frequency = recency_labels(account.recency), frequency_labels(account.frequency)

    def named(row: dict[str, Any], end: str) -> str:  # Any: a row
        r, f = row[f"{end}_recency"], row[f"{end}_frequency"]
        return ", ".join(
            (
                recency[r] if r < len(recency) else f"recency {r}",
                f"{frequency[f]} orders" if f < len(frequency) else f"frequency {f}",
            )
        )

    shown = [
        {"from": named(row, "from"), "to": named(row, "to"), "contacts": row["contacts"]}
        for row in sorted(rows, key=lambda row: -row["contacts"])
    ]
    print_rows(shown, {"from": "from", "to": "to", "contacts": "contacts"}, empty="Nobody moved in these days.")


def _shaded(row: dict[str, Any] | None, most: int) -> str:  # Any: a row
    if row is None:
        return "[grey50]·[/]"
    shade = _SHADES[min(len(_SHADES) - 1, int(len(_SHADES) * row["contacts"] / most))]
    return f"[{shade}]{row['contacts']}[/]\n{row['revenue']:.0f}"
