"""Texts of the wire: kept exactly, any script; bounded in length, without NUL and lone surrogates."""

from typing import Annotated

from pydantic import StringConstraints

# PostgreSQL's text can hold neither NUL nor lone surrogates; pydantic refuses the latter by itself.
_NO_NUL = r"^[^\x00]*$"

Short = Annotated[str, StringConstraints(max_length=255, pattern=_NO_NUL)]
"""Ids, names, methods: at most 255 characters."""

Long = Annotated[str, StringConstraints(max_length=4000, pattern=_NO_NUL)]
"""Addresses, URLs, notes: at most 4000 characters."""

Prose = Annotated[str, StringConstraints(max_length=20_000, pattern=_NO_NUL)]
"""Descriptions: at most 20,000 characters."""
