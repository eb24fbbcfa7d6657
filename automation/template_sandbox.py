"""Liquid that can neither reach outside nor run away."""

from functools import cache

from liquid import Environment, StrictUndefined, Undefined


class _Sandbox(Environment):
    loop_iteration_limit = 10_000
    output_stream_limit = 512 * 1024
    local_namespace_limit = 512 * 1024
    block_nesting_limit = 20


@cache
def environment(*, escape: bool, strict: bool) -> Environment:
    """The environment of one kind of part: HTML escapes, strict ones know no missing value."""
    made = _Sandbox(autoescape=escape, undefined=StrictUndefined if strict else Undefined)
    for tag in ("include", "render"):
        del made.tags[tag]
    return made
