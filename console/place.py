"""Places in lists and ids in addresses."""

from uuid import UUID

from core.errors import NotFoundError


def id_of(kind: str, text: str) -> UUID:
    """An id of an address. Raises NotFoundError for what is none."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFoundError(kind, text) from None


def before(cursor: str | None) -> UUID | None:
    """Where the page begins; what is no cursor of ours begins at the beginning."""
    try:
        return UUID(cursor) if cursor else None
    except ValueError:
        return None
