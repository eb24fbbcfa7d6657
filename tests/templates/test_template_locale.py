"""Money and dates, as the contact reads them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from automation.template import CompiledTemplate, Template
from tests.templates.builders import shown

_KYIV = {"language": "uk", "timeZone": "Europe/Kyiv"}


def _plain(text: str) -> str:
    """No-break spaces of CLDR as spaces."""
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("language", "amount", "currency", "text"),
    [
        ("en", Decimal("1234.5"), "USD", "$1,234.50"),
        ("uk", Decimal("1234.5"), "UAH", "1 234,50 ₴"),
        ("uk-UA", 1234, "UAH", "1 234,00 ₴"),
        ("de_DE", "19.90", "EUR", "19,90 €"),
        ("ja", 1500, "JPY", "¥1,500"),
        ("xx", Decimal(5), "usd", "$5.00"),
        (None, Decimal(5), "EUR", "€5.00"),
        ("../../etc", Decimal(5), "EUR", "€5.00"),
        ("en", Decimal("1234.5"), "no currency", "1,234.50"),
        ("en", "on request", "EUR", "on request"),
        ("en", "NaN", "EUR", "NaN"),
        ("en", "1e99999999", "EUR", "1e99999999"),
    ],
)
def test_money_reads_as_in_the_contacts_language(language: str, amount: Any, currency: str, text: str) -> None:
    source = "{{ order.totalCost | money: order.currency }}"
    found = shown(source, order={"totalCost": amount, "currency": currency}, contact={"language": language})
    assert _plain(found) in {text, text.replace("¥", "￥")}


def test_money_without_a_currency_is_in_that_of_the_order() -> None:
    assert shown("{{ 5 | money }}", order={"currency": "GBP"}) == "£5.00"


def test_money_without_any_currency_is_a_number() -> None:
    assert shown("{{ 5 | money }}", contact=None) == "5.00"


@pytest.mark.parametrize(
    ("moment", "pattern", "text"),
    [
        ("2026-11-02T23:30:00+00:00", "%d.%m.%Y %H:%M", "03.11.2026 01:30"),
        ("2026-11-02T23:30:00.1234567Z", "%d.%m.%Y", "03.11.2026"),
        ("2026-11-02T23:30:00", "%d.%m.%Y", "02.11.2026"),
        ("2026-11-02", "%d.%m.%Y", "02.11.2026"),
        (date(2026, 11, 2), "%d.%m.%Y", "02.11.2026"),
        (datetime.fromisoformat("2026-11-02T23:30:00+00:00"), "%H:%M", "01:30"),
        (1793662200, "%d.%m.%Y", "03.11.2026"),
        ("2026-11-02", "long", "2 листопада 2026 р."),
        ("2026-11-02", "short", "02.11.26"),
        ("2026-11-02", "%A, %d %B, 100%%", "понеділок, 02 листопада, 100%"),
        ("soon", "%d", "soon"),
        ("", "%d", ""),
    ],
)
def test_a_date_reads_as_in_the_contacts_zone_and_language(moment: object, pattern: str, text: str) -> None:
    assert _plain(shown("{{ moment | date: pattern }}", moment=moment, pattern=pattern, contact=_KYIV)) == text


@pytest.mark.parametrize("zone", [None, "", "Nowhere/Land", "../../etc/passwd"])
def test_without_a_zone_the_offset_of_the_moment_stays(zone: str | None) -> None:
    source = "{{ '2026-11-02T23:30:00+05:00' | date: '%H:%M' }}"
    assert shown(source, contact={"timeZone": zone}) == "23:30"


def test_who_told_neither_language_nor_zone_reads_those_of_the_account() -> None:
    template = CompiledTemplate(
        Template(name="sample", text="{{ order.date | date: 'long' }} {{ order.totalCost | money: 'UAH' }}")
    )
    order = {"date": "2026-11-02T23:30:00+00:00", "totalCost": Decimal("1234.5")}
    told = {"language": "en", "timeZone": "UTC"}
    unknown, known = (
        template.render({"order": order, "contact": contact}, "uk", "Europe/Kyiv").text for contact in ({}, told)
    )
    assert _plain(unknown) == "3 листопада 2026 р. 1 234,50 ₴"
    assert _plain(known) == "November 2, 2026 UAH 1,234.50"


def test_now_is_a_moment() -> None:
    assert shown("{{ 'now' | date: '%Y' }}").isdecimal()
