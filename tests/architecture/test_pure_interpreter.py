"""The interpreter, and everything of ours that it stands on, never asks a clock, chance or the machine."""

import ast
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_OURS = ("automation", "core", "store", "activities", "workflows", "api", "channels", "cli", "console", "worker")
_WORLD = {"time", "random", "secrets", "os", "socket", "subprocess", "asyncio", "threading", "httpx"}
_CLOCKS = {"now", "utcnow", "today"}


def test_the_interpreter_never_needs_the_clock() -> None:
    found = _stands_on({"automation.interpreter", "automation.waits", "automation.matching"})
    assert {"automation.choices", "automation.comparison", "automation.moments", "automation.steps"} <= found.keys()
    asked = {name: wanted for name, tree in found.items() if (wanted := _asks(tree))}
    assert asked == {}


def _stands_on(names: set[str]) -> dict[str, ast.Module]:
    """The modules of ours that these import, and theirs."""
    found: dict[str, ast.Module] = {}
    left = set(names)
    while left:
        name = left.pop()
        found[name] = ast.parse((_ROOT / f"{name.replace('.', '/')}.py").read_text())
        left |= {one for one in _imported(found[name]) if one.split(".")[0] in _OURS} - found.keys()
    return found


def _imported(tree: ast.Module) -> set[str]:
    names = {one.name for node in ast.walk(tree) if isinstance(node, ast.Import) for one in node.names}
    return names | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}


def _asks(tree: ast.Module) -> set[str]:
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    called = {one.attr for one in calls if isinstance(one, ast.Attribute)}
    return (_imported(tree) & _WORLD) | (called & _CLOCKS)
