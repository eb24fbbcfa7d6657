"""Recipes come with everything that they need."""

import pytest

from console.recipe import Recipe, add_missing_parts, find_recipe, missing_parts, recipes
from core.errors import NotFoundError
from store.session import open_database


def test_each_recipe_says_what_it_is_for():
    assert {"delivered-review", "abandoned-cart", "nps", "win-back"} <= {one.key for one in recipes()}
    assert [one.key for one in recipes() if not one.about or not one.templates] == []
    with pytest.raises(NotFoundError):
        find_recipe("../orders")


async def test_what_a_recipe_needs_is_added_once(database_url: str):
    database = open_database(database_url, pool_size=1)
    try:
        async with database.transaction() as session:
            for one in recipes():
                await _added(session, one)
    finally:
        await database.close()


async def _added(session, recipe: Recipe) -> None:
    names, segments = await missing_parts(session, recipe)
    assert await add_missing_parts(session, recipe, actor="test") == len(names) + len(segments)
    assert await missing_parts(session, recipe) == ([], [])
