"""Rules of `<style>` written into the elements, for mail clients that heed nothing else.

The source stays as its author wrote it, Liquid and all: what css-inline says of each element is put before its own
style, and `<style>` stays for what only it can say. Nothing is fetched and no file is read.
"""

import re

import css_inline

from automation.template_marks import MARK

_DEEPEST = 500
"""Levels; far deeper ones overflow the stack of the parser, which ends the process."""
_MOST_ELEMENTS = 20_000
_MOST_RAW = 500
"""Comments and elements of raw text: one that never ends is sought to the end of the source."""
_START = re.compile(r"<([A-Za-z][^\s/>]*+)((?:[^\"'<>]++|\"[^\"]*+\"|'[^']*+')*+)>")
_SKIPPED = re.compile(
    r"<!--.*?-->|<(style|script|title|textarea)\b[^>]*>.*?</\1\s*>|</[A-Za-z][^>]*>", re.DOTALL | re.IGNORECASE
)
_RAW = re.compile(r"<!--|<(?:style|script|title|textarea)\b", re.IGNORECASE)
_STYLED = re.compile(r"<style\b", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([^\s=/"'>]+)(\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?""")
_STYLE = re.compile(r"""(?<![\w-])style\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)
_KEPT = frozenset({"class", "id", "align", "type", "role", "lang", "dir", "href", "name", "width", "height"})
_UNSTYLED = frozenset({"html", "head", "meta", "title", "style", "script", "link", "base", "br"})
_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})


class InlineError(ValueError):
    """The CSS cannot be inlined; the text says why."""


def with_inlined_css(html: str) -> str:
    """The same source, its elements styled by the rules of its `<style>`. Raises InlineError."""
    if not _STYLED.search(html):
        return html
    masked = MARK.sub(lambda match: "\x01" * len(match[0]), html)  # as long, so that places stay
    starts = _starts(masked)
    styles = _styles(masked, starts)
    pieces, done = [], 0
    for number, start in enumerate(starts):
        style = styles.get(number)
        if not style:
            continue
        own = _STYLE.search(masked, start.start(), start.end())
        if own is None:
            place = start.end(1)
            pieces += [html[done:place], f' style="{_escaped(style)}"']
            done = place
            continue
        value = html[own.start(1) : own.end(1)]
        quote = value[0] if value[0] in "\"'" else '"'
        inner = value[1:-1] if value[0] in "\"'" else value
        pieces += [html[done : own.start(1)], quote, _escaped(style, quote), inner, quote]
        done = own.end(1)
    return "".join([*pieces, html[done:]])


def _starts(masked: str) -> list[re.Match[str]]:
    """Start tags outside of comments and raw text."""
    if len(_RAW.findall(masked)) > _MOST_RAW:
        raise InlineError(f"more than {_MOST_RAW} comments, styles and scripts")
    found: list[re.Match[str]] = []
    place = depth = 0
    while (place := masked.find("<", place)) >= 0:
        skipped = _SKIPPED.match(masked, place)
        if skipped is not None:
            depth -= skipped[0].startswith("</")
            place = skipped.end()
            continue
        start = _START.match(masked, place)
        if start is None:
            place += 1
            continue
        found.append(start)
        depth += start[1].lower() not in _VOID and not start[2].endswith("/")
        place = start.end()
        if depth > _DEEPEST or len(found) > _MOST_ELEMENTS:
            raise InlineError(f"more than {_DEEPEST} elements in one another, or {_MOST_ELEMENTS} in all")
    return found


def _styles(masked: str, starts: list[re.Match[str]]) -> dict[int, str]:
    """What the rules say of each start tag, by its number."""
    pieces, done = [], 0
    for number, start in enumerate(starts):
        pieces += [masked[done : start.start()], f'<{start[1]}{_facts(start[2])} data-oc-n="{number}">']
        done = start.end()
    document = "".join([*pieces, masked[done:]]).replace("\x01", " ")
    try:
        inlined = css_inline.inline(document, load_remote_stylesheets=False, keep_style_tags=False)
    except ValueError as error:
        raise InlineError(f"the CSS cannot be read: {error}") from error
    found: dict[int, str] = {}
    for tag in _START.finditer(inlined):
        numbered = re.search(r'data-oc-n="(\d+)"', tag[2])
        style = _STYLE.search(tag[2])
        if numbered and style and tag[1].lower() not in _UNSTYLED:
            text = style[1][1:-1].strip()
            found[int(numbered[1])] = text if text.endswith(";") else f"{text};"
    return found


def _facts(attributes: str) -> str:
    """The attributes that rules may ask for; those that Liquid makes or chooses are left to `<style>`."""
    outside = re.sub(r"\"[^\"]*\"|'[^']*'", "", attributes)
    if "\x01" in outside:
        return ""
    kept = []
    for match in _ATTRIBUTE.finditer(attributes):
        name, value = match[1].lower(), match[2] or ""
        if name == "class" and "\x01" in value:
            sure = value[: value.index("\x01")].lstrip(" \t\r\n=\"'").split(" ")[:-1]  # the last is part of the mark
            kept.append(f' class="{" ".join(sure)}"')
        elif (name in _KEPT or name.startswith("data-")) and name != "data-oc-n" and "\x01" not in value:
            kept.append(f" {match[0]}")
    return "".join(kept)


def _escaped(style: str, quote: str = '"') -> str:
    return style.replace("&quot;", "'") if quote == '"' else style.replace("&quot;", '"').replace("'", '"')
