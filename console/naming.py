"""What segments and templates may be called: their names stand in addresses."""

from console.text import tr
from core.errors import InvalidError

SEGMENT_NAME = 100
"""Characters at most."""
TEMPLATE_NAME = 200


def check_name(name: str, longest: int) -> None:
    """Raises InvalidError of the field `name`."""
    if not 0 < len(name) <= longest or "/" in name or "\0" in name:
        said = tr("Give it a name of at most {longest} characters, without a slash.", longest=longest)
        raise InvalidError(said, field="name")
