"""Recipes: automations to begin with, and the templates and segments that they need.

They are the files of `examples/`, of which `console/recipes` is a link, so that an installed console has them too.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from sqlalchemy.ext.asyncio import AsyncSession

from api.template_work import save_template
from automation.action_steps import SendStep
from automation.definition import Definition, load_definition
from automation.flow import each_step
from automation.template import parse_template
from core.errors import NotFoundError
from core.segments.definition import condition_json, read_condition
from store import templates
from store.segments import put_segment, segment_names


@dataclass(frozen=True, slots=True)
class Recipe:
    """An automation that can be taken as it is. `key` names it in addresses."""

    key: str
    about: str
    """What it is for, from the comment above it."""
    text: str
    """Its YAML without that comment."""
    definition: Definition

    @property
    def templates(self) -> tuple[str, ...]:
        """The templates that it sends."""
        steps = each_step(self.definition.steps)
        return tuple(dict.fromkeys(one.template for one in steps if isinstance(one, SendStep)))


@cache
def recipes() -> Sequence[Recipe]:
    """All of them, by name."""
    found = [one for one in _folder("automations").iterdir() if one.name.endswith(".yaml")]
    return sorted((_recipe(one) for one in found), key=lambda one: one.definition.name)


def find_recipe(key: str) -> Recipe:
    """Raises NotFoundError."""
    for one in recipes():
        if one.key == key:
            return one
    raise NotFoundError("recipe", key)


async def missing_parts(session: AsyncSession, recipe: Recipe) -> tuple[list[str], list[str]]:
    """Names of templates and of segments that the recipe needs and nobody has written yet."""
    known = {one.name for one in await templates.list_templates(session)}
    segment = recipe.definition.start.segment
    wanted = [segment] if segment and segment not in await segment_names(session) else []
    return [name for name in recipe.templates if name not in known], wanted


async def add_missing_parts(session: AsyncSession, recipe: Recipe, *, actor: str) -> int:
    """Keep the templates and segments that are missing, as they come with the recipe. Returns how many."""
    names, segments = await missing_parts(session, recipe)
    for name in names:
        source = _folder("templates").joinpath(f"{name}.html").read_text(encoding="utf-8")
        await save_template(session, parse_template(name, source), actor=actor)
    for name in segments:
        file = _folder("segments").joinpath(f"{name.replace(' ', '-')}.json")
        condition = read_condition(json.loads(file.read_text(encoding="utf-8")))
        await put_segment(session, name, condition_json(condition))
    return len(names) + len(segments)


def _folder(name: str) -> Traversable:
    return files("console").joinpath("recipes", name)


def _recipe(file: Traversable) -> Recipe:
    lines = file.read_text(encoding="utf-8").splitlines()
    said = [line.removeprefix("#").strip() for line in lines if line.startswith("#")]
    text = "\n".join(line for line in lines if not line.startswith("#")) + "\n"
    return Recipe(file.name.removesuffix(".yaml"), " ".join(said), text, load_definition(text))
