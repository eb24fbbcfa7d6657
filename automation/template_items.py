"""Fields of an order's items that a template names, in its loops or by a place, and that no item has."""

from collections.abc import Iterator

from liquid import BoundTemplate, RenderContext
from liquid.ast import Node
from liquid.builtin.expressions.loop import LoopExpression
from liquid.builtin.expressions.path import Path
from liquid.expression import Expression

from automation.problems import did_you_mean
from core.document import ITEM_FIELDS

_ITEMS = ["order", "items"]


def unknown_of_items(tree: BoundTemplate) -> Iterator[tuple[str, int]]:
    """What is wrong and where it begins: a loop over `order.items` says `item.nmae`, or `order.items[0].nmae`."""
    context = RenderContext(tree)
    for node in tree.nodes:
        yield from _of_node(node, frozenset(), context)


def _of_node(node: Node, items: frozenset[str], context: RenderContext) -> Iterator[tuple[str, int]]:
    """`items` are the names that stand for an item here."""
    for expression in node.expressions():
        for path in _paths(expression):
            name = _field(path, items)
            if name is not None and name not in ITEM_FIELDS:
                told = f"an item of an order has no {name!r}, {did_you_mean(name, ITEM_FIELDS)}"
                yield told, path.token.start_index
        if isinstance(expression, LoopExpression):
            over_items = isinstance(expression.iterable, Path) and expression.iterable.path == _ITEMS
            items = items | {expression.identifier} if over_items else items - {expression.identifier}
    for child in node.children(context, include_partials=False):
        yield from _of_node(child, items, context)


def _field(path: Path, items: frozenset[str]) -> str | None:
    """The field of an item that a path names."""
    match path.path:
        case ["order", "items", int() | "first" | "last", str(name), *_]:
            return name
        case [str(root), str(name), *_] if root in items:
            return name
    return None


def _paths(expression: Expression) -> Iterator[Path]:
    if isinstance(expression, Path):
        yield expression
    for child in expression.children():
        yield from _paths(child)
