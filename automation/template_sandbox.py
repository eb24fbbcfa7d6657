"""Liquid that can neither reach outside nor run away."""

import time
from collections.abc import Callable
from functools import cache
from io import StringIO
from typing import Any, TextIO

from liquid import BoundTemplate, Environment, RenderContext, Token, Undefined
from liquid.ast import Node
from liquid.exceptions import (
    LoopIterationLimitError,
    OutputStreamLimitError,
    ResourceLimitError,
    UndefinedError,
)
from liquid.undefined import UNDEFINED, is_undefined

from automation.template_filter import FILTERS, MOST_CHARACTERS, bounded
from automation.template_locale import LOCALE_FILTERS, load_language
from automation.template_nodes import CountingContext, prepared

MOST_ITERATIONS = 10_000
"""Of all loops of one part together."""
_MOST_SECONDS = 0.25
"""Of one part; after so much of the clock, so much processor time of the thread, so that a busy machine fails nobody's
mail. That clock is dear to ask in some places, so a part that is done sooner never does."""
_NODES_BETWEEN_LOOKS = 64
_NODES_OF_A_FILTER = 8
"""What a filter may do to a large text takes about as long."""


_OF_ANY_LENGTH = (str, range)


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


class _Output(StringIO):
    """Counts characters; liquid's own encodes each piece to count bytes."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room
        self._pieces: list[str] = []

    def write(self, text: str) -> int:
        length = len(text)
        self.room -= length
        if self.room < 0:
            raise OutputStreamLimitError(f"a part of more than {MOST_CHARACTERS:,} characters", token=None)
        self._pieces.append(text)
        return length

    def getvalue(self) -> str:
        """All that was written."""
        return "".join(self._pieces)


class _Context(CountingContext):
    """Counts what a render does."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: passed on to liquid
        self._iterations = 0
        self._nodes = 0
        self._filters: dict[str, Callable[..., object]] = {}
        self._look_from = time.monotonic() + _MOST_SECONDS
        self._end: float | None = None
        super().__init__(*args, **kwargs)

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
        return _Output(buf.room if isinstance(buf, _Output) else MOST_CHARACTERS)

    def filter(self, name: str, token: Token | None) -> Callable[..., object]:
        """The filter, with a bound on what goes in and comes out."""
        known = self._filters.get(name)
        if known is not None:
            return known
        function = super().filter(name, token)

        def run(left: object, *args: object, **kwargs: object) -> object:
            self.work(_NODES_OF_A_FILTER)
            for argument in (left, *args):
                if isinstance(argument, _OF_ANY_LENGTH):
                    bounded(argument)
            return bounded(function(left, *args, **kwargs))

        self._filters[name] = run
        return run

    def work(self, nodes: int) -> None:
        """Look at the clock from time to time, and at that of the processor only once it may have been long."""
        self._nodes += nodes
        if self._nodes < _NODES_BETWEEN_LOOKS:
            return
        self._nodes = 0
        if time.monotonic() < self._look_from:
            return
        if self._end is None:
            self._end = time.thread_time() + _MOST_SECONDS
        elif time.thread_time() > self._end:
            raise ResourceLimitError(f"rendering takes more than {_MOST_SECONDS} s", token=None)


class _StrictContext(_Context):
    names_what_is_missing = True

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
        self.nodes, filters = prepared(nodes, RenderContext(self))
        self._spells = not filters.isdisjoint(LOCALE_FILTERS)

    def render(self, *args: Any, **kwargs: Any) -> str:  # Any: as in liquid, what `dict` takes
        """The text of this part."""
        facts = dict(*args, **kwargs)
        if self._spells:
            load_language(facts)
        output = _Output(MOST_CHARACTERS)
        self.render_with_context(self.context_class(self, globals=facts), output)
        return output.getvalue()


class _StrictTemplate(_Template):
    context_class = _StrictContext


class _Sandbox(Environment):
    loop_iteration_limit = MOST_ITERATIONS
    local_namespace_limit = 2 * MOST_CHARACTERS
    block_nesting_limit = 20
    template_class = _Template


class _StrictSandbox(_Sandbox):
    template_class = _StrictTemplate
