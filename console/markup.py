"""Small pieces of HTML. Every value is escaped on its way in: text of customers and shops is text, never markup."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape
from nicegui import ui

from console.text import exactly, how_long_ago, money, number, tr
from core.document import dump_json, load_json

__all__ = [
    "breakable", "cards", "document", "facts", "filters", "heading", "hero", "icon", "key", "link", "moment", "money",
    "nothing", "number", "older", "panel", "put", "readable", "state", "table", "tabs", "whose", "with_small",
]  # fmt: skip

_ROW, _END, _ROW_END = Markup("<tr>"), Markup("</td>"), Markup("</tr>")
_SHORT = 24
_LONG = 15
"""A state with more letters may be broken between its words."""
_TONES = {
    "done": "good", "sent": "good", "delivered": "good", "opened": "good", "clicked": "good", "live": "good",
    "started": "good", "DELIVERED": "good", "up": "good", "waiting": "warn", "pending": "warn", "sending": "warn",
    "paused": "warn", "running": "warn", "IN_PROGRESS": "warn", "processing": "warn", "signalled": "good",
    "unknown": "bad", "failed": "bad", "bounced": "bad", "complained": "bad", "CANCELLED": "bad",
}  # fmt: skip


def put(*parts: Markup | str) -> None:
    """Show these pieces here."""
    ui.html(Markup("").join(parts), sanitize=False).classes("w-full")


def link(href: str, text: object) -> Markup:
    """A link to a page of ours, or to Temporal's."""
    return Markup('<a href="{}">{}</a>').format(href, text)


def key(text: object, order_id: object | None = None) -> Markup:
    """The shop's id of something, in one line when it is short; a link to the order, where it is one."""
    short = Markup(' class="oc-key"') if len(str(text)) <= _SHORT else ""
    shown = Markup("<span{}>{}</span>").format(short, text)
    return link(f"/orders/{order_id}", shown) if order_id else shown


def whose(contact_id: object | None, name: str | None) -> Markup | None:
    """A link to the contact, where there is one."""
    return link(f"/contacts/{contact_id}", name or tr("without a name")) if contact_id else None


def icon(name: str) -> Markup:
    """A picture that says nothing to a screen reader; the words beside it do."""
    return Markup('<i class="material-icons" aria-hidden="true">{}</i>').format(name)


def tone(name: str | None) -> str:
    """The colour of a state: good, warn, bad or soft."""
    return _TONES.get(name or "", "soft")


def breakable(name: str) -> Markup:
    """A name such as ABANDONED_SHOPPING_CART, which may take two lines."""
    return Markup("_<wbr>").join(name.split("_")) if len(name) > _LONG else Markup("{}").format(name)


def state(name: str | None, *, of: str | None = None) -> Markup | str:
    """A state in its colour, which may be that `of` another word; the word itself says it too."""
    if not name:
        return "–"
    return Markup('<span class="oc-pill oc-{}">{}</span>').format(tone(of or name), breakable(name))


def moment(at: datetime | None, zone: ZoneInfo, now: datetime | None = None) -> Markup | str:
    """How long ago or ahead, and the exact moment in the account's zone on hover."""
    if at is None:
        return "–"
    words = how_long_ago(at, now or datetime.now(UTC))
    return Markup('<time datetime="{}" title="{}">{}</time>').format(at.isoformat(), exactly(at, zone), words)


def table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str, numeric: frozenset[int] = frozenset()
) -> Markup:
    """A table, or what to do when there is nothing to show. On a phone each row is a card."""
    opened = [
        Markup('<td class="{}" data-label="{}">').format("n" if n in numeric else "", name)
        for n, name in enumerate(columns)
    ]
    lines = [
        Markup("").join(
            [_ROW, *(part for n, cell in enumerate(row) for part in (opened[n], _cell(cell), _END)), _ROW_END]
        )
        for row in rows
    ]
    if not lines:
        return nothing(empty)
    head = Markup("").join(
        Markup('<th scope="col" class="{}">{}</th>').format("n" if n in numeric else "", name)
        for n, name in enumerate(columns)
    )
    return Markup(
        '<div class="oc-scroll" tabindex="0" role="region" aria-label="{}"><table class="oc oc-stack"><thead>'
        "<tr>{}</tr></thead><tbody>{}</tbody></table></div>"
    ).format(tr("Table: {columns}", columns=", ".join(columns[:3])), head, Markup("").join(lines))


def _cell(value: object) -> Markup:
    return escape("–" if value is None else value)


def with_small(first: object, below: object) -> Markup:
    """Something, and in small letters below it what belongs to it."""
    return Markup('<div>{}<br><span class="oc-soft">{}</span></div>').format(first, below)


def nothing(text: str) -> Markup:
    """What to do when there is nothing to show."""
    return Markup('<p class="oc-empty">{}</p>').format(text)


def filters(fields: Mapping[str, tuple[str, Sequence[str] | None]], query: Mapping[str, str]) -> Markup:
    """A form whose fields end up in the address: name → (label, choices or None for free text).

    `text` is what `/` goes to; a name that ends in `date` is a day. What of the address is no field stays as it is,
    but for the place in the list.
    """
    parts = []
    for name, (label, choices) in fields.items():
        value = query.get(name, "")
        if choices is None:
            more = Markup(' data-search type="search"') if name == "text" else Markup("")
            more = Markup(' type="date"') if name.endswith("date") else more
            field = Markup('<input name="{}" value="{}"{} maxlength="200">').format(name, value, more)
        else:
            known = [*choices] if not value or value in choices else [*choices, value]
            options = [Markup('<option value="">{}</option>').format(tr("any"))]
            options += [
                Markup('<option value="{0}"{1}>{0}</option>').format(c, Markup(" selected") if c == value else "")
                for c in known
            ]
            field = Markup('<select name="{}">{}</select>').format(name, Markup("").join(options))
        parts.append(Markup("<label>{}{}</label>").format(label, field))
    kept = [
        Markup('<input type="hidden" name="{}" value="{}">').format(name, value)
        for name, value in query.items()
        if name not in fields and name != "cursor"
    ]
    clear = Markup('<a class="oc-button" href="?">{}</a>').format(tr("Clear")) if query.keys() & fields else ""
    return Markup(
        '<form class="oc-filters" method="get" role="search">{}<button class="oc-button">{}</button>{}</form>'
    ).format(Markup("").join([*parts, *kept]), tr("Show"), clear)


def older(path: str, query: Mapping[str, str], cursor: str | None) -> Markup:
    """The way to the next page."""
    if cursor is None:
        return Markup("")
    address = f"{path}?{urlencode({**query, 'cursor': cursor})}"
    return Markup(
        '<div class="oc-row" style="margin-top:1rem"><a class="oc-button" rel="next" href="{}">{}</a></div>'
    ).format(address, tr("Older"))


def tabs(path: str, query: Mapping[str, str], name: str, choices: Mapping[str, str], chosen: str) -> Markup:
    """Views of one thing, each with its address: value → label; the first one is meant when nothing is said."""
    kept = {key: value for key, value in query.items() if key not in (name, "cursor")}
    first = next(iter(choices), None)
    links = Markup("").join(
        Markup('<a href="{}"{}>{}</a>').format(
            f"{path}?{urlencode(kept if value == first else {**kept, name: value})}".rstrip("?"),
            Markup(' aria-current="page"') if value == chosen else "",
            label,
        )
        for value, label in choices.items()
    )
    return Markup('<nav class="oc-tabs" aria-label="{}">{}</nav>').format(tr("Views"), links)


def cards(values: Mapping[str, object]) -> Markup:
    """Figures with their names."""
    return Markup('<div class="oc-cards">{}</div>').format(
        Markup("").join(
            Markup('<div class="oc-card"><span>{}</span><b>{}</b></div>').format(name, value)
            for name, value in values.items()
        )
    )


def facts(values: Mapping[str, object]) -> Markup:
    """Names and values, one below the other."""
    lines = [Markup("<dt>{}</dt><dd>{}</dd>").format(name, "–" if v is None else v) for name, v in values.items()]
    return Markup('<dl class="oc-facts">{}</dl>').format(Markup("").join(lines))


def hero(title: object, *beside: Markup | str, above: tuple[str, str] | None = None) -> Markup:
    """The heading of a page about one thing: `above` is the list that it is in, `beside` its state."""
    crumbs = Markup('<nav class="oc-crumbs" aria-label="{}"><a href="{}">{}</a> /</nav>').format(
        tr("Where this is"), *above
    ) if above else Markup("")  # fmt: skip
    return Markup('{}<div class="oc-hero"><h1>{}</h1>{}</div>').format(crumbs, title, Markup(" ").join(beside))


def panel(*parts: Markup | str) -> Markup:
    """What belongs together, on a card."""
    return Markup('<section class="oc-panel">{}</section>').format(Markup("").join(parts))


def heading(text: str, level: int = 2) -> Markup:
    """A heading."""
    return Markup("<h{0}>{1}</h{0}>").format(level, text)


def readable(value: object) -> str:
    """JSON for people: indented, amounts exact."""
    return json.dumps(load_json(dump_json(value)), indent=2, ensure_ascii=False, default=str)


def document(value: str) -> Markup:
    """A document as it is."""
    return Markup('<pre class="oc" tabindex="0">{}</pre>').format(value)
