"""Money and dates as the contact reads them: in the language and the zone of `contact`, else of the account."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, DecimalException
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from liquid import RenderContext
from liquid.exceptions import FilterArgumentError
from liquid.filter import with_context

from core.money import spell_money

_LANGUAGE, _ZONE = " language", " zone"
"""Of the account, among the names of a render: no template can write them."""
_CURRENCY = re.compile(r"[A-Z]{3}")
_LARGEST = Decimal(10) ** 18
_LONGEST_PATTERN = 100
_NAMED = frozenset({"short", "medium", "long", "full"})
_WORDS = {"%A": "EEEE", "%a": "EEE", "%B": "MMMM", "%b": "MMM", "%p": "a"}
"""Parts of a pattern that are words, and how CLDR calls them."""
_WORD = re.compile("%%|" + "|".join(_WORDS))


@with_context
def money(value: object, currency: object = None, *, context: RenderContext) -> str:
    """`{{ order.totalCost | money: order.currency }}`; without a currency the order's.

    What is no amount stays as it is.
    """
    text = str(value)
    try:
        amount = Decimal(text)
    except DecimalException:
        return text
    if not (amount.is_finite() and -_LARGEST < amount < _LARGEST):
        return text
    code = str(currency or _fact(context, "order", "currency") or "").upper()
    return _spell(amount, code, _language(context))


@with_context
def day(value: object, pattern: object = "medium", *, context: RenderContext) -> str:
    """`{{ order.date | date: "long" }}`: short, medium, long, full, or a pattern such as `%d.%m.%Y`.

    A moment is shown in the contact's zone, else in the account's. What is no date stays as it is.
    """
    moment = _moment(value)
    if moment is None:
        return str(value)
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        own = _zone(str(_fact(context, "contact", "timeZone") or ""))
        moment = moment.astimezone(own or _zone(str(_found(context, _ZONE) or "")) or moment.tzinfo)
    language = _language(context)
    form = str(pattern)
    if form in _NAMED:
        return _spell_day(moment.date() if isinstance(moment, datetime) else moment, form, language)
    if len(form) > _LONGEST_PATTERN:
        raise FilterArgumentError("a date pattern of more than 100 characters", token=None)
    plain = moment if isinstance(moment, datetime) else datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001  a day has no zone
    return plain.strftime(_WORD.sub(lambda match: _word(match[0], plain, _locale(language)), form))


def account_facts(language: str | None, zone: str | None) -> dict[str, str]:
    """What `money` and `date` go by for contacts of whom it is not known."""
    return {name: value for name, value in ((_LANGUAGE, language), (_ZONE, zone)) if value}


def load_language(facts: Mapping[str, Any]) -> None:  # Any: facts are any JSON
    """Read what is known of the contact's language before a render is timed: the first time may take long."""
    contact = facts.get("contact")
    language = contact.get("language") if isinstance(contact, Mapping) else None
    _load(str(language or facts.get(_LANGUAGE) or ""))


@lru_cache(maxsize=256)
def _load(language: str) -> None:
    _spell(Decimal(1), "EUR", language)
    _spell_day(date(2026, 1, 1), "medium", language)


@lru_cache(maxsize=8192)
def _spell(amount: Decimal, code: str, language: str) -> str:
    """Kept, because the prices of a shop come again and again, and this is a quarter of a render."""
    locale = _locale(language)
    if not _CURRENCY.fullmatch(code):
        return format_decimal(amount, "#,##0.00", locale=locale)
    return spell_money(amount, code, locale)


@lru_cache(maxsize=1024)
def _spell_day(moment: date, form: str, language: str) -> str:
    return format_date(moment, form, locale=_locale(language))


LOCALE_FILTERS: dict[str, Callable[..., Any]] = {"money": money, "date": day}  # Any: liquid calls with what it finds


def _word(directive: str, moment: datetime, locale: Locale) -> str:
    if directive == "%%":
        return directive
    return format_datetime(moment, _WORDS[directive], locale=locale).replace("%", "%%")


def _moment(value: object) -> datetime | date | None:
    if isinstance(value, datetime | date):
        return value
    text = str(value).strip()
    try:
        if text in {"now", "today"}:
            return datetime.now(UTC)
        if isinstance(value, int) or (text.isdecimal() and len(text) > len("20260131")):
            return datetime.fromtimestamp(int(text), UTC)
        return datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None


def _language(context: RenderContext) -> str:
    return str(_fact(context, "contact", "language") or _found(context, _LANGUAGE) or "")


def _fact(context: RenderContext, name: str, field: str) -> object:
    facts = _found(context, name)
    return facts.get(field) if isinstance(facts, Mapping) else None


def _found(context: RenderContext, name: str) -> object:
    for mapping in context.scope._maps:  # noqa: SLF001 # asked for each price; liquid's own raises for each that lacks it
        if name in mapping:
            return mapping[name]
    return None


@lru_cache(maxsize=256)
def _locale(language: str) -> Locale:
    """The locale of `uk`, `uk-UA` or `uk_UA`; English for one that nobody knows."""
    try:
        return Locale.parse(language.replace("-", "_"))
    except (ValueError, UnknownLocaleError, TypeError):
        return Locale("en")


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError, KeyError):
        return None
