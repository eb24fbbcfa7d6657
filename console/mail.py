"""A message as its reader sees it, in a frame from which nothing reaches the console or the world."""

from markupsafe import Markup

from console.text import tr

_POLICY = (
    '<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "style-src 'unsafe-inline'; img-src data:; form-action 'none'\">"
)
"""The first thing of the document: a later rule can only forbid more."""


def mail_frame(html: str, *, narrow: bool = False) -> Markup:
    """The HTML of a message: an origin of its own, without scripts, forms or network. `narrow` is a phone's width."""
    return Markup('<iframe class="oc oc-mail{}" sandbox="" title="{}" srcdoc="{}"></iframe>').format(
        " oc-narrow" if narrow else "", tr("The message"), _POLICY + html
    )
