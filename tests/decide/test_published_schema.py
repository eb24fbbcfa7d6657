"""The schema in docs/ is the one that the API publishes."""

import json
from pathlib import Path

from automation.definition import json_schema

PUBLISHED = Path(__file__).parents[2] / "docs" / "automation.schema.json"


def written() -> str:
    """As it stands in docs/: `python -m tests.decide.test_published_schema` writes it."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def test_the_schema_in_docs_is_that_of_the_code() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == written(), "run: python -m tests.decide.test_published_schema"


if __name__ == "__main__":
    PUBLISHED.write_text(written(), encoding="utf-8")
