"""Texts of the wire: kept exactly, any script; bounded in length, without NUL and lone surrogates.

PostgreSQL can hold neither of the two in text. Pydantic refuses lone surrogates by itself.
"""

from typing import Annotated

from pydantic import StringConstraints

_NO_NUL = r"^[^\x00]*$"

Id = Annotated[str, StringConstraints(max_length=255, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]
"""What names an order or a product: at most 255 characters, not blank."""

Short = Annotated[str, StringConstraints(max_length=255, pattern=_NO_NUL)]
"""Names, codes, methods: at most 255 characters."""

Long = Annotated[str, StringConstraints(max_length=4_000, pattern=_NO_NUL)]
"""Addresses, URLs, notes: at most 4,000 characters."""

Prose = Annotated[str, StringConstraints(max_length=20_000, pattern=_NO_NUL)]
"""Descriptions: at most 20,000 characters."""
