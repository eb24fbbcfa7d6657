"""Filters whose result, or whose time, could grow beyond any bound, made with one."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from liquid import Markup, RenderContext, soft_str
from liquid.builtin.filters.array import join as liquid_join
from liquid.exceptions import ResourceLimitError
from liquid.filter import string_filter, with_context

from automation.template_locale import LOCALE_FILTERS
from automation.template_number import NUMBER_FILTERS
from automation.template_text import strip_tags

MOST_CHARACTERS = 512 * 1024
"""Of any one value."""
MOST_ITEMS = 10_000
"""Of any one array."""
_MOST_BITS = 512


def bounded(value: Any) -> Any:  # Any: a value of a template
    """The same value. Raises ResourceLimitError if it, with all that is in it, is too large to go on with."""
    if isinstance(value, str) and len(value) <= MOST_CHARACTERS:
        return value
    pending, room = [value], MOST_CHARACTERS
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            room -= len(item)
        elif isinstance(item, int):
            room -= MOST_CHARACTERS + 1 if item.bit_length() > _MOST_BITS else 1
        elif isinstance(item, list | tuple | range | dict):
            if len(item) > MOST_ITEMS:
                raise ResourceLimitError(f"an array of more than {MOST_ITEMS:,} items", token=None)
            room -= 1
            pending.extend(() if isinstance(item, range) else item.values() if isinstance(item, dict) else item)
        if room < 0:
            raise ResourceLimitError(f"a value of more than {MOST_CHARACTERS:,} characters", token=None)
    return value


@string_filter
def replace(value: str, old: object, new: object = "") -> str:
    """As Liquid's, but the length is known before the work."""
    seek, put = soft_str(old), soft_str(new)
    _check(len(value) + value.count(seek) * (len(put) - len(seek)))
    return value.replace(seek, put)


@with_context
def join(values: Any, separator: object = " ", *, context: RenderContext) -> str:  # Any: what the template gives
    """As Liquid's, but the length is known before the work."""
    if isinstance(values, list | tuple):
        _check(sum(len(item if isinstance(item, str) else str(item)) for item in values))
        _check(len(values) * len(str(separator)))
    joined: str = liquid_join(values, separator, environment=context.env)
    return joined


@with_context
@string_filter
def strip_html(value: str, *, context: RenderContext) -> str:
    """As Liquid's, in time that grows with the length only."""
    stripped = strip_tags(value)
    return Markup.escape(stripped) if context.autoescape else stripped


def uniq(values: object, key: object = None) -> list[object]:
    """As Liquid's, in time that grows with the length only."""
    items: Iterable[object] = values if isinstance(values, list | tuple) else [values]
    seen: set[str] = set()
    kept = []
    for item in items:
        chosen = item.get(key) if isinstance(item, dict) and isinstance(key, str) else item
        mark = json.dumps(chosen, sort_keys=True, default=str)
        if mark not in seen:
            seen.add(mark)
            kept.append(item)
    return kept


FILTERS: dict[str, Callable[..., Any]] = {  # Any: liquid calls each with what the template gives
    **NUMBER_FILTERS,
    **LOCALE_FILTERS,
    "join": join,
    "replace": replace,
    "strip_html": strip_html,
    "uniq": uniq,
}


def _check(length: int) -> None:
    if length > MOST_CHARACTERS:
        raise ResourceLimitError(f"a value of more than {MOST_CHARACTERS:,} characters", token=None)
