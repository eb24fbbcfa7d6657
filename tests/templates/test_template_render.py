"""What the parts of a template become."""

from collections.abc import Mapping
from typing import Any

import pytest

from automation.template import CompiledTemplate, Template, TemplateError, fill
from tests.templates.builders import rendered, shown

_HOSTILE = {"contact": {"firstName": "<img src=x onerror=alert(1)> & \"co\" 'x'"}}


def test_html_escapes_and_text_does_not() -> None:
    result = rendered(
        _HOSTILE,
        subject="{{ contact.firstName }}",
        html="<p>{{ contact.firstName }}</p>",
        text="{{ contact.firstName }}",
    )
    assert result.html == "<p>&lt;img src=x onerror=alert(1)&gt; &amp; &#34;co&#34; &#39;x&#39;</p>"
    assert result.text == result.subject == _HOSTILE["contact"]["firstName"]


@pytest.mark.parametrize(
    "filters",
    [
        "| append: '<b>'",
        "| prepend: '<b>'",
        "| upcase",
        "| strip_html | append: '<br>'",
        "| replace: 'img', 'b'",
        "| split: ' ' | join: '<br>'",
        "| split: ' ' | first",
        "| strip_newlines",
        "| newline_to_br",
        "| truncate: 8",
        "| escape_once",
        "| default: 'x'",
        "| date: '<b>'",
        "| money",
        "| money: contact.firstName",
        "| url_encode | url_decode",
        "| split: '' | uniq | join: ''",
    ],
)
def test_no_filter_lets_the_markup_of_a_customer_through(filters: str) -> None:
    html = rendered(_HOSTILE, html=f"{{{{ contact.firstName {filters} }}}}").html
    assert html is not None
    assert "<img" not in html.lower()
    assert "onerror=alert(1)>" not in html.lower()


def test_the_author_may_trust_a_value() -> None:
    assert rendered({"note": "<b>x</b>"}, html="{{ note | safe }}").html == "<b>x</b>"


def test_a_subject_is_one_line() -> None:
    assert rendered({"name": "a\r\nBcc: b"}, subject=" Hi\n{{ name }} ", html="<p>").subject == "Hi a Bcc: b"


def test_without_a_subject_it_is_empty() -> None:
    assert rendered(text="x").subject == ""


def test_the_text_part_comes_from_the_html_where_there_is_none() -> None:
    assert rendered({"n": "A & B"}, html="<p>Hello <b>{{ n }}</b></p><p>Bye</p>").text == "Hello A & B\n\nBye\n"


def test_a_text_part_of_its_own_is_kept() -> None:
    assert rendered(html="<p>Hello</p>", text="Hi").text == "Hi"


def test_event_parameters_stand_at_the_top_level() -> None:
    assert shown("{{ eventKey }} {{ event.eventKey }}", event={"eventKey": "7"}) == "7 7"


def test_event_parameters_hide_no_fact() -> None:
    assert shown("{{ order.id }}", event={"order": "x"}, order={"id": 7}) == "7"


@pytest.mark.parametrize("event", [None, {}])
def test_a_missing_event_is_no_error(event: Mapping[str, Any] | None) -> None:
    assert shown("x{{ event.key }}", event=event) == "x"


@pytest.mark.parametrize(
    "source",
    [
        "{{ order.none.of.this }}",
        "{{ nothing }}",
        "{{ nothing | money }}",
        "{{ nothing | date: '%d.%m.%Y' }}",
        "{{ nothing | upcase | append: '' }}",
        "{% for item in order.items %}x{% endfor %}",
        "{% if nothing > 5 %}x{% endif %}",
        "{{ order.items[3].name }}",
        "{{ order.phone }}",
    ],
)
def test_a_missing_value_prints_nothing(source: str) -> None:
    assert shown(source, order={"phone": None}) == ""


def test_names_and_paths_are_what_the_template_takes_from_its_context() -> None:
    compiled = CompiledTemplate(
        Template(
            name="x",
            subject="{{ eventKey }}",
            html="{% for item in order.items %}{{ item.name }}{{ forloop.index }}{% endfor %}"
            "{% assign total = order['totalCost'] | money: order.currency %}{{ total }}",
            text="{% if contact.firstName %}{{ order.additionalInfo[contact.language].x }}{% endif %}"
            "{{ order.items[0].name }}",
        )
    )
    assert compiled.names == {"eventKey", "order", "contact"}
    assert compiled.paths == {
        "eventKey",
        "order.items",
        "order.totalCost",
        "order.currency",
        "contact.firstName",
        "contact.language",
        "order.additionalInfo",
        "order.items.0.name",
    }


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("<p>\n{% if x %}", None, "expected tag endif"),
        ("<p>\n\n{{ x | moneey }}", 3, "moneey"),
        ("{% endfor %}", 1, "endfor"),
        ("a\n{{ x", 2, "{{ without }}"),
        ("a\n{% raw %}{{ x }}", 2, "{% raw %} without its end"),
        ("{% include 'other' %}", 1, "include"),
        ("{% render 'other' %}", 1, "render"),
    ],
)
def test_a_mistake_is_an_error_with_its_line(source: str, line: int | None, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        rendered(html=source)
    assert (caught.value.part, caught.value.line) == ("html", line)
    assert message in str(caught.value)


def test_an_odd_value_fails_with_its_place() -> None:
    with pytest.raises(TemplateError) as caught:
        shown("\n{{ 5 | divided_by: zero }}", zero=0)
    assert (caught.value.part, caught.value.line, caught.value.message) == ("text", 2, "division by zero")


def test_a_template_keeps_no_trace_of_the_render_before() -> None:
    compiled = CompiledTemplate(Template(name="x", text="{% increment n %}{{ x }}{% assign x = 5 %}"))
    assert [compiled.render({}).text for _ in range(2)] == ["0", "0"]


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Order ${externalOrderId} of ${ total }", "Order A-7 of 10.5"),
        ("${missing}|${none}", "|"),
        ("${nested} ${list} ${yes}", '${total} [1, "б"] true'),
        ("$total {{ total }} ${} $${total}", "$total {{ total }} ${} $10.5"),
    ],
)
def test_step_fields_are_filled_with_event_parameters(text: str, filled: str) -> None:
    params = {
        "externalOrderId": "A-7",
        "total": 10.5,
        "none": None,
        "nested": "${total}",
        "list": [1, "б"],
        "yes": True,
    }
    assert fill(text, params) == filled
