"""Fields of an order's items that a template names in its loops, and that no item has."""

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
    """What is wrong and where it begins: a loop over `order.items` says `item.nmae`."""
    context = RenderContext(tree)
    for node in tree.nodes:
        yield from _of_node(node, frozenset(), context)


def _of_node(node: Node, items: frozenset[str], context: RenderContext) -> Iterator[tuple[str, int]]:
    """`items` are the names that stand for an item here."""
    for expression in node.expressions():
        for path in _paths(expression):
            root, *deeper = path.path
            if root in items and deeper and isinstance(deeper[0], str) and deeper[0] not in ITEM_FIELDS:
                told = f"an item of an order has no {deeper[0]!r}, {did_you_mean(deeper[0], ITEM_FIELDS)}"
                yield told, path.token.start_index
        if isinstance(expression, LoopExpression):
            over_items = isinstance(expression.iterable, Path) and expression.iterable.path == _ITEMS
            items = items | {expression.identifier} if over_items else items - {expression.identifier}
    for child in node.children(context, include_partials=False):
        yield from _of_node(child, items, context)


def _paths(expression: Expression) -> Iterator[Path]:
    if isinstance(expression, Path):
        yield expression
    for child in expression.children():
        yield from _paths(child)
