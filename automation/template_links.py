"""The links of a mail's HTML lead elsewhere, and a picture stands at its end; every other character stays."""

import re
from collections.abc import Callable
from html import escape, unescape
from urllib.parse import urlsplit

from automation.template_text import ATTRIBUTE, pieces

_LINKS = frozenset({"a", "area"})
_RAW = frozenset({"script", "style", "title", "textarea"})
"""What looks like a tag inside of these is none."""
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\\ud800-\udfff]")
"""Browsers drop or turn these around, so that the address would not lead where it led."""
_ADDRESS_VALUES = (2, 3, 4)


def relink(html: str, replace: Callable[[str], str | None]) -> str:
    """The same with the address of each http and https link replaced; where `replace` has none, it stays.

    A link with the attribute `data-track="off"` stays, and so does what Outlook alone reads in its comments.
    """
    changes: list[tuple[int, int, str]] = []
    inside = ""
    for piece in pieces(html):
        if isinstance(piece, str):
            continue
        slash, name = piece[1], piece[2].lower()
        if inside:
            inside = "" if slash and name == inside else inside
        elif name in _RAW and not slash:
            inside = name
        elif name in _LINKS and not slash and (found := _address(piece)) is not None:
            begin, end, address = found
            to = replace(address)
            if to is not None:
                changes.append((begin, end, to))
    return _changed(html, changes)


def with_picture(html: str, address: str) -> str:
    """The same with an invisible picture before the end of the body."""
    ends = [one.start() for one in pieces(html) if not isinstance(one, str) and one[1] and one[2].lower() == "body"]
    picture = f'<img src="{escape(address)}" width="1" height="1" alt="" style="border:0;width:1px;height:1px">'
    place = ends[-1] if ends else len(html)
    return html[:place] + picture + html[place:]


def is_followed(address: str) -> bool:
    """Whether it is an address that a browser opens and that leads on unchanged."""
    if _UNSAFE.search(address):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _address(tag: re.Match[str]) -> tuple[int, int, str] | None:
    """Where the value of `href` stands, its quotes included, and what it says."""
    found = None
    for one in ATTRIBUTE.finditer(tag[3]):
        name = one[1].lower()
        value = next(n for n in _ADDRESS_VALUES if one[n] is not None)
        if name == "data-track" and one[value].strip().lower() == "off":
            return None
        if name == "href" and found is None:
            quotes = 0 if value == _ADDRESS_VALUES[-1] else 1
            begin = tag.start(3)
            address = unescape(one[value]).strip()
            found = (begin + one.start(value) - quotes, begin + one.end(value) + quotes, address)
    return found if found is not None and is_followed(found[2]) else None


def _changed(html: str, changes: list[tuple[int, int, str]]) -> str:
    parts, place = [], 0
    for begin, end, address in changes:
        parts += [html[place:begin], f'"{escape(address)}"']
        place = end
    return "".join([*parts, html[place:]])
