"""Velocity of the original platform, in Liquid."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.template import CompiledTemplate, Template, TemplateError
from automation.velocity import convert
from tests.templates.builders import rendered, shown

_EVENT = {"name": "Анна", "total": 120, "paid": False, "items": [{"name": "Tea", "tags": ["a"]}, {"name": "Cup"}]}


@pytest.mark.parametrize(
    ("velocity", "text"),
    [
        ("$!data.get('name')", "Анна"),
        ('$data.get("name"), hello', "Анна, hello"),
        ("$!{name}x", "Аннаx"),
        ("$name.", "Анна."),
        ("${data.name}", "Анна"),
        ("$!data.get('no such')|", "|"),
        ("$data.get('items').get(1).get('name') $items[0].name $items.get(0).getName()", "Cup Tea Tea"),
        ("$data.get('items').size()", "2"),
        ("#foreach($i in $items)$foreach.count. $i.get('name')#if($foreach.hasNext), #end#end", "1. Tea, 2. Cup"),
        ("#foreach( $n in [1..3] )$n#end", "123"),
        ("#if($total > 100)A#elseif($total > 50)B#else C#end", "A"),
        ("#if($total < 100)A#elseif($total >= 120)B#{else}C#{end}", "B"),
        ("#if(!$paid)owes#end", "owes"),
        ("#if($paid || $total == 120 && $name != '')y#end", "y"),
        ("#if(!($paid && $nothing))y#end", "y"),
        ("#if(($paid || $total) && $name)y#end", "y"),
        ("#if($data.get('items').isEmpty())none#{else}some#end", "some"),
        ("#set($sum = $total * 2 + 1)$sum", "241"),
        ("#set( $greeting = 'Dear ' + $name )$greeting", "Dear Анна"),
        ("$name.toUpperCase() $name.substring(0, 2)", "АННА Ан"),
        ("## a note\nx#* another\n*#y #[[ $raw]]#", "xy  $raw"),
        ("%FIRSTNAME|there% %LASTNAME%", "there Petrenko"),
        ("%FIRSTNAME|it's%", "it's"),
        (r"\$name: $5, 100% of {{ x }} {% if %} #fff #ends $", "$name: $5, 100% of {{ x }} {% if %} #fff #ends $"),
        ("{$name}", "{Анна}"),
        ("{{$name}}", "{{Анна}}"),
    ],
)  # fmt: skip
def test_it_shows_what_the_original_showed(velocity: str, text: str) -> None:
    made = convert(velocity)
    assert made.left == []
    assert shown(made.text, event=_EVENT, contact={"lastName": "Petrenko"}) == text


@pytest.mark.parametrize(
    ("velocity", "line", "what"),
    [
        ("a\n$x.foo(1, 2)", 2, "$x.foo(1, 2): the method foo with 2 arguments has no counterpart"),
        ("\n\n#macro(hi)x#end", 3, "#macro(hi): #macro has no counterpart"),
        ("a\n#greet($x)", 2, "#greet(: calls a macro that is not defined here"),
        ("x\n#if(($a && $b) || ($c && $d))x#end", 2, "Liquid has no parentheses"),
        ("#if($name.toUpperCase() == 'X')x#end", 1, "set a variable first"),
        ("\n#if($a)x", 2, "#if without #end"),
        ("x#end", 1, "#end without a beginning"),
        ("%NICKNAME|you%", 1, "no such field is known"),
        ("#set($x = ['a', 'b'])", 1, "a list written out"),
        ("#if($a", 1, "its parentheses do not close"),
        ('$x.get("a $b")', 1, "text with references in it"),
    ],
)
def test_what_cannot_be_converted_is_told_with_its_line(velocity: str, line: int, what: str) -> None:
    first = convert(velocity).left[0]
    assert first.line == line
    assert what in first.what


def test_what_cannot_be_converted_shows_nothing() -> None:
    source = "a$x.foo(1)b#set($y = [1, 2])c#if($x.foo())d#{else}e#end#foreach($i in $x.foo())f#end"
    assert rendered({"x": "1"}, text=convert(source).text).text == "abce"


def test_a_macro_shows_nothing_neither_where_it_is_made_nor_where_it_is_called() -> None:
    made = convert("a#macro(hi $n)Hello, $n#end\nb#hi('you')c #hi($x)")
    assert rendered({"x": "1"}, text=made.text).text == "a\nbc "
    assert [str(one) for one in made.left] == [
        "line 1: #macro(hi $n): #macro has no counterpart",
        "line 2: #hi('you'): #hi has no counterpart",
        "line 2: #hi($x): #hi has no counterpart",
    ]
    assert rendered({}, text=convert("No #42(a) and #x(b)").text).text == "No #42(a) and #x(b)"


def test_an_html_page_goes_through_unharmed() -> None:
    page = "<style>a { color: #fff; width: 100% } @media { b {} }</style><a href='#top' title=\"5 $\">%D0%A1</a>"
    made = convert(page)
    assert (made.text, made.left) == (page, [])


_PIECES = st.sampled_from(
    ["#if(", "#elseif(", "#else", "#end", "#foreach($i in ", "#set($x = ", "#macro(", "$x", "$!{x", "}", "$data.get('",
     "(", ")", "[", "]", "[1..", "..", ".", "'", '"', "{", "{{", "{%", "%}", "}}", "%FIRSTNAME|", "%", "&&", "||", "!",
     "==", "-", "1", "\\", "#[[", "]]#", "#*", "*#", "##", "\n", " ", "name", ".size()", ".get(", "not", "raw",
     "$foreach.hasNext"]
)  # fmt: skip


@settings(max_examples=200, deadline=None, database=None)
@given(st.lists(_PIECES | st.text(max_size=3), max_size=40).map("".join))
def test_whatever_comes_becomes_liquid_or_the_report_says_why(source: str) -> None:
    made = convert(source)
    try:
        CompiledTemplate(Template(name="x", text=made.text))
    except (TemplateError, ValueError):
        assert any(left.line is None for left in made.left)


@pytest.mark.parametrize(
    "piece", ["$x.", "#if(", "#[[", "#*", "$x(", "((", "!", "$x.get(", "%FIRSTNAME|", "{", "#foreach($i in $l)"]
)
def test_large_sources_end(piece: str) -> None:
    assert convert(piece * 1_500).text
