"""No template runs away: each of these fails with a reason instead of taking the time and memory it asks for."""

import pytest

from automation.template import Template, TemplateError
from tests.templates.builders import rendered

_TURNS = "loops take more than 10,000 turns"
_LARGE = "a value of more than 524,288 characters"
_MANY = "an array of more than 10,000 items"
_CLOCK = "rendering takes more than"
_GROW = "{% for i in (1..1000) %}{% assign x = x | FILTER %}{% endfor %}"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("{% for i in (1..9999) %}{% for j in (1..9999) %}x{% endfor %}{% endfor %}", _TURNS),
        ("{% for i in (1..6000) %}{% endfor %}" * 2, _TURNS),
        ("{% for i in (1..100000) reversed %}{% endfor %}", _TURNS),
        ("{% assign n = '100000000000' %}{% for i in (1..n) reversed %}{% endfor %}", "a range beyond 100,000"),
        ("{% assign n = '100000000000' %}{% if (1..n) contains 'x' %}{% endif %}", "a range beyond 100,000"),
        ("{% tablerow i in (1..20000) %}x{% endtablerow %}", _TURNS),
        ("{% for i in (1..100000000000) %}{% endfor %}", "a range beyond 100,000"),
        ("{% if (1..100000000000) contains 'x' %}{% endif %}", "a range beyond 100,000"),
        ("{{ (1..100000) | join }}", _MANY),
        ("{% for i in (1..9999) %}" + "{% if true %}{% endif %}" * 3000 + "{% endfor %}", _CLOCK),
        ("{% for i in (1..9999) %}{{ letters | truncatewords: 2 }}{% endfor %}", _CLOCK),
        ("{% for i in (1..9999) %}{% assign r = many | sort %}{% endfor %}", _CLOCK),
        ("{% for i in (1..9999) %}" + "x" * 1100 + "{% endfor %}", "a part of more than 524,288 characters"),
        (
            "{% capture x %}{% for i in (1..9999) %}" + "x" * 1100 + "{% endfor %}{% endcapture %}",
            "a part of more than 524,288",
        ),
        ("{% assign x = 'a' %}" + _GROW.replace("FILTER", "append: x"), _LARGE),
        ("{% assign x = 'a' %}" + _GROW.replace("FILTER", "replace: 'a', 'aaaaaaa'"), _LARGE),
        ("{% assign x = 99999 %}" + _GROW.replace("FILTER", "times: x"), "a number beyond 10^30"),
        ("{% assign x = 'a,b' | split: ',' %}" + _GROW.replace("FILTER", "concat: x"), _MANY),
        ("{% assign x = letters | split: '!' %}" + _GROW.replace("FILTER", "concat: x"), _LARGE),
        ("{{ letters | replace: '', letters }}", _LARGE),
        ("{{ many | join: letters }}", _LARGE),
        ("{{ letters | split: '' }}", _MANY),
        ("{{ 'now' | date: letters }}", "a date pattern of more than 100 characters"),
        ("{{ '1e999999999' | plus: 1 }}", "a number beyond 10^30"),
        ("{% if true %}" * 30 + "{% endif %}" * 30, "block nesting limit reached"),
        ("{{ a" + "[" * 3000 + "b" + "]" * 3000 + " }}", "recursion"),
        ("{{ a | append: '" + "x" * 10_000 + "' }}", "more than 8,192 characters"),
        ("{{ " + " " * 500 + " }}", "200 blanks in a row"),
        ("{{" * 100_000, "{{ without }}"),
        ("{% raw %}" * 20_000, "{% raw %} without its end"),
    ],
)
def test_a_template_that_runs_away_fails_with_the_reason(source: str, reason: str) -> None:
    facts = {"letters": "ab " * 150_000, "many": [str(number) for number in range(9999)]}
    with pytest.raises(TemplateError) as caught:
        rendered(facts, html=source)
    assert reason in str(caught.value)


def test_a_mail_of_many_items_is_within_the_limits() -> None:
    items = [{"name": f"Item {number}", "cost": number} for number in range(1000)]
    row = "<tr><td>{{ item.name }}</td><td>{{ item.cost | money: 'EUR' }}</td></tr>"
    html = f"{{% for item in order.items %}}{row}{{% endfor %}}"
    result = rendered({"order": {"items": items}}, html=html)
    assert result.text.count("Item") == 1000


@pytest.mark.parametrize("path", ["__class__", "items.__class__", "name.__class__.__mro__", "name.format", "name._x"])
def test_attributes_of_python_objects_are_out_of_reach(path: str) -> None:
    assert rendered({"order": {"name": "x", "items": []}}, text=f"{{{{ order.{path} }}}}").text == ""


def test_nothing_of_the_process_can_be_printed() -> None:
    source = "{{ settings }}{{ environment }}{{ os }}{{ self }}{{ context }}{{ template }}"
    assert rendered(text=source).text == ""


def test_a_source_beyond_its_length_is_no_template() -> None:
    with pytest.raises(ValueError, match="262144"):
        Template(name="x", html="x" * 300_000)
