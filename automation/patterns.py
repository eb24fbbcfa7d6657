"""Patterns of `matches`: RE2, whose time grows with the text and never with tricks in the pattern.

Nested repetition costs nothing there; back-references and look-around, which would, do not exist in it.
"""

from functools import lru_cache
from typing import Protocol

import re2

MAX_PATTERN = 500
"""Characters of a pattern."""
MAX_TEXT = 10_000
"""Characters of the text that are looked at."""
MAX_MEMORY = 1 << 20
"""Bytes that one compiled pattern may take."""


class Pattern(Protocol):
    """The one method that is used of a compiled pattern."""

    def search(self, text: bytes, /) -> object | None:
        """Something when the pattern is found anywhere in the text, which is UTF-8."""


@lru_cache(maxsize=1000)
def compile_pattern(text: str) -> Pattern:
    """A pattern ready to search. Raises ValueError with the remedy."""
    if len(text) > MAX_PATTERN:
        raise ValueError(f"a pattern has at most {MAX_PATTERN} characters")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MAX_MEMORY
    try:
        pattern: Pattern = re2.compile(text, options)
    except re2.error as error:
        detail = error.args[0].decode(errors="replace") if error.args else "not understood"
        raise ValueError(f"the pattern cannot be used: {detail}; its syntax is that of RE2") from error
    return pattern


def found_in(pattern: Pattern, text: str) -> bool:
    """Whether the pattern is found anywhere in the beginning of the text."""
    return pattern.search(text[:MAX_TEXT].encode(errors="replace")) is not None


def compile_error(text: str) -> str:
    """What is wrong with a pattern; empty when nothing is."""
    try:
        compile_pattern(text)
    except ValueError as error:
        return str(error)
    return ""
