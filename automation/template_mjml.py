"""MJML becomes HTML when a template is published, with its Liquid kept out of sight of the compiler.

MJML is compiled before Liquid: no mail waits for it, and nothing of a customer can become markup. An output stands for
text and passes through; a tag between two elements of MJML's own goes through as `mj-raw`.
"""

import re
import secrets
from collections.abc import Iterator

from mjml import mjml2html

from automation.template_marks import MARK, replace_marks

_DEEPEST = 200
"""Levels; far deeper ones overflow the compiler's stack, which ends the process."""
_MOST_COMMENTS = 500
_TAG = re.compile(r"<!--.*?-->|<(/?)([A-Za-z][\w:-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*?)(/?)>", re.DOTALL)
_HOLDS_ELEMENTS = frozenset(
    {"mj-body", "mj-section", "mj-column", "mj-group", "mj-wrapper", "mj-hero", "mj-navbar", "mj-social"}
)
"""Elements whose content is MJML; that of any other is text or HTML."""
_OTHER_ELEMENTS = frozenset(
    {"mj-accordion", "mj-accordion-element", "mj-accordion-text", "mj-accordion-title", "mj-button", "mj-carousel",
     "mj-carousel-image", "mj-divider", "mj-image", "mj-navbar-link", "mj-raw", "mj-social-element", "mj-spacer",
     "mj-table", "mj-text"}
)  # fmt: skip
BODY_ELEMENTS = _HOLDS_ELEMENTS | _OTHER_ELEMENTS
_LEFT = re.compile(r"<(mj-[a-z-]+)")


class MjmlError(ValueError):
    """The MJML cannot be compiled; the text says why."""


def html_of_mjml(source: str) -> str:
    """The HTML, with the Liquid of the source in its places. Raises MjmlError, and LiquidSyntaxError for bad marks."""
    if source.count("<!--") > _MOST_COMMENTS:
        raise MjmlError(f"more than {_MOST_COMMENTS} comments")
    word = f"oc{secrets.token_hex(4)}x"  # cannot stand in the source by chance
    places = _between_elements(source)

    def put(number: int, match: re.Match[str]) -> str:
        token = f"{word}{number}z"
        return f"<mj-raw>{token}</mj-raw>" if match.start() in places else token

    masked, marks = replace_marks(source, put)
    if re.search(r"<mj-include\b", masked):
        raise MjmlError("mj-include reads files, which a template may not")
    try:
        html: str = mjml2html(masked, fonts={})  # no font is fetched from anywhere
    except ValueError as error:
        raise MjmlError(re.sub(rf"{word}\d+z", "…", str(error))) from error
    missing = [mark for number, mark in enumerate(marks) if f"{word}{number}z" not in html and not _says_nothing(mark)]
    if missing:
        raise MjmlError(f"{missing[0]} stands where MJML does not keep it; move it into text or between elements")
    return re.sub(rf"{word}(\d+)z", lambda match: marks[int(match[1])], html)


def left_elements(html: str) -> list[str]:
    """Names of elements that MJML does not know: they come through as they are, and no mail program shows them well."""
    return sorted(set(_LEFT.findall(html)))


def _says_nothing(mark: str) -> bool:
    return re.match(r"\{%-?\s*(comment|doc|#)", mark) is not None


def _between_elements(source: str) -> set[int]:
    """Beginnings of the marks that stand between elements of MJML. Raises MjmlError for what is nested too deep."""
    areas = list(_areas(MARK.sub(lambda match: " " * len(match[0]), source)))  # all: depth is checked to the end
    inside = iter(areas)
    area = next(inside, None)
    found: set[int] = set()
    for mark in MARK.finditer(source):
        while area is not None and area[1] <= mark.start():
            area = next(inside, None)
        if area is not None and area[0] <= mark.start():
            found.add(mark.start())
    return found


def _areas(blank: str) -> Iterator[tuple[int, int]]:
    """Beginning and end of what stands between two tags in an element that holds elements."""
    stack: list[str] = []
    begin = 0
    for tag in _TAG.finditer(blank):
        if stack and stack[-1] in _HOLDS_ELEMENTS:
            yield begin, tag.start()
        begin = tag.end()
        slash, name, _, closed = tag.groups()
        if name is None or closed:
            continue
        if not slash:
            stack.append(name)
        elif name in stack[-_DEEPEST:]:
            while stack.pop() != name:
                pass
        if len(stack) > _DEEPEST:
            raise MjmlError(f"elements stand in one another more than {_DEEPEST} deep")
