"""The published JSON Schema says of a document what the loader says."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from automation.definition import build_definition, definition_json, json_schema, load_definition
from automation.source import read_source
from tests.automation.documents import DOCUMENTS
from tests.automation.test_definition import WHOLE

SCHEMA = Draft202012Validator(json_schema())
RECIPES = sorted((Path(__file__).parents[2] / "examples" / "automations").glob("*.yaml"))


def test_it_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA.schema)


@settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(DOCUMENTS)
def test_what_can_be_loaded_fits_it(document):
    assert SCHEMA.is_valid(document)
    assert SCHEMA.is_valid(definition_json(build_definition(document)))


def test_the_stored_form_of_every_kind_of_step_fits_it():
    SCHEMA.validate(definition_json(load_definition(WHOLE)))


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_the_recipes_fit_it(recipe):
    SCHEMA.validate(read_source(recipe.read_text()).data)


@pytest.mark.parametrize("step", [
    {"send": {"chanel": "email", "template": "x"}}, {"foo": {}}, {"wait": {}, "send": {}}, "stop",
    {"split": {"arms": [{"weight": 0}, {"weight": 1}]}}, {"if": {"where": {"op": "eq"}}},
    {"if": {"where": {"field": "order.status", "op": "equals"}}},
])  # fmt: skip
def test_what_cannot_be_loaded_for_its_shape_does_not_fit_it(step):
    assert not SCHEMA.is_valid({"name": "x", "start": {"event": "e"}, "steps": [step]})


def test_keys_that_the_loader_fills_in_are_not_needed():
    steps = [{"get_order": None}, {"get_order": {"id": "${orderId}"}}, {"wait": "10d"}, {"stop": None}]
    SCHEMA.validate({"name": "x", "start": {"event": "e"}, "steps": steps})
    build_definition({"name": "x", "start": {"event": "e"}, "steps": steps})
