"""The file format: front matter, then the body."""

import pytest

from automation.template import Template, TemplateError, parse_template


def test_an_html_file_has_front_matter_and_a_body() -> None:
    source = "---\nsubject: 'Hi {{ order.id }}'\nstrict: true\ntext: |\n  Hello\n  there\n---\n<p>Hello</p>\n"
    assert parse_template("hello.html", source) == Template(
        name="hello", subject="Hi {{ order.id }}", html="<p>Hello</p>\n", text="Hello\nthere\n", strict=True
    )


def test_the_body_of_a_text_file_is_the_text_part() -> None:
    assert parse_template("code.txt", "---\nstrict: true\n---\nYour code\n") == Template(
        name="code", text="Your code\n", strict=True
    )


def test_a_name_without_suffix_is_html() -> None:
    assert parse_template("order-delivered", "<p>x</p>") == Template(name="order-delivered", html="<p>x</p>")


def test_a_name_may_hold_dots() -> None:
    assert parse_template("v1.2", "<p>x</p>").name == "v1.2"


def test_an_html_file_may_hold_a_text_part_alone() -> None:
    assert parse_template("sms.html", "---\ntext: Hello\n---\n").html is None


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_and_a_byte_order_mark_do_not_matter(end: str) -> None:
    template = parse_template("x.html", "\ufeff" + end.join(("---", "subject: Hi", "---", "<p>x</p>", "---", "")))
    assert template.subject == "Hi"
    assert template.html == f"<p>x</p>{end}---{end}"


@pytest.mark.parametrize(
    ("source", "part", "line"),
    [
        ("---\nsubject: {{ order.id }} is here\n---\n<p>x</p>", "file", 2),
        ("---\nsubjekt: Hi\n---\n<p>x</p>", "file", None),
        ("---\n- Hi\n---\n<p>x</p>", "file", None),
        ("---\nsubject: [Hi]\n---\n<p>x</p>", "subject", None),
        ("---\nsubject: Hi\n---\n \n", "file", None),
        ("", "file", None),
        (f"<p>{'x' * 300_000}</p>", "html", None),
    ],
)
def test_a_bad_file_is_an_error_with_its_place(source: str, part: str, line: int | None) -> None:
    with pytest.raises(TemplateError) as caught:
        parse_template("hello.html", source)
    assert (caught.value.template, caught.value.part, caught.value.line) == ("hello", part, line)
