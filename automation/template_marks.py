"""Where Liquid stands in a source, so that tools for markup can be kept away from it."""

import re
from collections.abc import Callable

from automation.template_source import check_source

MARK = re.compile(
    r"\{%-?\s*(?P<verbatim>raw|comment|doc)\s*-?%\}.*?\{%-?\s*end(?P=verbatim)\s*-?%\}|\{\{.*?\}\}|\{%.*?%\}", re.DOTALL
)
"""An output, a tag, or a block whose content is no Liquid."""


def replace_marks(source: str, put: Callable[[int, "re.Match[str]"], str]) -> tuple[str, list[str]]:
    """The source with `put(number, match)` in place of each mark, and the marks. Raises LiquidSyntaxError."""
    check_source(source)  # so that the search below takes time that grows with the length only
    marks: list[str] = []

    def one(match: re.Match[str]) -> str:
        marks.append(match[0])
        return put(len(marks) - 1, match)

    return MARK.sub(one, source), marks
