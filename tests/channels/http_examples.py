"""The example providers of docs/channels.md, so that what the page shows is what is tested."""

import re
from pathlib import Path

_PAGE = Path(__file__).parents[2] / "docs" / "channels.md"


def example(name: str) -> str:
    """The YAML under the heading of this provider."""
    found = re.search(rf"^### {name}\n.*?```yaml\n(.*?)```", _PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert found, name
    return found[1]
