"""Strict templates: a missing value is an error that names it."""

import pytest

from automation.template import TemplateError
from tests.templates.builders import rendered

_FACTS = {"order": {"id": 7, "address": None, "items": [{"name": "A"}, {}]}, "contact": {"firstName": "Anna"}}


@pytest.mark.parametrize(
    ("source", "missing"),
    [
        ("{{ order.total }}", "order.total"),
        ("{{ order.address }}", "order.address"),
        ("{{ customer.name.first }}", "customer.name.first"),
        ("{{ externalOrderId }}", "externalOrderId"),
        ("{{ order.total | money }}", "order.total"),
        ("{{ order.total | date: 'long' }}", "order.total"),
        ("{{ order.total | plus: 1 }}", "order.total"),
        ("{{ order.id | append: order.total }}", "order.total"),
        ("{{ order.total | upcase }}", "order.total"),
        ("{{ order.total | size }}", "order.total"),
        ("{% for item in order.lines %}{% endfor %}", "order.lines"),
        ("{% for item in order.items %}{{ item.name }}{% endfor %}", "item.name"),
        ("{% assign x = order.total %}{{ x }}", "order.total"),
        ("{{ order.items | map: 'name' | join: order.separator }}", "order.separator"),
    ],
)
def test_a_missing_value_is_named(source: str, missing: str) -> None:
    for part in ("html", "text"):
        with pytest.raises(TemplateError, match=f"{missing} is missing"):
            rendered(_FACTS, strict=True, **{part: source})


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("{{ contact.firstName }}", "Anna"),
        ("{{ contact.lastName | default: 'you' }}", "you"),
        ("{{ order.address | default: 'here' }}", "here"),
        ("{% if order.address %}x{% else %}y{% endif %}", "y"),
        ("{% unless unsubscribe_url %}y{% endunless %}", "y"),
        ("{% if order.total == nil %}y{% endif %}", "y"),
        ("{% if order.total > 5 %}x{% else %}y{% endif %}", "y"),
    ],
)
def test_a_value_may_be_asked_for(source: str, shown: str) -> None:
    assert rendered(_FACTS, strict=True, text=source).text == shown
