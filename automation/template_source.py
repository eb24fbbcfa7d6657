"""What a Liquid source has to be before it is parsed, so that parsing takes time that grows with its length only."""

import re

from liquid.exceptions import LiquidSyntaxError
from liquid.token import TOKEN_CONTENT, Token

_LONGEST_MARK = 8 * 1024
_MARK = re.compile(r"\{[{%]")
_CLOSES = {"{{": "}}", "{%": "%}"}
_LONG_BLANK = re.compile(r"\s{200}")
_VERBATIM = {word: re.compile(rf"\{{%-?\s*+end{word}\s*+-?%\}}") for word in ("raw", "doc")}


def check_source(source: str) -> None:
    """Raises LiquidSyntaxError at a mark that never closes, is longer than 8 KiB or mostly blank.

    Each of these makes Liquid's lexer look through the rest of the source once more, or once for each blank.
    """
    place = 0
    while (mark := _MARK.search(source, place)) is not None:
        close = _CLOSES[mark[0]]
        end = source.find(close, mark.end())
        if end < 0:
            raise _error(f"{mark[0]} without {close}", source, mark.start())
        inside = source[mark.end() : end]
        if len(inside) > _LONGEST_MARK:
            raise _error(f"{mark[0]} … {close} of more than {_LONGEST_MARK:,} characters", source, mark.start())
        if _LONG_BLANK.search(inside):
            raise _error(f"{mark[0]} … {close} with 200 blanks in a row", source, mark.start())
        place = end + len(close)
        verbatim = _VERBATIM.get(inside.strip("- \t\r\n")) if mark[0] == "{%" else None
        if verbatim is not None:
            found = verbatim.search(source, place)
            if found is None:
                raise _error(f"{{% {inside.strip()} %}} without its end", source, mark.start())
            place = found.end()


def _error(message: str, source: str, place: int) -> LiquidSyntaxError:
    return LiquidSyntaxError(message, token=Token(TOKEN_CONTENT, source[place : place + 2], place, source))
