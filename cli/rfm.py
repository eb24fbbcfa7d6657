"""`ordercue rfm`: the grid, the scores, and who went from which cell to which."""

from collections import Counter
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
from store.account import Account

_SHADES = ("grey50", "yellow", "green", "bold green")
_GROUPS = {"group": "group", "r": "R", "f": "F", "m": "M", "contacts": "contacts", "revenue": "revenue"}
Rows = Sequence[dict[str, Any]]
"""Any: columns of all types."""


def rfm(
    *,
    source: str | None = None,
    store: str | None = None,
    segment: str | None = None,
    currency: Annotated[str | None, typer.Option(help="Whose money is added up, else the account's.")] = None,
    as_of: Annotated[datetime | None, typer.Option("--as-of", help="Orders dated later are not counted.")] = None,
    scores: Annotated[bool, typer.Option("--scores", help="Scores 1 (worst) to 5 (best) with their group.")] = False,
    flows: Annotated[bool, typer.Option("--flows", help="Who went from which cell to which.")] = False,
    days: Annotated[int, typer.Option(min=1, max=3660, help="With --flows: so many days up to now.")] = 30,
    since: Annotated[datetime | None, typer.Option("--from", help="With --flows: instead of days, from then.")] = None,
    until: Annotated[datetime | None, typer.Option("--to", help="With --flows: up to then, else now.")] = None,
    json: Json = False,
) -> None:
    """Show the RFM grid: contacts and revenue by time since the last DELIVERED order, and their number."""
    wanted = figures.RfmFilter(source, store, segment)
    if scores and flows:
        raise typer.BadParameter("choose one of --scores and --flows", param_hint="--flows")
    if flows and (wanted != figures.RfmFilter() or currency or as_of):
        raise typer.BadParameter("moves are kept of all orders together; leave the filter out", param_hint="--flows")
    settings = read_settings()
    account = Account.at(settings, as_of.replace(tzinfo=settings.zone) if as_of else datetime.now(UTC))
    account = account.of(currency) if currency else account
    if flows:
        end = until.replace(tzinfo=account.zone) if until else account.now
        begin = since.replace(tzinfo=account.zone) if since else end - timedelta(days=days)
        rows = in_transaction(lambda session: figures.flows(session, begin, end))
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
    if any(row["frequency"] for row in rows) and not any(row["revenue"] for row in rows):
        Console().print(f"Nothing was paid in {account.currency}; name another currency with --currency.")


def _show_flows(rows: Rows, account: Account) -> None:
    """Two matrices, of recency and of frequency, and then each move between cells, the largest first."""
    if not rows:
        Console().print("Nobody moved in these days.")
        return
    labels = {"recency": recency_labels(account.recency), "frequency": frequency_labels(account.frequency)}
    for side, known in labels.items():
        Console().print(_matrix(rows, side, known))

    def named(row: dict[str, Any], end: str) -> str:  # Any: a row
        recency, frequency = (_label(known, row[f"{end}_{side}"], side) for side, known in labels.items())
        return f"{recency}, {frequency}" + (" orders" if not frequency.startswith("frequency") else "")

    shown = [
        {"from": named(row, "from"), "to": named(row, "to"), "contacts": row["contacts"]}
        for row in sorted(rows, key=lambda row: -row["contacts"])
    ]
    print_rows(shown, {"from": "from", "to": "to", "contacts": "contacts"}, empty="")


def _matrix(rows: Rows, side: str, known: Sequence[str]) -> Table:
    """How many went from which row to which column; who stayed in it, and moved on the other side, is shaded grey."""
    counts: Counter[tuple[int, int]] = Counter()
    for row in rows:
        counts[row[f"from_{side}"], row[f"to_{side}"]] += row["contacts"]
    size = max(len(known), *(1 + place for pair in counts for place in pair))
    names = [_label(known, place, side) for place in range(size)]
    table = Table("from ↓ to →", *names, title=f"Moves by {side}")
    for start, name in enumerate(names):
        cells = [str(counts[start, end] or "·") for end in range(size)]
        table.add_row(name, *(f"[grey50]{cell}[/]" if start == end else cell for end, cell in enumerate(cells)))
    return table


def _label(known: Sequence[str], place: int, side: str) -> str:
    """A cell of edges that were set otherwise then is told by its number."""
    return known[place] if place < len(known) else f"{side} {place}"


def _shaded(row: dict[str, Any] | None, most: int) -> str:  # Any: a row
    if row is None:
        return "[grey50]·[/]"
    shade = _SHADES[min(len(_SHADES) - 1, int(len(_SHADES) * row["contacts"] / most))]
    return f"[{shade}]{row['contacts']}[/]\n{row['revenue']:.0f}"
