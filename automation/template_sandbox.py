"""Liquid that can neither reach outside nor run away."""

import time
from collections.abc import Callable
from functools import cache
from io import StringIO
from typing import Any, TextIO

from liquid import BoundTemplate, Environment, RenderContext, Token, Undefined
from liquid.ast import Node
from liquid.builtin.expressions.path import Path
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.exceptions import (
    FilterArgumentError,
    LoopIterationLimitError,
    OutputStreamLimitError,
    ResourceLimitError,
    UndefinedError,
)
from liquid.expression import Expression
from liquid.limits import to_int
from liquid.output import LimitedStringIO
from liquid.undefined import UNDEFINED, is_undefined
from liquid.utils.chain_map import ReadOnlyChainMap

from automation.template_filter import FILTERS, MOST_CHARACTERS, bounded

MOST_ITERATIONS = 10_000
"""Of all loops of one part together."""
_MOST_SECONDS = 0.25
"""Of one part; processor time of the thread, so that a busy machine fails nobody's mail."""
_NODES_BETWEEN_LOOKS = 64
_NODES_OF_A_FILTER = 8
"""What a filter may do to a large text takes about as long."""
_FARTHEST = 100_000
"""End of a range; `(1..10000000000) contains "x"` would count to it."""


_NO_TAGS: list[str] = []


@cache
def environment(*, escape: bool, strict: bool) -> Environment:
    """The environment of one kind of part: HTML escapes what it prints, a strict part fails on a missing value."""
    made = (_StrictSandbox if strict else _Sandbox)(autoescape=escape, undefined=_Missing if strict else Undefined)
    for tag in ("include", "render"):
        del made.tags[tag]
    for name, function in FILTERS.items():
        made.add_filter(name, function)
    return made


class _Missing(Undefined):
    """What a strict part finds where there is nothing: it may be asked for, not used."""

    __slots__ = ()
    force_liquid_default = True

    def __str__(self) -> str:
        raise self._error()

    def __len__(self) -> int:
        raise self._error()

    def __int__(self) -> int:
        raise self._error()

    def _error(self) -> UndefinedError:
        return UndefinedError(f"{self.name} is missing", token=self.token)


class _Output(LimitedStringIO):
    """Counts characters; liquid's own encodes each piece to count bytes."""

    def write(self, text: str) -> int:
        self.size += len(text)
        if self.size > self.limit:
            raise OutputStreamLimitError(f"a part of more than {MOST_CHARACTERS:,} characters", token=None)
        return StringIO.write(self, text)


class _Scope(ReadOnlyChainMap):
    """Liquid's own raises and catches an error for each mapping that lacks a name."""

    def __getitem__(self, key: str) -> object:
        for mapping in self._maps:
            if key in mapping:
                return mapping[key]
        raise KeyError(key)


class _Context(RenderContext):
    """Counts what a render does."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: passed on to liquid
        self._iterations = 0
        self._nodes = 0
        self._filters: dict[str, Callable[..., object]] = {}
        self._end = time.thread_time() + _MOST_SECONDS
        super().__init__(*args, **kwargs)
        self.scope = _Scope(*self.scope._maps)  # noqa: SLF001 # the same mappings, in their order

    @property
    def disabled_tags(self) -> list[str]:
        """No tag. Liquid reads this before it renders any node, which makes it the place to count them."""
        self._nodes += 1
        if self._nodes >= _NODES_BETWEEN_LOOKS:
            self._work(0)
        return _NO_TAGS

    @disabled_tags.setter
    def disabled_tags(self, _tags: list[str]) -> None:
        pass

    def get(self, path: list[object], *, token: Token | None, default: object = UNDEFINED) -> object:
        """As liquid's, which is asked where a plain member of a plain object is not what is sought."""
        found: object = self.scope
        try:
            for segment in path:
                if type(segment) is not str or (found is not self.scope and type(found) is not dict):
                    break
                found = found[segment]
            else:
                return found
        except KeyError:
            pass
        return super().get(path, token=token, default=default)

    def raise_for_loop_limit(self, length: int = 1) -> None:
        """Liquid multiplies the lengths of nested loops; here every turn of every loop counts."""
        self._iterations += length
        if self._iterations > MOST_ITERATIONS:
            raise LoopIterationLimitError(f"loops take more than {MOST_ITERATIONS:,} turns", token=None)

    def stopindex(self, key: str, index: int | None = None) -> int:
        """Called before a loop over a reversed range makes a list of it."""
        if index is not None and index > MOST_ITERATIONS:
            raise LoopIterationLimitError(f"loops take more than {MOST_ITERATIONS:,} turns", token=None)
        return super().stopindex(key, index)

    def get_buffer(self, buf: TextIO | None = None) -> StringIO:
        """What `capture` writes to counts with what was written before."""
        return _Output(MOST_CHARACTERS - (buf.size if isinstance(buf, _Output) else 0))

    def filter(self, name: str, token: Token | None) -> Callable[..., object]:
        """The filter, with a bound on what goes in and comes out."""
        known = self._filters.get(name)
        if known is not None:
            return known
        function = super().filter(name, token)

        def run(left: object, *args: object, **kwargs: object) -> object:
            self._work(_NODES_OF_A_FILTER)
            for argument in (left, *args):
                if isinstance(argument, str | range):
                    bounded(argument)
            return bounded(function(left, *args, **kwargs))

        self._filters[name] = run
        return run

    def _work(self, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes < _NODES_BETWEEN_LOOKS:
            return
        self._nodes = 0
        if time.thread_time() > self._end:
            raise ResourceLimitError(f"rendering takes more than {_MOST_SECONDS} s", token=None)


class _StrictContext(_Context):
    def get(self, path: list[object], *, token: Token | None, default: object = UNDEFINED) -> object:
        """Null is missing too, and is named in full."""
        value = super().get(path, token=token, default=default)
        if isinstance(value, _Missing) and value.hint is None:  # assigned from a path that was missing, and named so
            return value
        if default is UNDEFINED and (value is None or is_undefined(value)):
            return _Missing(".".join(map(str, path)), token=token)
        return value


class _Template(BoundTemplate):
    context_class = _Context

    def __init__(self, env: Environment, nodes: list[Node], *args: Any, **kwargs: Any) -> None:  # Any: passed on
        super().__init__(env, nodes, *args, **kwargs)
        context = RenderContext(self)
        for node in nodes:
            _prepare(node, context)

    def render(self, *args: Any, **kwargs: Any) -> str:  # Any: as in liquid, what `dict` takes
        """The text of this part."""
        output = _Output(MOST_CHARACTERS)
        self.render_with_context(self.context_class(self, globals=self.make_globals(dict(*args, **kwargs))), output)
        return output.getvalue()


class _StrictTemplate(_Template):
    context_class = _StrictContext


def _prepare(node: Node, context: RenderContext) -> None:
    pending = list(node.expressions())
    while pending:
        expression = pending.pop()
        if isinstance(expression, RangeLiteral):
            expression.start, expression.stop = _RangeEnd(expression.start), _RangeEnd(expression.stop)
        elif type(expression) is Path and not any(isinstance(segment, Path) for segment in expression.path):
            expression.__class__ = _PlainPath
        pending.extend(expression.children())
    for child in node.children(context, include_partials=False):
        _prepare(child, context)


class _PlainPath(Path):
    """A path without another one in brackets: there is nothing in it to evaluate."""

    __slots__ = ()

    def evaluate(self, context: RenderContext) -> object:
        return context.get(self.path, token=self.token)  # type: ignore[arg-type] # liquid reads it only


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


class _Sandbox(Environment):
    loop_iteration_limit = MOST_ITERATIONS
    local_namespace_limit = 2 * MOST_CHARACTERS
    block_nesting_limit = 20
    template_class = _Template


class _StrictSandbox(_Sandbox):
    template_class = _StrictTemplate
