"""The side of every page: where one can go, a search, who is signed in, and the keys."""

from markupsafe import Markup

from console.markup import icon
from console.text import tr
from console.visit import Visit

_PLACES = {
    "": {"/": ("Home", "space_dashboard")},
    "Orders": {
        "/orders": ("Orders", "receipt_long"),
        "/events": ("Events", "bolt"),
        "/contacts": ("Contacts", "people_outline"),
    },
    "Automation": {
        "/automations": ("Automations", "account_tree"),
        "/runs": ("Runs", "play_circle_outline"),
        "/messages": ("Messages", "mail_outline"),
        "/templates": ("Templates", "article"),
    },
    "Insight": {
        "/segments": ("Segments", "donut_small"),
        "/rfm": ("RFM", "grid_on"),
        "/reports": ("Reports", "bar_chart"),
    },
    "Account": {"/settings": ("Settings", "settings")},
}
_WITHIN = {
    "/builder": "/automations",
    "/template-editor": "/templates",
    "/segment-editor": "/segments",
}
"""Pages that belong to another one's place."""
_KEYS = {
    "/": "search", "g h": "Home", "g o": "Orders", "g e": "Events", "g c": "Contacts", "g a": "Automations",
    "g r": "Runs", "g m": "Messages", "g t": "Templates", "g s": "Segments", "g f": "RFM", "g p": "Reports",
    "g x": "Settings", "?": "these keys", "Esc": "close",
}  # fmt: skip
_SIDE = Markup(
    '<a class="oc-skip" href="#main">{skip}</a><div class="oc-bar"><div class="oc-top"><a class="oc-name" href="/">'
    'Ordercue</a><button type="button" class="oc-button oc-menu" aria-expanded="false" aria-label="{menu}">{menu_icon}'
    '</button></div><form class="oc-find" action="/orders" role="search"><input type="search" name="text" data-search '
    'maxlength="200" aria-label="{find}" placeholder="{find}"></form><nav aria-label="{label}">{places}</nav>'
    '<div class="oc-who">{email}<br>{role}<form method="post" action="/sign-out"><button>{out}</button>'
    '<button type="button" data-keys>{keys_label}</button></form></div></div>'
    '<dialog id="oc-keys" aria-label="{keys_label}"><table class="oc">{keys}</table>'
    '<form method="dialog"><button class="oc-button" autofocus>{close}</button></form></dialog>'
)


def side(visit: Visit, path: str) -> Markup:
    """The navigation of a page."""
    here = "/" + path.strip("/").split("/")[0]
    here = _WITHIN.get(here, here)
    keys = Markup("").join(
        Markup("<tr><td><kbd>{}</kbd></td><td>{}</td></tr>").format(key, tr(what)) for key, what in _KEYS.items()
    )
    return _SIDE.format(
        skip=tr("To the content"), menu=tr("Menu"), menu_icon=icon("menu"), find=tr("Find an order"),
        label=tr("Pages"), places=Markup("").join(_group(name, places, here) for name, places in _PLACES.items()),
        email=visit.user.email, role=visit.user.role, out=tr("Sign out"), keys_label=tr("Keys"), keys=keys,
        close=tr("Close"),
    )  # fmt: skip


def _group(name: str, places: dict[str, tuple[str, str]], here: str) -> Markup:
    links = Markup("").join(
        Markup('<a href="{}"{}>{}{}</a>').format(
            to, Markup(' aria-current="page"') if to == here else "", icon(picture), tr(label)
        )
        for to, (label, picture) in places.items()
    )
    return (Markup('<div class="oc-group">{}</div>').format(tr(name)) if name else Markup("")) + links
