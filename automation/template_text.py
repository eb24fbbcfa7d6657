"""HTML to plain text in one pass.

The standard library's HTMLParser takes time that grows with the square of some inputs (3 s for 20 kB of `<a `), and
what is parsed here may come from a customer.
"""

import re
from collections.abc import Iterator
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


_MEAN_MORE = frozenset({"a", *_UNSEEN, *(_VOID - _SPACE.keys())})
_REGULAR = re.compile(
    r"""(<!--(?:[^-]++|-(?!->))*+-->|<[!?][A-Za-z][^<>]*+>|</?[A-Za-z](?:[^<>"']++|"[^<>"]*+"|'[^<>']*+')*+>)"""
)
_LONGEST_KEPT = 300

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
    """The same in a third of the time, for what has no stray `<` and no odd quotes; None when it has.

    A mail is mostly markup of its template, so that the same tags come again and again.
    """
    if html.rfind("<!--") > html.rfind("-->") or "<!-->" in html or "<!--->" in html:
        return None
    parts = _REGULAR.split(html)
    texts, tags = parts[::2], parts[1::2]
    if any("<" in text for text in texts):
        return None
    page = _Page()
    for text, source in zip(texts, tags, strict=False):  # a text follows the last tag
        if text:
            page.write(unescape(text))
        if source[1] in "!?":
            continue
        known = _known_tag(source) if len(source) <= _LONGEST_KEPT else _known_tag.__wrapped__(source)
        if known is None:
            return None
        tag, space = known
        if space is None or page.hides:
            page.see(tag)
        elif space:
            page.owe(space)
    page.write(unescape(texts[-1]))
    return page


@lru_cache(maxsize=4096)
def _known_tag(source: str) -> tuple[Tag, str | None] | None:
    """A tag, and the space that is all that it means where everything is displayed; None when it means more."""
    match = _QUOTED_TAG.fullmatch(source)
    if match is None:
        return None
    name, attributes, closes = match[2].lower(), match[3], bool(match[1])
    if "none" in attributes or name in _MEAN_MORE or (name == "li" and not closes):
        return (name, attributes, closes), None
    return (name, attributes, closes), _GAP if closes and name in _CELLS else _SPACE.get(name, "")


class _Page:
    """Text as it grows. Whitespace is owed until the next word, so that breaks never add up."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._owed = ""
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
