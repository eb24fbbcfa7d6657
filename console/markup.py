"""Small pieces of HTML. Every value is escaped on its way in: text of customers and shops is text, never markup."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel.dates import format_timedelta
from babel.numbers import format_currency
from markupsafe import Markup
from nicegui import ui

from console.text import tr
from core.document import dump_json, load_json

_TONES = {
    "done": "good", "sent": "good", "delivered": "good", "opened": "good", "clicked": "good", "live": "good",
    "started": "good", "DELIVERED": "good", "waiting": "warn", "pending": "warn", "sending": "warn", "paused": "warn",
    "unknown": "bad", "failed": "bad", "bounced": "bad", "complained": "bad", "CANCELLED": "bad",
}  # fmt: skip


def put(*parts: Markup | str) -> None:
    """Show these pieces here."""
    ui.html(Markup("").join(parts), sanitize=False).classes("w-full")


def link(href: str, text: object) -> Markup:
    """A link to a page of ours, or to Temporal's."""
    return Markup('<a href="{}">{}</a>').format(href, text)


def state(name: str | None) -> Markup | str:
    """A state in its colour; the word itself says it too."""
    return Markup('<span class="oc-{}">{}</span>').format(_TONES.get(name, "soft"), name) if name else "–"


def moment(at: datetime | None, zone: ZoneInfo, now: datetime | None = None) -> Markup | str:
    """How long ago or ahead, and the exact moment in the account's zone on hover."""
    if at is None:
        return "–"
    distance = at - (now or datetime.now(UTC))
    words = format_timedelta(distance, add_direction=True, locale="en")
    exact = at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %Z")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(at.isoformat(), exact, words)


def money(amount: Decimal | float | None, currency: str | None) -> str:
    """An amount as people write it."""
    if amount is None:
        return "–"
    return format_currency(amount, currency or "", locale="en") if currency else f"{amount:,}"


def table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str, numeric: frozenset[int] = frozenset()
) -> Markup:
    """A table, or what to do when there is nothing to show."""
    lines = [
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                Markup('<td class="{}">{}</td>').format("n" if n in numeric else "", "–" if cell is None else cell)
                for n, cell in enumerate(row)
            )
        )
        for row in rows
    ]
    if not lines:
        return Markup('<p class="oc-empty">{}</p>').format(empty)
    head = Markup("").join(
        Markup('<th scope="col" class="{}">{}</th>').format("n" if n in numeric else "", name)
        for n, name in enumerate(columns)
    )
    return Markup(
        '<div class="oc-scroll" tabindex="0"><table class="oc"><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>"
    ).format(head, Markup("").join(lines))


def filters(fields: Mapping[str, tuple[str, Sequence[str] | None]], query: Mapping[str, str]) -> Markup:
    """A form whose fields end up in the address: name → (label, choices or None for free text)."""
    parts = []
    for name, (label, choices) in fields.items():
        value = query.get(name, "")
        if choices is None:
            search = Markup(" data-search") if name == "text" else ""
            field = Markup('<input name="{}" value="{}"{} maxlength="200">').format(name, value, search)
        else:
            options = [Markup('<option value="">{}</option>').format(tr("any"))]
            options += [
                Markup('<option value="{0}"{1}>{0}</option>').format(c, Markup(" selected") if c == value else "")
                for c in choices
            ]
            field = Markup('<select name="{}">{}</select>').format(name, Markup("").join(options))
        parts.append(Markup("<label>{}{}</label>").format(label, field))
    return Markup(
        '<form class="oc-filters" method="get" role="search">{}<button class="oc-button">{}</button></form>'
    ).format(Markup("").join(parts), tr("Show"))


def older(path: str, query: Mapping[str, str], cursor: str | None) -> Markup:
    """The way to the next page."""
    if cursor is None:
        return Markup("")
    address = f"{path}?{urlencode({**query, 'cursor': cursor})}"
    return Markup('<p><a class="oc-button" rel="next" href="{}">{}</a></p>').format(address, tr("Older"))


def cards(values: Mapping[str, object]) -> Markup:
    """Figures with their names."""
    return Markup('<div class="oc-cards">{}</div>').format(
        Markup("").join(
            Markup('<div class="oc-card"><b>{}</b><span>{}</span></div>').format(value, name)
            for name, value in values.items()
        )
    )


def heading(text: str, level: int = 2) -> Markup:
    """A heading."""
    return Markup("<h{0}>{1}</h{0}>").format(level, text)


def readable(value: object) -> str:
    """JSON for people: indented, amounts exact."""
    return json.dumps(load_json(dump_json(value)), indent=2, ensure_ascii=False, default=str)


def document(value: str) -> Markup:
    """A document as it is."""
    return Markup('<pre class="oc" tabindex="0">{}</pre>').format(value)
