"""What is done when a template is published: MJML compiled, CSS inlined, nothing read or fetched."""

import pytest

from api.wire.order import ITEM_FIELDS as WIRE_ITEM_FIELDS
from automation.template import CompiledTemplate, Rendered, Template, TemplateError, Variant
from automation.template_lint import Severity, lint
from automation.template_ready import prepare
from core.document import ITEM_FIELDS

_MJML = """<mjml><mj-body>{% if contact.firstName %}<mj-section background-color="{{ color | default: "#eee" }}">
<mj-column>{% for item in order.items %}<mj-text>{{ item.name }}{% if item.n < 2 %}, few{% endif %}</mj-text>
{% endfor %}</mj-column></mj-section>{% endif %}</mj-body></mjml>"""
_ITEMS = {"order": {"items": [{"name": "<Tea>", "n": 1}, {"name": "Cup", "n": 5}]}, "contact": {"firstName": "Anna"}}


def _rendered(facts: dict[str, object] | None = None, default: str | None = None, **parts: object) -> Rendered:
    return CompiledTemplate(prepare(Template.model_validate({"name": "x", **parts}))).render(facts or {}, default)


def test_mjml_becomes_html_with_its_liquid_in_its_places() -> None:
    made = _rendered(_ITEMS, mjml=_MJML)
    assert made.text == "<Tea>, few\nCup\n"
    assert made.html is not None
    assert "&lt;Tea&gt;" in made.html
    assert 'bgcolor="#eee"' in made.html
    assert "https://fonts" not in made.html
    assert _rendered({}, mjml=_MJML).text == ""


@pytest.mark.parametrize(
    ("mjml", "said"),
    [
        ("<mjml><mj-body><mj-include path='/etc/passwd'/></mj-body></mjml>", "reads files"),
        ("<mjml><mj-body><mj-text>", "unexpected end"),
        ("<mjml><mj-body>" + "<mj-section>" * 20_000, "deep"),
        ("<mjml><mj-body></mj-body></mjml>{{ order.total }}", "unable to parse"),
        ("<mjml><mj-body>\n{% if %}</mj-body></mjml>", "line 2, column"),
        ("<p>x</p>", "unexpected token"),
    ],
)
def test_mjml_that_cannot_be_compiled_is_an_error(mjml: str, said: str) -> None:
    with pytest.raises(TemplateError, match=said):
        prepare(Template(name="x", mjml=mjml))


def test_mjml_cannot_be_sent_before_it_is_compiled() -> None:
    with pytest.raises(TemplateError, match="not prepared"):
        CompiledTemplate(Template(name="x", mjml=_MJML)).render({})


def test_rules_are_written_into_the_elements_and_the_source_stays() -> None:
    source = (
        "<style>.a { color: red } .b { margin: 0 } td { padding: 1px } @media print { .a { color: green } }</style>"
        '<table>{% for i in order.items %}<tr><td class="a {% if i.n < 2 %}b{% endif %}" style="top: {{ i.n }}">'
        "{{ i.name }}</td><td {% if i.n %}class='b'{% endif %}></td></tr>{% endfor %}</table><!-- <p class=b> -->"
    )
    ready = prepare(Template(name="x", html=source))
    assert ready.html == source.replace('style="top', 'style="padding: 1px;color: red;top', 1).replace(
        "<td {% if", '<td style="padding: 1px;" {% if', 1
    )
    assert prepare(Template(name="x", html=source, inline_css=False)).html == source


def test_no_file_is_read_for_a_stylesheet() -> None:
    source = "<style>@import url('file:///etc/passwd');</style><link rel=stylesheet href=file:///etc/passwd><p>x</p>"
    assert prepare(Template(name="x", html=source)).html == source


@pytest.mark.parametrize("source", ["<div>" * 50_000, "<!--" * 50_000, "<style>" * 30_000, '<a "' * 50_000])
def test_markup_that_runs_away_is_an_error_or_stays(source: str) -> None:
    try:
        prepare(Template(name="x", html=f"<style>p{{color:red}}</style>{source}"))
    except TemplateError as error:
        assert "more than" in error.message  # noqa: PT017 - either is right


@pytest.mark.parametrize(
    ("language", "default", "text"),
    [
        ("uk", None, "Привіт"),
        ("uk-UA", "de", "Привіт"),
        ("UK_ua", None, "Привіт"),
        ("fr", "de", "Hallo"),
        (None, "de", "Hallo"),
        ("en-GB", "de", "Hello"),
        ("fr", None, "Hello"),
        ("fr", "es", "Hello"),
    ],
)
def test_the_contact_reads_their_language_or_the_accounts(language: str | None, default: str | None, text: str) -> None:
    parts = {"text": "Hello", "language": "en", "subject": "S", "locales": {"uk": {"text": "Привіт"},
             "de": {"text": "Hallo", "subject": "Betreff"}}}  # fmt: skip
    made = _rendered({"contact": {"language": language}}, default, **parts)
    assert (made.text, made.subject) == (text, "Betreff" if text == "Hallo" else "S")


def test_a_mistake_in_another_language_says_which() -> None:
    template = Template(name="x", text="Hello", locales={"uk": Variant(text="a\n {% nope %}")})
    with pytest.raises(TemplateError, match=r"x \(uk\), text, line 2, column \d+: .*nope"):
        prepare(template)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("<p>\n{{ order.totalCots }}", "html, line 2, column 4: order has no 'totalCots', did you mean 'totalCost'?"),
        ("{{ contact.firstname }}", "html, line 1, column 4: contact has no 'firstname', did you mean 'firstName'?"),
        (
            "{% for item in order.items %}{{ item.name }}{{ item.nmae }}{% endfor %}",
            "html, line 1, column 48: an item of an order has no 'nmae', did you mean 'name'?",
        ),
        (
            "{{ order.items[0].nmae }}{{ order.items.first.name }}",
            "html, line 1, column 4: an item of an order has no 'nmae', did you mean 'name'?",
        ),
        ("{{ ordr.date }}", "html, line 1, column 4: unknown name 'ordr': did you mean 'order'?"),
    ],
)
def test_an_unknown_field_is_told_with_the_nearest_known_one(source: str, said: str) -> None:
    assert [str(one) for one in lint(Template(name="x", html=source), marketing=False)] == [f"warning: {said}"]


def test_an_element_that_mjml_does_not_know_is_told_with_the_nearest_one() -> None:
    mjml = _MJML.replace("<mj-column>", "<mj-column><mj-txt>Hello</mj-txt><mj-carousel-image/>", 1)
    found = lint(Template(name="x", mjml=mjml, locales={"uk": Variant(mjml=_MJML)}), marketing=False)
    assert [str(one) for one in found if one.code == "unknown_element"] == [
        "warning: mjml, line 2, column 34: 'mj-carousel-image' stands where MJML knows no such element",
        "warning: mjml, line 2, column 12: MJML has no element 'mj-txt', did you mean 'mj-text'?",
    ]


def test_an_unknown_filter_is_an_error_with_the_nearest_known_one() -> None:
    found = lint(Template(name="x", text="a\n{{ 5 | moneey }}"), marketing=False)
    assert [(one.severity, one.line) for one in found] == [(Severity.ERROR, 2)]
    assert "did you mean 'money'?" in found[0].message


def test_an_item_is_one_of_the_order_and_not_what_another_loop_calls_so() -> None:
    source = (
        "{% for item in order.items %}{% if item.extra.sku %}{{ item['imageUrl'] }}{% endif %}"
        "{% for item in event.gifts %}{{ item.ribbon }}{% endfor %}{{ forloop.index }}{% endfor %}{{ item.ribbon }}"
    )
    assert lint(Template(name="x", html=source), marketing=False) == []
    assert WIRE_ITEM_FIELDS | {"extra"} == ITEM_FIELDS


def test_what_is_known_and_parameters_of_events_are_no_findings() -> None:
    source = "{{ order.items.size }}{{ event.coupon }}{{ coupon }}{{ contact.fields.size }}{{ externalOrderId }}"
    assert lint(Template(name="x", html=source), marketing=False) == []


def test_a_syntax_error_is_told_with_line_and_column() -> None:
    found = lint(Template(name="x", html="x\n  {% if %}"), marketing=True)
    assert [(one.severity, one.line, one.column) for one in found] == [(Severity.ERROR, 2, 6)]


def test_marketing_needs_a_link_to_unsubscribe_in_each_language() -> None:
    link = "<a href='{{ unsubscribe_url }}'>x</a>"
    template = Template(name="x", html=link, locales={"uk": Variant(html="<p>y</p>")})
    assert [(one.code, one.locale) for one in lint(template, marketing=True)] == [("no_unsubscribe_link", "uk")]
    assert lint(template, marketing=False) == []
