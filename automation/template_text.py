"""HTML to plain text in one pass.

The standard library's HTMLParser takes time that grows with the square of some inputs (3 s for 20 kB of `<a `), and
what is parsed here may come from a customer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import unescape

_QUOTED_TAG = re.compile(r"""<(/?)([A-Za-z][^\s/>]*+)((?:[^"'>]++|"[^"]*+"|'[^']*+')*+)>""")
_PLAIN_TAG = re.compile(r"<(/?)([A-Za-z][^\s/>]*+)([^>]*+)>")
ATTRIBUTE = re.compile(r"""([^\s=/"']++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++))""")
"""An attribute with its value: name, then the value as it is quoted: twice, once, or not at all."""
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_GAP = "  "
_STRENGTH = {space: strength for strength, space in enumerate(("", " ", _GAP, "\n", "\n\n"))}
_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
_UNSEEN = frozenset({"head", "script", "style", "title", "template"})
_CELLS = frozenset({"td", "th"})
_DEEPEST = 100
"""How far up an end tag looks for its start, so that unclosed elements cost no more than they should."""
_SPACE = {
    **dict.fromkeys(
        ("address", "article", "blockquote", "body", "center", "dd", "div", "dt", "footer", "header"), "\n"
    ),
    **dict.fromkeys(("li", "main", "ol", "section", "table", "tr", "ul"), "\n"),
    **dict.fromkeys(("p", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "pre"), "\n\n"),
}


_REGULAR = re.compile(
    r"(<!--(?:[^-]++|-(?!->))*+-->|<[!?][A-Za-z][^<>]*+>|</?[Aa](?![^\s>])[^<>]*+>|(?:</?(?![Aa][\s>])[A-Za-z][^<>]*+>\s*+)++)"
)
"""A comment, a declaration, the start or end of a link, or other tags in a row. Their quotes are looked at later."""
_WITH_CONTENT = frozenset({"a", "img", "li", *_UNSEEN})
_LONGEST_KEPT = 600
_HEAD_ENDS = "</head>"
_LONGEST_HEAD = 8_000

Tag = tuple[str, str, bool]
"""Name, source of the attributes, whether it closes."""


def tokens(html: str) -> Iterator[Tag | str]:
    """Tags and the text between them, entities resolved. Comments and declarations are left out."""
    for piece in pieces(html):
        if isinstance(piece, str):
            yield unescape(piece)
        else:
            slash, name, attributes = piece.groups()
            yield name.lower(), attributes, bool(slash)


def pieces(html: str) -> Iterator[re.Match[str] | str]:
    """Tags (`/`, name, source of the attributes) and the source between them, without comments and declarations."""
    place, tag = 0, _QUOTED_TAG
    while (start := html.find("<", place)) >= 0:
        if start > place:
            yield html[place:start]
        match = tag.match(html, start)
        if match is None and html.startswith(("<!", "<?"), start):
            close = "-->" if html.startswith("<!--", start) else ">"
            end = html.find(close, start)
            place = end + len(close) if end >= 0 else len(html)
            continue
        if match is None and tag is _QUOTED_TAG and html.find(">", start) >= 0:
            match = _PLAIN_TAG.match(html, start)
            if match is not None:
                tag = _PLAIN_TAG  # a quote that never closes: quotes mean nothing any more, so each is sought once
        if match is None:
            end = html.find("<", start + 1)
            place = end if end >= 0 and html.find(">", start) >= 0 else len(html)
            yield html[start:place]
            continue
        yield match
        place = match.end()
    if place < len(html):
        yield html[place:]


def strip_tags(html: str) -> str:
    """The text of an HTML fragment, whitespace as it stands."""
    pieces, unseen = [], ""
    for token in tokens(html):
        if not isinstance(token, str):
            unseen = _unseen(token, unseen)
        elif not unseen:
            pieces.append(token)
    return "".join(pieces)


def text_of_html(html: str) -> str:
    """An HTML document as text to read: lines for blocks, gaps for table cells, `text (address)` for links."""
    return (_read_regular(html) or _read(html)).text()


def _read(html: str) -> "_Page":
    page = _Page()
    for token in tokens(html):
        if isinstance(token, str):
            page.write(token)
        else:
            page.see(token)
    return page


def _read_regular(html: str) -> "_Page | None":
    """The same in a fraction of the time, for what has no stray `<` and no odd quotes; None when it has.

    A mail is mostly markup of its template, so that the same tags come again and again.
    """
    if html.rfind("<!--") > html.rfind("-->") or "<!-->" in html or "<!--->" in html:
        return None
    end = html.find(_HEAD_ENDS) + len(_HEAD_ENDS)
    owed = _known_head(html[:end]) if len(_HEAD_ENDS) <= end <= _LONGEST_HEAD else None
    page = _Page(owed or "")
    if not _write_regular(page, html if owed is None else html[end:]):
        return None
    return page


def _write_regular(page: "_Page", html: str) -> bool:
    parts = _REGULAR.split(html)
    for text, tags in zip(parts[::2], [*parts[1::2], ""], strict=True):
        if text:
            if "<" in text:
                return False
            page.write(unescape(text) if "&" in text else text)
        if tags and tags[1] not in "!?":
            row = _known_row(tags) if len(tags) <= _LONGEST_KEPT else _known_row.__wrapped__(tags)
            if row is None:
                return False
            page.pass_row(row)
    return True


@lru_cache(maxsize=256)
def _known_head(head: str) -> str | None:
    """The space that is owed after a head without any text to be read; None if it is not so plain."""
    page = _Page()
    return page.pass_row(_NOTHING) if _write_regular(page, head) and not page.hides and not page.text() else None


@dataclass(frozen=True, slots=True)
class _Row:
    """Tags with nothing but blanks between them."""

    tags: tuple[tuple[Tag, bool], ...]
    """Each with whether blanks follow it."""
    owed: dict[str, str] | None
    """Space owed before → after, where everything is displayed and this is all that they mean."""


_NOTHING = _Row((), None)


@lru_cache(maxsize=4096)
def _known_row(source: str) -> _Row | None:
    """None where quotes do not close within their tag."""
    tags = []
    for one in re.findall(r"<[^<>]*+>\s*+", source):
        match = _QUOTED_TAG.fullmatch(one.rstrip())
        if match is None:
            return None
        tags.append(((match[2].lower(), match[3], bool(match[1])), one[-1] != ">"))
    if any(name in _WITH_CONTENT or "none" in attributes for (name, attributes, _), _ in tags):
        return _Row(tuple(tags), None)
    plain = _Row(tuple(tags), None)
    return _Row(tuple(tags), {space: _Page(space).pass_row(plain) for space in _STRENGTH})


class _Page:
    """Text as it grows. Whitespace is owed until the next word, so that breaks never add up."""

    def __init__(self, owed: str = "") -> None:
        self._pieces: list[str] = []
        self._owed = owed
        """A key of `_STRENGTH`."""
        self._unseen = ""
        self._hidden: list[str] = []
        """Open elements from the one that is not displayed."""
        self._link: tuple[str, int] | None = None
        """Address, and where its text begins in the pieces."""

    @property
    def hides(self) -> bool:
        """Whether it stands in an element that is not displayed, or not text."""
        return bool(self._hidden or self._unseen)

    def pass_row(self, row: "_Row") -> str:
        """See its tags, and the blanks. The space that is owed then."""
        if row.owed is not None and not self._hidden and not self._unseen:
            self._owed = row.owed[self._owed]
            return self._owed
        for tag, blanks in row.tags:
            self.see(tag)
            if blanks:
                self.write(" ")
        return self._owed

    def see(self, tag: Tag) -> None:
        name, attributes, closes = tag
        if self._unseen or name in _UNSEEN:
            self._unseen = _unseen(tag, self._unseen)
        elif (self._hidden or "none" in attributes) and self._is_hidden(tag):
            return
        elif name in _SPACE:
            self.owe(_SPACE[name])
            if name == "li" and not closes:
                self.write("- ")
        elif name == "a":
            self._close_link()
            if not closes:
                self._link = (_attribute(tag, "href"), len(self._pieces))
        elif name in _CELLS and closes:
            self.owe(_GAP)
        elif name in _VOID:
            self._see_void(tag)

    def _see_void(self, tag: Tag) -> None:
        if tag[0] == "br":
            self._owed = "\n\n" if "\n" in self._owed else "\n"
        elif tag[0] == "img":
            self.write(_attribute(tag, "alt"))

    def write(self, text: str) -> None:
        if self._unseen or self._hidden:
            return
        if not self._owed and text[:1].isspace():
            self._owed = " "
        words = " ".join(text.split())
        if not words:
            return
        if self._owed and self._pieces:
            self._pieces.append(self._owed)
        self._pieces.append(words)
        self._owed = " " if text[-1].isspace() else ""

    def text(self) -> str:
        self._close_link()
        return "".join(self._pieces) + "\n" if self._pieces else ""

    def owe(self, space: str) -> None:
        """At least this much space comes before what is written next."""
        if _STRENGTH[space] > _STRENGTH[self._owed]:
            self._owed = space

    def _close_link(self) -> None:
        if self._link is None:
            return
        (address, begin), self._link = self._link, None
        label = "".join(self._pieces[begin:]).strip()
        if not address.startswith(("http://", "https://")) or address == label:
            return
        if label:
            self._pieces.append(f" ({address})")
        else:
            self.write(address)

    def _is_hidden(self, tag: Tag) -> bool:
        """Whether the tag is in an element that is not displayed, its own included."""
        name, _, closes = tag
        if name in _VOID:
            return bool(self._hidden)
        if not closes:
            if self._hidden or _HIDDEN.search(_attribute(tag, "style")):
                self._hidden.append(name)
            return bool(self._hidden)
        if name in self._hidden[-_DEEPEST:]:
            while self._hidden.pop() != name:
                pass
        return True


def _unseen(tag: Tag, inside: str) -> str:
    """The element whose content nobody sees, once this tag is passed; empty when there is none."""
    name, _, closes = tag
    if inside:
        return "" if closes and name == inside else inside
    return name if not closes and name in _UNSEEN else ""


def _attribute(tag: Tag, name: str) -> str:
    for match in ATTRIBUTE.finditer(tag[1]):
        if match[1].lower() == name:
            return unescape(match[2] or match[3] or match[4] or "").strip()
    return ""
