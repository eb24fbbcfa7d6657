"""docs/contract.md names a test for each sentence of the intake contract; this keeps the names true."""

import ast
import re
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")


def test_every_test_that_the_contract_names_exists() -> None:
    named = _NAMED.findall((_ROOT / "docs" / "contract.md").read_text())
    assert len(named) > 50
    assert [f"{file}::{name}" for file, name in named if name not in _tests(file)] == []


def _tests(file: str) -> set[str]:
    path = _ROOT / "tests" / file
    if not path.exists():
        return set()
    tree = ast.parse(path.read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
