"""HTML as text to read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.template_text import _read, strip_tags, text_of_html

_PIECES = [
    *(
        "<p>",
        "</p>",
        "<a href='https://x.test/1'>",
        '<A HREF="http://y">',
        "<a>",
        "</a>",
        "<b>",
        "</b>",
        "<br>",
        "<br/>",
    ),
    *(
        "<td>",
        "</td>",
        "<li>",
        "<div style='display:none'>",
        "</div>",
        "<div>",
        '<img alt="I">',
        "<hr>",
        "<h1>",
        "</h1>",
    ),
    *(
        "<html>",
        "<head>",
        "</head>",
        "</head >",
        "<title>",
        "</title>",
        "<style>",
        "</style>",
        "<body>",
        "<meta charset=x>",
    ),
    *(
        " ",
        "\n",
        "x",
        "y z",
        " a",
        "b ",
        "&amp;",
        "&nbsp;",
        "none",
        "<!-- c -->",
        "<!--",
        "-->",
        "<!doctype html>",
        "<?x?>",
    ),
    *("<", "'", '"', ">", "<p title='a > b'>", '<p title="', "<abbr>", "<area href=z>", "<a\n>", "<title/>"),
]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<h1>Hello</h1><p>One\n  two</p><p>Three</p>", "Hello\n\nOne two\n\nThree\n"),
        ("<div>One</div><div>Two<br>Three<br><br>Four</div>", "One\nTwo\nThree\n\nFour\n"),
        ("<p>A <a href='https://x.test/?a=1&amp;b=2'>link</a>.</p>", "A link (https://x.test/?a=1&b=2).\n"),
        ('<a href="https://x.test"><img src="x.png" alt="Shop"></a>', "Shop (https://x.test)\n"),
        ('<a href="https://x.test"><img src="x.png"></a> y', "https://x.test y\n"),
        ("<a href=https://x.test>https://x.test</a>", "https://x.test\n"),
        ("<a href='mailto:a@x.test'>Write</a> <a href='#top'>Up</a> <a>None</a>", "Write Up None\n"),
        ("<a href='https://x.test'>One <a href='https://y.test'>Two", "One (https://x.test) Two (https://y.test)\n"),
        (
            "<table>\n <tr>\n <th>Item</th> <th>Cost</th>\n </tr>\n<tr><td>Tea</td><td></td><td>5</td></tr></table>",
            "Item  Cost\nTea  5\n",
        ),
        ("<ul><li>One</li><li>Two</li></ul>", "- One\n- Two\n"),
        ("<head><title>T</title><style>p { color: red }</style></head><body>B</body>", "B\n"),
        ("<script>if (a < b) { document.write('<p>x</p>') }</script>B", "B\n"),
        ("A<!-- B --><!doctype html><?xml ?>C", "AC\n"),
        ("<div style='display: none'>No <b>no</b><br><p>no</div>Yes", "Yes\n"),
        ("<a style='text-decoration:none' href='https://x.test'>Yes</a>", "Yes (https://x.test)\n"),
        ("5 &lt; 6 &amp; 7 &euro; &#8364; &nope; AT&T", "5 < 6 & 7 € € &nope; AT&T\n"),
        ("a < b <c", "a < b <c\n"),
        ("<p title='a > b'>x</p>", "x\n"),
        ("<p title='a > b>x", "b>x\n"),
        ("", ""),
        ("<p> </p>", ""),
    ],
)
def test_html_reads_as_text(html: str, text: str) -> None:
    assert text_of_html(html) == text


@settings(deadline=None)
@given(st.text(alphabet="<>/!-?abp '\"=&;#\n", max_size=200))
def test_any_markup_becomes_text(html: str) -> None:
    assert not text_of_html(html).startswith((" ", "\n"))
    strip_tags(html)


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="<&"), min_size=1))
def test_text_without_markup_stays(text: str) -> None:
    assert text_of_html(f"<p>{text}</p>") == f"{text}\n"
    assert strip_tags(f"<b>{text}</b>") == text


@settings(deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=14))
def test_ordinary_markup_reads_the_same_the_quick_and_the_thorough_way(pieces: list[str]) -> None:
    html = "".join(pieces)
    assert text_of_html(html) == _read(html).text()
