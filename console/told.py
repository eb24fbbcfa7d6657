"""What an action came to, told on the page to which it leads."""

from collections import OrderedDict

from markupsafe import Markup
from nicegui import ui

from console.markup import put
from console.visit import Visit

_MOST = 1000
_SAID: OrderedDict[str, str] = OrderedDict()
"""By session, until its next page."""


def go(visit: Visit, to: str, said: str) -> str:
    """Lead the browser to a page, which begins with what was done. Gives back what was said, for `action`."""
    _SAID[visit.request.state.token] = said
    while len(_SAID) > _MOST:
        _SAID.popitem(last=False)
    ui.navigate.to(to)
    return said


def tell(visit: Visit) -> None:
    """Say it, once."""
    said = _SAID.pop(visit.request.state.token or "", None)
    if said:
        put(Markup('<p class="oc-note oc-good" role="status">{}</p>').format(said))
