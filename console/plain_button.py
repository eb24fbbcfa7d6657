"""A button without Quasar's look, as lists of many small ones have it."""

from collections.abc import Awaitable, Callable

from markupsafe import escape
from nicegui import ui


def plain_button(text: str, act: Callable[[], Awaitable[None]], name: str | None = None) -> ui.element:
    """`name` is for screen readers, where the text alone does not say of what."""
    button = ui.html(escape(text), sanitize=False, tag="button").classes("oc-button").props("type=button")
    if name is not None:
        button.props["aria-label"] = name
    return button.on("click", act)
