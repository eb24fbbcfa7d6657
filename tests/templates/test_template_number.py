"""Arithmetic is exact, whatever a number comes as."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from automation.template import TemplateError
from tests.templates.builders import shown

_AMOUNTS = st.decimals(min_value=-(10**9), max_value=10**9, places=2)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("price | times: 3", "59.70"),
        ("price | plus: 0.1", "20.00"),
        ("price | minus: '19.9'", "0.00"),
        ("price | divided_by: 2", "9.95"),
        ("7 | divided_by: 2", "3"),
        ("-7 | modulo: 3", "2"),
        ("price | round", "20"),
        ("2.345 | round: 2", "2.35"),
        ("2.5 | round", "3"),
        ("price | ceil", "20"),
        ("price | floor", "19"),
        ("-5 | abs", "5"),
        ("price | at_most: 10", "10"),
        ("price | at_least: 30", "30"),
        ("'12' | plus: '3'", "15"),
        ("'x' | plus: 1", "1"),
        ("true | plus: 1", "2"),
        ("items | sum: 'cost'", "30.50"),
        ("numbers | sum", "6"),
    ],
)
def test_numbers_come_out_exact(expression: str, text: str) -> None:
    facts: dict[str, Any] = {
        "price": Decimal("19.90"),
        "items": [{"cost": Decimal("10.50")}, {"cost": "20.00"}, {}],
        "numbers": [1, 2, 3],
    }
    assert shown(f"{{{{ {expression} }}}}", **facts) == text


@settings(deadline=None)
@given(_AMOUNTS, _AMOUNTS)
def test_sums_of_money_lose_no_cent(left: Decimal, right: Decimal) -> None:
    assert Decimal(shown("{{ left | plus: right }}", left=left, right=right)) == left + right


@settings(deadline=None)
@given(st.text(max_size=20), st.sampled_from(["plus: 1", "times: 2", "round: 2", "ceil", "modulo: 7", "divided_by: 3"]))
@example("1E100", "plus: 1")
def test_no_text_breaks_arithmetic(text: str, step: str) -> None:
    try:
        shown(f"{{{{ text | {step} }}}}", text=text)
    except TemplateError as error:  # a text may spell a number that is too large
        if "a number beyond 10^30" not in str(error):
            raise
