"""The recipes of examples/ can be loaded, checked and walked as they are."""

from pathlib import Path

import pytest

from automation.definition import check, definition_json, load_definition
from automation.interpreter import Choose, Cursor, End, Flow, choose
from automation.matching import match_start
from automation.template import CompiledTemplate, parse_template

EXAMPLES = Path(__file__).parents[2] / "examples"
RECIPES = {path.stem: path.read_text() for path in sorted((EXAMPLES / "automations").glob("*.yaml"))}


def test_all_of_them_are_here():
    assert set(RECIPES) == {
        "order-status", "delivered-review", "abandoned-cart", "nps", "replenishment", "win-back", "cancelled-feedback",
        "abandoned-carts-segment", "confirm-address",
    }  # fmt: skip


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_has_no_problems(name):
    sources = (EXAMPLES / "templates").glob("*.html")
    templates = {path.stem: CompiledTemplate(parse_template(path.stem, path.read_text())).names for path in sources}
    assert check(load_definition(RECIPES[name]), templates=templates, channels=["email"]) == ()


@pytest.mark.parametrize("name", RECIPES)
def test_every_step_of_a_recipe_has_a_name_that_stays(name):
    definition = load_definition(RECIPES[name])
    assert definition_json(definition) == definition_json(load_definition(RECIPES[name]))
    for step_id, step in Flow(definition).steps.items():
        assert step.kind == "get_order" or step_id != f"{step.kind.replace('_', '-')}-1"


def _sends(name: str, **facts) -> list[str]:
    cursor, templates = Cursor.start(Flow(load_definition(RECIPES[name]))), []
    while not isinstance(effect := cursor.effect, End):
        if isinstance(effect, Choose):
            cursor = cursor.follow(choose(cursor.flow, effect.step_id, facts, contact_key="c").pairs)
            continue
        if effect.step.kind == "send":
            templates.append(effect.step.template)
        cursor = cursor.passed()
    return templates


@pytest.mark.parametrize(("name", "status", "templates"), [
    ("order-status", "INITIALIZED", ["order-initialized"]),
    ("order-status", "IN_PROGRESS", ["order-in-progress"]),
    ("order-status", "CANCELLED", ["order-cancelled"]),
    ("delivered-review", "DELIVERED", ["order-delivered", "review-request"]),
    ("abandoned-cart", "ABANDONED_SHOPPING_CART", ["abandoned-cart-1", "abandoned-cart-2", "abandoned-cart-3"]),
    ("nps", "DELIVERED", ["nps"]),
    ("replenishment", "DELIVERED", ["replenishment"]),
    ("win-back", None, ["win-back"]),
    ("abandoned-carts-segment", None, ["abandoned-cart-1", "abandoned-cart-2"]),
    ("cancelled-feedback", "CANCELLED", ["cancelled-feedback"]),
    ("confirm-address", None, ["confirm-address"]),
])  # fmt: skip
def test_a_recipe_sends_its_messages(name, status, templates):
    assert _sends(name, event={"status": status}) == templates


@pytest.mark.parametrize(("category", "held"), [("Coffee", True), ("Cups", False)])
def test_replenishment_starts_for_its_category(category, held):
    definition = load_definition(RECIPES["replenishment"])
    facts = {"order": {"items": [{"category": "Tea"}, {"category": category}]}}
    assert match_start(definition, "orderDELIVERED", "acts", facts).held is held
