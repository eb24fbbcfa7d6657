"""The templates that ship work out of the box."""

import re
from pathlib import Path
from typing import Any

import pytest

from automation.template import CompiledTemplate, Rendered, parse_template
from tests.templates.builders import facts

_FOLDER = Path(__file__).parents[2] / "examples" / "templates"
_NAMES = sorted(path.name for path in _FOLDER.iterdir())
_STATUS = [name for name in _NAMES if name.startswith("order-")]
_UNASKED = [*_STATUS, "confirm-address.html"]
"""Nobody can unsubscribe from these."""


def _rendered(name: str, context: dict[str, Any]) -> Rendered:  # Any: facts are any JSON
    return CompiledTemplate(parse_template(name, (_FOLDER / name).read_text(encoding="utf-8"))).render(context)


def test_every_recipe_has_its_template() -> None:
    assert {Path(name).stem for name in _NAMES} >= {
        *("order-initialized", "order-in-progress", "order-delivered", "order-cancelled", "review-request"),
        *("abandoned-cart-1", "abandoned-cart-2", "abandoned-cart-3", "nps", "replenishment", "win-back"),
        "cancelled-feedback",
    }


@pytest.mark.parametrize("name", _NAMES)
def test_it_greets_by_name_and_shows_the_items(name: str) -> None:
    mail = _rendered(name, facts())
    assert "Hello, Анна!" in mail.text
    if name not in {"nps.html", "confirm-address.html"}:
        assert "Coffee & beans <2>" in mail.text
        assert mail.html is not None
        assert "Coffee &amp; beans &lt;2&gt;" in mail.html
        assert 'href="https://shop.test/p/2?a=1&amp;b=2"' in mail.html


@pytest.mark.parametrize("name", _NAMES)
def test_it_reads_well_when_little_is_known(name: str) -> None:
    mail = _rendered(name, {"order": {"externalOrderId": "7"}, "contact": {"firstName": None}})
    assert mail.subject
    assert "Hello!" in mail.text
    assert not re.search(r" [,.!]|  |\(\)|None|Unsubscribe|\n\n\n", mail.text)


@pytest.mark.parametrize("name", _STATUS)
def test_a_status_mail_shows_the_amounts_in_the_contacts_language(name: str) -> None:
    text = " ".join(_rendered(name, facts()).text.split())
    assert "18,40 ₴" in text
    assert "Total 1 059,70 ₴" in text


@pytest.mark.parametrize("name", _NAMES)
def test_the_unsubscribe_link_is_where_it_belongs(name: str) -> None:
    text = _rendered(name, facts()).text
    assert ("Unsubscribe (https://shop.test/unsubscribe/7)" in text) == (name not in _UNASKED)
    assert "Read this e-mail in the browser (https://shop.test/view/7)" in text


@pytest.mark.parametrize("name", _NAMES)
def test_nothing_is_fetched_from_outside(name: str) -> None:
    source = (_FOLDER / name).read_text(encoding="utf-8")
    assert not re.search(r"<img|<link|<script|@import|url\(|https?://", source)


@pytest.mark.parametrize("name", [name for name in _NAMES if name.startswith("abandoned")])
def test_a_cart_can_be_restored(name: str) -> None:
    assert "(https://shop.test/cart/7)" in _rendered(name, facts()).text


@pytest.mark.parametrize("survey", ["https://s.test/q", "https://s.test/q?id=7"])
def test_the_question_links_to_the_survey_of_the_event(survey: str) -> None:
    context = facts()
    context["event"] = {**context["event"], "surveyUrl": survey}
    text = _rendered("nps.html", context).text
    assert f"10 ({survey}{'&' if '?' in survey else '?'}score=10)" in text
