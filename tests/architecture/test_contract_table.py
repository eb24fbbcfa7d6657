"""Tables in docs/ name a test for each sentence that the product was built to; this keeps the names true."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")
_NO_ROWS = ("| what it says |", "| --- |")

tables = pytest.mark.parametrize("document", ["contract.md", "language.md"])


@tables
def test_every_test_that_a_table_names_exists(document: str) -> None:
    named = _NAMED.findall((_ROOT / "docs" / document).read_text())
    assert len(named) > 50
    assert [f"{file}::{name}" for file, name in named if name not in _tests(file)] == []


@tables
def test_every_sentence_of_a_table_has_a_test(document: str) -> None:
    lines = (_ROOT / "docs" / document).read_text().splitlines()
    rows = [line for line in lines if line.startswith("|") and not line.startswith(_NO_ROWS)]
    assert len(rows) > 40
    assert [row for row in rows if not _NAMED.search(row)] == []


@cache
def _tests(file: str) -> set[str]:
    path = _ROOT / "tests" / file
    if not path.exists():
        return set()
    tree = ast.parse(path.read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
