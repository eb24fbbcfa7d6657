"""The nodes and paths of a parsed template, made to do what they do with less: most of a mail is these few.

Each does exactly what liquid's own does; the last tests of what is special are left to that.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import TextIO

from liquid import RenderContext, Undefined, escape
from liquid.ast import BlockNode, Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import BooleanExpression, FilteredExpression, LoopExpression
from liquid.builtin.expressions.arguments import PositionalArgument
from liquid.builtin.expressions.filtered import Filter
from liquid.builtin.expressions.logical import is_truthy
from liquid.builtin.expressions.path import Path
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.exceptions import FilterArgumentError, LiquidTypeError
from liquid.expression import Expression
from liquid.limits import to_int
from liquid.stringify import to_liquid_string

_FARTHEST = 100_000
"""End of a range; `(1..10000000000) contains "x"` would count to it."""
_MARKUP = re.compile("[&<>'\"]")
_ROOT_AND_MEMBER = 2
_PLAIN = frozenset({str, int, bool, Decimal, float, list, dict})
_OF_EVERYTHING = frozenset({"size", "first", "last"})
"""Members that liquid finds where there are none of that name."""


class CountingContext(RenderContext):
    """A context that is told of the work that is about to be done."""

    names_what_is_missing = False

    def work(self, nodes: int) -> None:
        """So many nodes, or what takes as long. Raises ResourceLimitError."""
        raise NotImplementedError


def prepared(nodes: list[Node], context: RenderContext) -> tuple[list[Node], set[str]]:
    """These nodes as one, and all that are in them, with the classes of this module; and the filters that they use."""
    filters: set[str] = set()
    for node in nodes:
        _prepare(node, context, filters)
    return [_Whole(nodes)] if nodes else [], filters


def _prepare(node: Node, context: RenderContext, filters: set[str]) -> None:
    if type(node) in _QUICK:
        node.__class__ = _QUICK[type(node)]
    if isinstance(node, OutputNode):
        shown = node.expression
        if type(shown) is FilteredExpression and not shown.filters:
            node.expression = shown.left
    pending = list(node.expressions())
    while pending:
        expression = pending.pop()
        filters.update(_prepare_expression(expression))
        pending.extend(expression.children())
    for child in node.children(context, include_partials=False):
        _prepare(child, context, filters)


def _prepare_expression(expression: Expression) -> Iterator[str]:
    """The names of its filters."""
    if isinstance(expression, RangeLiteral):
        expression.start, expression.stop = _RangeEnd(expression.start), _RangeEnd(expression.stop)
    elif isinstance(expression, LoopExpression):
        expression.identifier = str(expression.identifier)  # liquid's own text compares itself in Python
    elif type(expression) is Path and not any(isinstance(segment, Path) for segment in expression.path):
        named = len(expression.path) == _ROOT_AND_MEMBER and type(expression.path[1]) is str
        expression.__class__ = _Member if named else _PlainPath
    elif type(expression) is BooleanExpression:
        expression.__class__ = _Truth
    elif isinstance(expression, FilteredExpression):
        for one in expression.filters or ():
            yield one.name
            if all(isinstance(argument, PositionalArgument) for argument in one.args):
                one.__class__ = _PlainFilter


class _Block(BlockNode):
    __slots__ = ()

    def render(self, context: RenderContext, buffer: TextIO) -> int:
        """Every turn of a loop comes by here, which makes it the place to count."""
        context.work(len(self.nodes) + 1)  # type: ignore[attr-defined] # each of ours is a CountingContext
        if self.blank:
            return super().render_to_output(context, buffer)
        written = 0
        write = buffer.write
        for node in self.nodes:
            written += write(node.text) if type(node) is _Content else node.render(context, buffer)
        return written


class _Whole(_Block):
    """All of a part."""

    __slots__ = ()

    def __init__(self, nodes: list[Node]) -> None:
        super().__init__(nodes[0].token, nodes)
        self.blank = False  # liquid drops the blanks of blank blocks, not those of a whole part


class _Content(ContentNode):
    __slots__ = ()

    def render(self, _context: RenderContext, buffer: TextIO) -> int:
        return buffer.write(self.text)


class _Output(OutputNode):
    __slots__ = ()

    def render(self, context: RenderContext, buffer: TextIO) -> int:
        value = self.expression.evaluate(context)
        kind = type(value)
        if kind is str:
            text: str = value  # type: ignore[assignment] # mypy learns nothing from `is`
            return buffer.write(escape(text) if context.autoescape and _MARKUP.search(text) else text)
        if kind is Decimal or kind is int:
            return buffer.write(str(value))
        return buffer.write(to_liquid_string(value, context.autoescape))


class _If(IfNode):
    __slots__ = ()

    def render(self, context: RenderContext, buffer: TextIO) -> int:
        return self.render_to_output(context, buffer)


class _Truth(BooleanExpression):
    __slots__ = ()

    def evaluate(self, context: RenderContext) -> bool:
        value = self.expression.evaluate(context)
        kind = type(value)
        if kind is bool:
            return bool(value)
        return kind in _PLAIN or is_truthy(value)


class _PlainFilter(Filter):
    """One without named arguments."""

    __slots__ = ()

    def evaluate(self, left: object, context: RenderContext) -> object:
        function = context.filter(self.name, token=self.token)
        arguments = [argument.value.evaluate(context) for argument in self.args]
        try:
            return function(left, *arguments)
        except TypeError as error:
            raise LiquidTypeError(f"{self.name}: {error}", token=self.token) from error
        except (LiquidTypeError, FilterArgumentError) as error:
            error.token = self.token
            raise


class _PlainPath(Path):
    """A path without another one in brackets: there is nothing in it to evaluate."""

    __slots__ = ()

    def evaluate(self, context: RenderContext) -> object:
        path = self.path
        found: object = None
        first = True
        for member in path:
            if first:
                first = False
                for mapping in context.scope._maps:  # noqa: SLF001 # asked for each name that a template prints
                    if member in mapping:
                        found = mapping[member]  # type: ignore[index] # a name, as it is in there
                        break
                else:
                    return context.get(path, token=self.token)  # type: ignore[arg-type] # liquid reads it only
            elif type(found) is not dict or type(member) is not str:
                return context.get(path, token=self.token)  # type: ignore[arg-type] # as above
            elif member in found:
                found = found[member]
            elif member in _OF_EVERYTHING or context.names_what_is_missing:  # type: ignore[attr-defined] # as in _Block
                return context.get(path, token=self.token)  # type: ignore[arg-type] # as above
            else:
                return Undefined(str(path[0]), token=self.token)
        return found if type(found) in _PLAIN else context.get(path, token=self.token)  # type: ignore[arg-type] # as above


class _Member(_PlainPath):
    """`item.name`: nearly all paths are of this kind."""

    __slots__ = ()

    def evaluate(self, context: RenderContext) -> object:
        root, member = self.path
        for mapping in context.scope._maps:  # noqa: SLF001 # as above
            if root in mapping:
                found = mapping[root]  # type: ignore[index] # as above
                if type(found) is dict and member in found:
                    value = found[member]
                    if type(value) in _PLAIN:
                        return value
                break
        return super().evaluate(context)


class _RangeEnd(Expression):
    """An end of a range that is not out of sight."""

    __slots__ = ("inner",)

    def __init__(self, inner: Expression) -> None:
        super().__init__(inner.token)
        self.inner = inner

    def __str__(self) -> str:
        return str(self.inner)

    def evaluate(self, context: RenderContext) -> object:
        value = self.inner.evaluate(context)
        try:
            place = to_int(value)
        except (ValueError, TypeError):
            return value
        if abs(place) > _FARTHEST:
            raise FilterArgumentError(f"a range beyond {_FARTHEST:,}", token=self.token)
        return place

    def children(self) -> list[Expression]:
        return [self.inner]


_QUICK: dict[type[Node], type[Node]] = {BlockNode: _Block, ContentNode: _Content, OutputNode: _Output, IfNode: _If}
